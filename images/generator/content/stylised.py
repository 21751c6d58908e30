"""Category stylised: ornamented lettering of many kinds."""

from functools import partial

from generator.catalogue import Sample
from generator.content.light import DAY, LEAFY, NIGHT, ROOM
from generator.photo import Shot
from generator.scenes.stylised import arcade, badge, chalkboard, graffiti, invitation, neon, shop_sign


def samples() -> list[Sample]:
    """The category's pictures."""
    pink, cyan, amber = (255, 60, 140), (60, 210, 255), (255, 170, 50)
    tubes = [
        ("Moonlight Diner", "pacifico", pink),
        ("OPEN ALL NIGHT", "righteous", cyan),
        ("Pie & Coffee", "yellowtail", amber),
    ]
    dishes = [
        ("Pumpkin soup", "4.50"),
        ("Grilled cheese & pickles", "6.80"),
        ("Mushroom pie", "8.20"),
        ("Roast carrots, mint", "5.40"),
        ("Apple crumble", "3.90"),
        ("Ginger lemonade", "2.60"),
    ]
    wedding = [
        ("Together with their families", "crimson-italic", 44),
        ("Rosalind & Casper", "vibes", 150),
        ("invite you to celebrate their wedding", "crimson-italic", 46),
        ("Saturday, 12 September", "vibes", 84),
        ("at half past three in the afternoon", "crimson", 42),
        ("The Orchard House, Millbrook", "crimson", 46),
    ]
    spray = [
        ("DREAM BIG", "bungee", (250, 220, 60), (236, 70, 60)),
        ("STAY WILD", "marker", (110, 230, 220), (40, 80, 190)),
    ]
    game = [
        ("STAR HARVEST", (255, 220, 60), 90),
        ("HI-SCORE 048250", (120, 240, 255), 48),
        ("1 PLAYER START", (255, 255, 255), 46),
        ("INSERT COIN", (255, 90, 120), 60),
        ("(C) 1987 ORBITRON", (160, 160, 220), 36),
    ]
    rose, forest = (
        ((92, 30, 44), (246, 222, 180), (222, 176, 96)),
        ((32, 62, 54), (244, 238, 216), (214, 180, 96)),
    )
    menu = ("Today's Menu", dishes, "ASK FOR GLUTEN FREE!")
    rim = ("MILLSTONE", "Golden Ale", "EST. 1894", "BREWERY")
    thread, teapot = (
        ("Thistle & Thread", "FINE HABERDASHERY", "1926"),
        ("The Velvet Teapot", "CAKES AND CURIOS", "No. 9"),
    )
    paints = [
        partial(neon, tubes, Shot((1024, 768), (-16, -6, 2), NIGHT)),
        partial(chalkboard, *menu, Shot((900, 1200), (12, -5, -2), DAY)),
        partial(invitation, wedding, Shot((1200, 900), (-6, -16, 3), ROOM)),
        partial(graffiti, spray, Shot((1100, 800), (-20, 4, 0), LEAFY)),
        partial(badge, rim, Shot((1000, 1000), (14, -4, 2), DAY)),
        partial(arcade, game, Shot((1000, 780), (-9, 5, -2), NIGHT)),
        partial(shop_sign, thread, "yellowtail", rose, Shot((1200, 820), (18, 6, 1), DAY)),
        partial(shop_sign, teapot, "vibes", forest, Shot((1024, 700), (-22, 7, -2), LEAFY)),
    ]
    return [
        Sample(f"stylised_{number:02d}.jpg", "stylised", paint)
        for number, paint in enumerate(paints, start=1)
    ]
