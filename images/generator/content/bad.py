"""The categories PP-OCR models read badly: slanted, stylised, tightly spaced, dense small text."""

from dataclasses import replace
from functools import partial

from numpy.random import Generator

from generator.canvas import Canvas, Colour
from generator.catalogue import Sample
from generator.content import prose
from generator.lettering import Style
from generator.photo import Exposure, Photo
from generator.scenes import books, dense, notices, stylised, tight
from generator.scenes.notices import Notice, Row
from generator.textures import asphalt, bricks, plaster

DAY = Exposure(blur=0.7, noise=4, light_angle=40, light_fall=0.3)
ROOM = Exposure(blur=0.8, noise=5, tint=(1.06, 0.98, 0.87), light_angle=150, light_fall=0.4, vignette=0.28)
LEAFY = Exposure(blur=0.7, noise=4, shadows=2, light_angle=25)
NIGHT = Exposure(blur=0.9, noise=7, light_fall=0.05, vignette=0.3)


def samples() -> list[Sample]:
    """Pictures of the bad categories."""
    return [*_slanted(), *_stylised(), *_missing_spaces(), *_dense()]


def _row(text: str, height: int, face: str, ink: Colour | None = None, gap: float = 1.0, tracking: float = 0) -> Row:
    return Row(text, height, Style(face, 10, tracking=tracking, word_gap=gap), ink)


def _slanted() -> list[Sample]:
    parking = Notice(
        (900, 1100),
        (_row("NO PARKING", 130, "sans-bold"), _row("Mon - Fri", 96, "sans-bold"), _row("8:00 - 18:30", 100, "sans"),
         _row("Tow away zone", 84, "sans")),
        (240, 240, 236), (176, 24, 30), border=16, rounding=50, holes=True,
    )
    lost = Notice(
        (820, 1060),
        (_row("LOST CAT", 130, "poppins-bold"), _row("grey, white paws,", 62, "poppins"),
         _row("answers to Biscuit", 64, "poppins"), _row("Reward 50 EUR", 74, "poppins-bold"),
         _row("555-0173 (evenings)", 60, "poppins")),
        (250, 246, 226), (34, 34, 40),
    )
    room = Notice(
        (760, 540), (_row("ROOM TO LET", 90, "marker"), _row("from 1 June", 66, "indie"), _row("call 555-0128", 66, "indie")),
        (252, 224, 120), (40, 44, 90),
    )
    choir = Notice(
        (900, 640), (_row("SPRING CONCERT", 90, "didone"), _row("Village choir", 62, "crimson-italic"),
                     _row("Sat 14 May, 7 pm", 64, "crimson-bold")),
        (214, 232, 222), (30, 70, 60), border=6,
    )
    fragile = Notice(
        (860, 760), (_row("FRAGILE", 170, "stencil"), _row("THIS SIDE UP", 100, "stencil"), _row("Net 12.5 kg", 70, "barlow")),
        (240, 238, 230), (30, 28, 30), 8, wear=0.03,
    )
    lot = Notice(
        (860, 760), (_row("TEA BOWLS", 120, "stencil"), _row("Lot 48-B", 96, "stencil"), _row("24 pcs. handle with care", 62, "barlow")),
        (186, 146, 100), (60, 36, 26), wear=0.03,
    )
    sale = Notice(
        (1900, 620), (_row("SUMMER SALE", 250, "anton"), _row("up to 60% off all garden chairs", 100, "poppins")),
        (206, 44, 40), (252, 248, 236), border=12, wear=0.03,
    )
    paperback = books.Book(
        ("Rain on", "Tin Roofs"), "poems 1998 to 2014", "OREN FALKHURST", "LOW TIDE EDITIONS",
        (206, 214, 208), (40, 60, 70), (190, 110, 70), "serif-bold", "frame",
    )
    board = [(lost, (1310, 1500), 31.0), (room, (2290, 1060), -24.0), (choir, (2260, 1930), 22.0)]
    grey_wall = partial(plaster, colour=(186, 186, 180))
    hung = partial(partial, notices.hung)
    steep = replace(DAY, motion=2.5, motion_angle=70)
    oak = books.wooden_table((164, 120, 80))
    paints = [
        ("slanted_01.jpg", hung([(parking, (1800, 1500), 0.0)], partial(bricks, colour=(168, 120, 96)),
                                (900, 900), (58, -6, 3), 0.62, DAY)),
        ("slanted_02.jpg", hung(board, notices.cork, (1200, 960), (4, -6, 0), 0.56, ROOM, pins=True)),
        ("slanted_03.jpg", partial(notices.carton, fragile, lot, (1100, 825), partial(plaster, colour=(150, 150, 150)), steep)),
        ("slanted_04.jpg", partial(books.on_a_table, [(paperback, (1500, 1500), -38.0)], oak,
                                   (1000, 1000), (-10, -34, 0), 0.55, ROOM)),
        ("slanted_05.jpg", partial(notices.painted_road, ["SLOW", "SCHOOL", "AHEAD"], (1024, 768), DAY)),
        ("slanted_06.jpg", hung([(sale, (1800, 1500), -21.0)], grey_wall, (1100, 800), (-42, 10, -6), 0.52, LEAFY)),
    ]  # fmt: skip
    return [Sample(name, "slanted", paint) for name, paint in paints]


