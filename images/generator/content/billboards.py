"""Category billboard: on posts, at night, on bricks, at a bus stop, over a road."""

from dataclasses import replace
from functools import partial

from generator.catalogue import Sample
from generator.content.light import CLEAN, DAY, HAZY, LEAFY
from generator.photo import Shot
from generator.scenes.billboards import Advert, at_the_stop, guide_sign, on_bricks, on_posts


def samples() -> list[Sample]:
    """The category's pictures."""
    coffee = Advert(
        ("WAKE UP SLOW", "STAY WARM"),
        "Fresh roast every morning from 6 am",
        "Only $2.75",
        "www.bramblecup.example",
        ((246, 226, 190), (226, 178, 120)),
        (70, 36, 24),
        (168, 60, 36),
        picture="cup",
    )
    travel = Advert(
        ("Follow the sun", "this winter"),
        "Direct flights to 38 islands, twice a week",
        "From 149 EUR",
        "Call 0800 555 0142",
        ((28, 120, 168), (120, 200, 214)),
        (250, 250, 244),
        (246, 160, 40),
        "archivo",
    )
    outdoor = Advert(
        ("BIGGER HILLS", "LIGHTER BOOTS"),
        "Trail shoes that forgive every stone",
        "Now 30% off",
        "Exit 14, Mill Road",
        ((214, 222, 228), (160, 184, 200)),
        (26, 40, 58),
        (52, 92, 122),
        "bebas",
        "peaks",
    )
    bikes = Advert(
        ("RIDE TO WORK", "LEAVE THE QUEUE"),
        "City bikes for rent by the month",
        "29.90 / month",
        "pedalyard.example",
        ((250, 214, 70), (244, 186, 40)),
        (28, 28, 34),
        (30, 92, 72),
        "anton",
        "wheel",
    )
    cinema = Advert(
        ("The Last Orchard", "Opens Friday"),
        "A story about apples, rain and forgiveness",
        "7:30 pm",
        "Regal Lantern",
        ((36, 20, 44), (120, 44, 60)),
        (246, 232, 210),
        (220, 150, 60),
        "didone",
    )
    mural = Advert(
        ("FLOUR & SALT", "BAKERY"),
        "Bread, rolls and cakes since 1962",
        "Open 7 to 18",
        "24 Mason Street",
        ((228, 214, 180), (222, 204, 166)),
        (52, 60, 84),
        (150, 52, 44),
        "alfa",
        "sun",
    )
    rows = [("Harrowgate", "12"), ("Port Ellery", "38"), ("Stonebridge", "105")]
    night = replace(DAY, brightness=0.95, noise=4, vignette=0.3, light_fall=0.1)
    works = "ROAD WORK AHEAD 2 KM"
    paints = [
        ("test2.png", partial(on_posts, bikes, Shot((640, 480), (-14, -6, 1), CLEAN))),
        ("billboard_01.jpg", partial(on_posts, coffee, Shot((1280, 860), (20, -8, -1), DAY))),
        ("billboard_02.jpg", partial(on_posts, travel, Shot((1200, 800), (-26, -7, 2), HAZY))),
        ("billboard_03.jpg", partial(on_posts, outdoor, Shot((1024, 768), (8, -10, 1), night), night=True)),
        ("billboard_04.jpg", partial(on_bricks, mural, Shot((1200, 800), (24, 3, 1), LEAFY))),
        ("billboard_05.jpg", partial(at_the_stop, cinema, Shot((768, 1024), (-18, 2, 1), DAY))),
        ("billboard_06.jpg", partial(guide_sign, rows, works, Shot((1024, 700), (-14, -10, 1), HAZY))),
    ]
    return [Sample(name, "billboard", paint) for name, paint in paints]