def _stylised() -> list[Sample]:
    pink, cyan, amber = (255, 60, 140), (60, 210, 255), (255, 170, 50)
    tubes = [("Moonlight Diner", "pacifico", pink), ("OPEN ALL NIGHT", "righteous", cyan), ("Pie & Coffee", "yellowtail", amber)]
    dishes = [
        ("Pumpkin soup", "4.50"), ("Grilled cheese & pickles", "6.80"), ("Mushroom pie", "8.20"),
        ("Roast carrots, mint", "5.40"), ("Apple crumble", "3.90"), ("Ginger lemonade", "2.60"),
    ]
    wedding = [
        ("Together with their families", "crimson-italic", 44), ("Rosalind & Casper", "vibes", 150),
        ("invite you to celebrate their wedding", "crimson-italic", 46), ("Saturday, 12 September", "vibes", 84),
        ("at half past three in the afternoon", "crimson", 42), ("The Orchard House, Millbrook", "crimson", 46),
    ]
    spray = [("DREAM BIG", "bungee", (250, 220, 60), (236, 70, 60)), ("STAY WILD", "marker", (110, 230, 220), (40, 80, 190))]
    game = [
        ("STAR HARVEST", (255, 220, 60), 90), ("HI-SCORE 048250", (120, 240, 255), 48),
        ("1 PLAYER START", (255, 255, 255), 46), ("INSERT COIN", (255, 90, 120), 60), ("(C) 1987 ORBITRON", (160, 160, 220), 36),
    ]  # fmt: skip
    rose, forest = ((92, 30, 44), (246, 222, 180), (222, 176, 96)), ((32, 62, 54), (244, 238, 216), (214, 180, 96))
    paints = [
        ("stylised_01.jpg", partial(stylised.neon, tubes, (1024, 768), (-16, -6, 2), NIGHT)),
        ("stylised_02.jpg", partial(stylised.chalkboard, "Today's Menu", dishes, "ASK FOR GLUTEN FREE!",
                                    (900, 1200), (12, -5, -2), DAY)),
        ("stylised_03.jpg", partial(stylised.invitation, wedding, (1200, 900), (-6, -16, 3), ROOM)),
        ("stylised_04.jpg", partial(stylised.graffiti, spray, (1100, 800), (-20, 4, 0), LEAFY)),
        ("stylised_05.jpg", partial(stylised.badge, "MILLSTONE", "Golden Ale", "EST. 1894", "BREWERY",
                                    (1000, 1000), (14, -4, 2), DAY)),
        ("stylised_06.jpg", partial(stylised.arcade, game, (1000, 780), (-9, 5, -2), NIGHT)),
        ("stylised_07.jpg", partial(stylised.shop_sign, "Thistle & Thread", "FINE HABERDASHERY", "1926", rose,
                                    (1200, 820), (18, 6, 1), DAY)),
        ("stylised_08.jpg", partial(stylised.shop_sign, "The Velvet Teapot", "CAKES AND CURIOS", "No. 9", forest,
                                    (1024, 700), (-22, 7, -2), LEAFY, face="vibes")),
    ]  # fmt: skip
    return [Sample(name, "stylised", paint) for name, paint in paints]


def _missing_spaces() -> list[Sample]:
    black, red, green = (30, 30, 34), (168, 30, 34), (24, 92, 62)
    tapes = [("SPARE FUSES 10 A", black), ("DO NOT OIL THE RED VALVE", red), ("SCREWS M4 X 20 MM", green),
             ("RETURN TO BENCH 3", black)]
    trains = ["14:07 Port Ellery via Mill", "14:22 Lakeland Express", "Please mind the gap"]
    streets = [
        (Notice((1500, 330), (_row("OLD MILL LANE NORTH", 150, "barlow-bold", gap=0.6),),
                (24, 70, 130), (244, 246, 248), 10, 30), (1760, 1150), -1.0),
        (Notice((1500, 330), (_row("ST MARY AT THE HILL", 150, "barlow-bold", gap=0.6),),
                (24, 70, 130), (244, 246, 248), 10, 30), (1800, 1540), 1.0),
        (Notice((1100, 260), (_row("No through road for cars", 96, "narrow-bold", gap=0.6),),
                (240, 240, 236), (30, 30, 34), 8, 20), (1790, 1900), 0.0),
    ]  # fmt: skip
    window = Notice(
        (1500, 1250),
        (_row("We are open all week", 100, "narrow-bold", gap=0.55), _row("Monday to Friday 7 am - 9 pm", 84, "narrow", gap=0.55),
         _row("Saturday and Sunday 9 am - 6 pm", 84, "narrow", gap=0.55), _row("please knock at the side door", 80, "narrow", gap=0.55),
         _row("if you come after dark", 80, "narrow", gap=0.55)),
        (58, 70, 76), (240, 240, 232), wear=0.05,
    )  # fmt: skip
    poster = Notice(
        (1300, 1500),
        (_row("THE NIGHT OF A HUNDRED BANDS", 220, "anton", gap=0.55), _row("LIVE IN THE PARK ON 8 JULY", 190, "anton", (190, 40, 40), 0.55),
         _row("doors open at six, bring a coat", 110, "narrow-bold", gap=0.55), _row("free entry for all under 14", 110, "narrow-bold", gap=0.55),
         _row("rain or shine we will play", 110, "narrow-bold", gap=0.55)),
        (238, 222, 178), (36, 34, 44), 10, wear=0.04,
    )  # fmt: skip
    address = Notice(
        (1300, 860),
        (_row("TO: THE HEAD OF STORES", 90, "narrow-bold", gap=0.6), _row("UNIT 5 B, 218 CANAL ROAD EAST", 88, "narrow", gap=0.6),
         _row("PORT ELLERY PE4 2LT", 92, "narrow-bold", gap=0.6), _row("keep dry and do not bend", 80, "narrow", gap=0.6),
         _row("parcel 2 of 3, order no 77 041 9", 80, "narrow", gap=0.6)),
        (246, 246, 242), (26, 26, 30), 6, align="left",
    )  # fmt: skip
    hung = partial(partial, notices.hung)

    def platform(rng: Generator) -> Photo:
        return tight.glowing(tight.dot_matrix(trains, 0.55, (1100, 700), (-14, -8, 1), NIGHT, rng))

    paints = [
        ("missing_spaces_01.jpg", partial(tight.label_tapes, tapes, 0.55, (1000, 750), (9, -10, -2), ROOM)),
        ("missing_spaces_02.jpg", platform),
        ("missing_spaces_03.jpg", hung(streets, partial(bricks, colour=(176, 140, 110)), (1100, 825), (16, 8, 1), 0.55, DAY)),
        ("missing_spaces_04.jpg", hung([(window, (1800, 1500), 0.0)], partial(plaster, colour=(90, 104, 110)),
                                       (960, 860), (-13, 4, -1), 0.52, replace(DAY, glare=(0.72, 0.2, 0.3)))),
        ("missing_spaces_05.jpg", hung([(poster, (1800, 1500), -1.5)], partial(bricks, colour=(150, 92, 76)),
                                       (900, 1100), (11, 3, 0), 0.58, LEAFY)),
        ("missing_spaces_06.jpg", hung([(address, (1800, 1500), 5.0)], notices.cardboard, (1024, 768), (-4, -18, 2), 0.6, ROOM)),
    ]  # fmt: skip
    return [Sample(name, "missing_spaces", paint) for name, paint in paints]


def _dense() -> list[Sample]:
    paints = [
        ("dense_small_text_01.jpg", partial(_lying, _receipt, 3.0, "walnut", (900, 1200), (4, -14, 0), 0.82, ROOM)),
        ("dense_small_text_02.jpg", partial(_lying, _label, -4.0, "stone", (900, 1100), (-9, -8, 1), 0.78, DAY)),
        ("dense_small_text_03.jpg", partial(_lying, _page, 2.0, "oak", (1200, 1600), (3, -16, -1), 0.84, DAY)),
        ("dense_small_text_04.jpg", partial(_lying, _leaflet, -3.0, "linen", (1200, 1600), (-4, -10, 1), 0.84, LEAFY)),
        ("dense_small_text_05.jpg", partial(_lying, _departures, 0.0, "wall", (1200, 1000), (13, 4, 1), 0.84, DAY)),
        ("dense_small_text_06.jpg", _monitor),
        ("dense_small_text_07.jpg", partial(_lying, _terms, 5.0, "asphalt", (960, 1280), (-3, -20, -2), 0.66,
                                            replace(DAY, motion=2, motion_angle=30))),
    ]  # fmt: skip
    return [Sample(name, "dense_small_text", paint, quality=82) for name, paint in paints]


GROUNDS = {
    "walnut": books.wooden_table((104, 70, 48)),
    "oak": books.wooden_table((172, 128, 84)),
    "stone": books.stone_table((216, 214, 208)),
    "linen": books.cloth_table((128, 142, 150)),
    "wall": partial(plaster, colour=(160, 158, 150)),
    "asphalt": asphalt,
}


def _lying(sheet, degrees, ground, frame, angles, zoom, exposure, rng):  # type: ignore[no-untyped-def]
    return dense.lying(sheet(rng), degrees, GROUNDS[ground], frame, angles, zoom, exposure, rng)


def _receipt(rng: Generator) -> Canvas:
    return dense.receipt(
        ["CORNER GROCER", "118 Harbour Street, Portwick", "Tel. 555-0199", "12/03/2021 17:42 Till 04"],
        [("Oat milk 1 l", "2.19"), ("Rye bread, sliced", "3.45"), ("Eggs free range x10", "3.99"),
         ("Tomatoes 0.742 kg", "2.22"), ("Olive oil 500 ml", "7.80"), ("Dish soap lemon", "1.65"),
         ("Bananas 1.104 kg", "1.88"), ("Coffee beans 250 g", "6.49"), ("Paper bag", "0.15"),
         ("Deposit bottle", "0.25"), ("Member discount", "-1.20")],
        [("SUBTOTAL", "28.87"), ("VAT 7%", "2.02"), ("TOTAL", "30.89"), ("CARD ****4417", "30.89")],
        ["Returns within 14 days", "with this receipt.", "Thank you, come again!", "Ref 0093-4471-2208"],
        rng,
    )  # fmt: skip


def _label(rng: Generator) -> Canvas:
    return dense.nutrition_label(
        ["About 8 servings per container", "Serving size 2/3 cup (55 g)", "Calories 230"],
        [("Total Fat 8 g", "10%", 0), ("Saturated Fat 1 g", "5%", 1), ("Trans Fat 0 g", "0%", 1),
         ("Cholesterol 0 mg", "0%", 0), ("Sodium 160 mg", "7%", 0), ("Total Carbohydrate 37 g", "13%", 0),
         ("Dietary Fiber 4 g", "14%", 1), ("Total Sugars 12 g", "24%", 1), ("Protein 3 g", "6%", 0),
         ("Vitamin D 2 mcg", "10%", 1), ("Calcium 260 mg", "20%", 1), ("Iron 8 mg", "45%", 1),
         ("Potassium 235 mg", "6%", 1)],
        "INGREDIENTS: rolled oats, honey, sunflower oil, almonds (7%), raisins, pumpkin seeds, salt, cinnamon. May "
        "contain traces of sesame, soy and milk. Store in a cool, dry place. Best before 11/2022, lot K4-7719.",
        rng,
    )  # fmt: skip


def _page(rng: Generator) -> Canvas:
    return dense.page("A Walk Around the Salt Marsh", prose.MARSH, "- 27 -", rng, size=29)


def _leaflet(rng: Generator) -> Canvas:
    sheet = dense.page("Calmivar 0.15% eye drops", prose.DROPS, "Keep this leaflet", rng, columns=2, size=27)
    return dense.folded(sheet, rng, 3)


def _terms(rng: Generator) -> Canvas:
    sheet = dense.page("Conditions of Carriage", prose.TERMS, "Eastvale Railways, form 7/b", rng, size=33)
    return dense.folded(sheet, rng, 2)


def _departures(rng: Generator) -> Canvas:
    stops = ["Harbour Gate", "Canal Road", "Museum", "St Mary Hill", "Old Mill Lane", "Hospital North", "Stonebridge",
             "Fairfield", "Lakeside Pier", "Westmark Depot", "Quarry Lane", "Airport T2"]  # fmt: skip
    rows = []
    for number, stop in enumerate(stops):
        starts = [5 * 60 + 52, 6 * 60 + 22, 6 * 60 + 47, 7 * 60 + 7, 7 * 60 + 27, 7 * 60 + 52]
        times = [start + number * 4 + int(rng.integers(0, 2)) for start in starts]
        rows.append([stop, *(f"{time // 60:02d}:{time % 60:02d}" for time in times)])
    heads = ["Stop", "Mo-Fr", "Mo-Fr", "daily", "daily", "Sa", "Su"]
    note = "Line 42 does not run on public holidays. On match days board at Museum, platform C. Valid from 12 Dec."
    return dense.timetable("Line 42: Harbour Gate - Airport T2", heads, rows, note, rng)


def _monitor(rng: Generator) -> Photo:
    goods = ["Gasket set, small", "Hose clamp 20 mm", "Oil filter F-208", "Brake pads front", "Wiper blade 55 cm", "Bulb 12 V 21 W",
             "Fuse box cover", "Drive belt 6PK", "Coolant 5 l", "Spark plug (set of 4)", "Door mirror, left", "Cabin filter"]  # fmt: skip
    rows = []
    for number, name in enumerate(goods):
        pieces, cents = int(rng.integers(2, 96)), int(rng.integers(120, 9900))
        rows.append([f"{1040 + 7 * number}", name, f"{pieces} pcs", f"{cents / 100:.2f}", f"{pieces * cents / 100:.2f}"])
    sheet = dense.ledger("Stock list - workshop 2 (week 31)", ["No.", "Article", "In stock", "Price", "Value"], rows, rng)
    return dense.on_monitor(sheet, (1100, 780), (-11, 5, -1), replace(ROOM, blur=0.6), rng)
