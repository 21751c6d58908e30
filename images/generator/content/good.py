"""The categories PP-OCR models read well: licence plates, billboards, book covers."""

from dataclasses import replace
from functools import partial

from generator.catalogue import Sample
from generator.photo import Exposure
from generator.scenes import billboards, books, plates
from generator.scenes.billboards import Advert
from generator.scenes.books import Book
from generator.scenes.plates import Car, Plate

DAY = Exposure(blur=0.7, noise=3.5, light_angle=60, light_fall=0.3)
LEAFY = Exposure(blur=0.8, noise=4, shadows=2, light_angle=20)


def samples() -> list[Sample]:
    """Pictures of the good categories."""
    return [*_plates(), *_billboards(), *_books()]


def _plates() -> list[Sample]:
    state = Plate("4KTZ 829", state="Northmoor", motto="LAND OF QUIET LAKES", ink=(22, 40, 110))
    red = Car((168, 28, 30), "Velora", "QZ 240", state)
    silver = Car((150, 154, 160), "Norvik", "4 Tourer", Plate("KB 4827 RS", band="N"))
    blue = Car((32, 58, 116), "Halden", "E-Line", Plate("7 BXR 516", band="L", ground=(240, 200, 40)))
    green = Car((30, 74, 58), "Ardent", "Sport", Plate("RVT-3096", state="Eastvale", motto="HARVEST COUNTY"))
    black = Car((36, 37, 42), "Corvane", "300 d", Plate("MH 62 PLW", band="D"))
    lorry = Plate("TR 905 KX", state="Westmark", motto="COMMERCIAL", ground=(246, 226, 170), ink=(120, 20, 24))
    wall = [
        Plate("829 FGH", state="Lakeland", motto="COUNTRY ROADS", ground=(226, 232, 222), ink=(20, 86, 60)),
        Plate("DUST 41", state="Redmesa", motto="CANYON STATE", ground=(236, 196, 130), ink=(120, 40, 20)),
        Plate("BN 7364", state="Portwick", motto="HARBOR TOWN", ground=(208, 224, 238), ink=(26, 46, 96)),
        Plate("6ZKA 103", state="Pineford", motto="EVER GREEN", ground=(238, 236, 220), ink=(30, 60, 34)),
        Plate("HX 2058 T", band="S"),
    ]
    road = partial(partial, plates.on_the_road)
    frame = (1024, 768)
    night = plates.night_exposure(DAY)
    shaken = Exposure(blur=0.9, motion=3, motion_angle=15, noise=4)
    low_sun = replace(DAY, tint=(1.1, 1.0, 0.84), glare=(0.2, 0.12, 0.5))
    doors = partial(plates.lorry_door, lorry, ["NO STEP", "MAX LOAD 7500 KG"], (960, 720), shaken)
    paints = [
        ("test1.png", road(red, (640, 480), (8, 4, 0), 0.28, Exposure(noise=1.2))),
        ("licence_plate_01.jpg", road(silver, frame, (-22, 5, 1), 0.46, DAY)),
        ("licence_plate_02.jpg", road(blue, frame, (18, 7, -2), 0.42, low_sun)),
        ("licence_plate_03.jpg", road(green, (1280, 960), (26, 6, 2), 0.55, DAY)),
        ("licence_plate_04.jpg", road(black, frame, (-10, 4, 3), 0.45, night, night=True)),
        ("licence_plate_05.jpg", doors),
        ("licence_plate_06.jpg", partial(plates.garage_wall, wall, (1200, 900), LEAFY)),
    ]
    return [Sample(name, "licence_plate", paint) for name, paint in paints]


def _billboards() -> list[Sample]:
    coffee = Advert(
        ("WAKE UP SLOW", "STAY WARM"), "Fresh roast every morning from 6 am", "Only $2.75", "www.bramblecup.example",
        ((246, 226, 190), (226, 178, 120)), (70, 36, 24), (168, 60, 36), picture="cup",
    )
    travel = Advert(
        ("Follow the sun", "this winter"), "Direct flights to 38 islands, twice a week", "From 149 EUR",
        "Call 0800 555 0142", ((28, 120, 168), (120, 200, 214)), (250, 250, 244), (246, 160, 40), "archivo",
    )
    outdoor = Advert(
        ("BIGGER HILLS", "LIGHTER BOOTS"), "Trail shoes that forgive every stone", "Now 30% off",
        "Exit 14, Mill Road", ((214, 222, 228), (160, 184, 200)), (26, 40, 58), (52, 92, 122), "bebas", "peaks",
    )
    bikes = Advert(
        ("RIDE TO WORK", "LEAVE THE QUEUE"), "City bikes for rent by the month", "29.90 / month", "pedalyard.example",
        ((250, 214, 70), (244, 186, 40)), (28, 28, 34), (30, 92, 72), "anton", "wheel",
    )
    cinema = Advert(
        ("The Last Orchard", "Opens Friday"), "A story about apples, rain and forgiveness", "7:30 pm",
        "Regal Lantern", ((36, 20, 44), (120, 44, 60)), (246, 232, 210), (220, 150, 60), "didone",
    )
    mural = Advert(
        ("FLOUR & SALT", "BAKERY"), "Bread, rolls and cakes since 1962", "Open 7 to 18", "24 Mason Street",
        ((228, 214, 180), (222, 204, 166)), (52, 60, 84), (150, 52, 44), "alfa", "sun",
    )
    rows = [("Harrowgate", "12"), ("Port Ellery", "38"), ("Stonebridge", "105")]
    night = replace(DAY, brightness=0.95, noise=8, vignette=0.3, light_fall=0.1)
    hazy = replace(DAY, contrast=0.82, blur=0.9, noise=5)
    paints = [
        ("test2.png", partial(billboards.on_posts, bikes, (640, 480), (-14, -6, 1), Exposure(noise=1.0))),
        ("billboard_01.jpg", partial(billboards.on_posts, coffee, (1280, 860), (20, -8, -1), DAY)),
        ("billboard_02.jpg", partial(billboards.on_posts, travel, (1200, 800), (-26, -7, 2), hazy)),
        ("billboard_03.jpg", partial(billboards.on_posts, outdoor, (1024, 768), (8, -10, 1), night, night=True)),
        ("billboard_04.jpg", partial(billboards.on_bricks, mural, (1200, 800), (24, 3, 1), LEAFY)),
        ("billboard_05.jpg", partial(billboards.at_the_stop, cinema, (768, 1024), (-18, 2, 1), DAY)),
        ("billboard_06.jpg", partial(billboards.guide_sign, rows, "ROAD WORK AHEAD 2 KM", (1024, 700), hazy)),
    ]  # fmt: skip
    return [Sample(name, "billboard", paint) for name, paint in paints]


def _books() -> list[Sample]:
    garden = Book(
        ("The Quiet", "Garden"), "and other short stories", "ELSPETH MARRON", "QUILL & LANTERN PRESS",
        (34, 66, 56), (236, 226, 196), (206, 170, 96), "didone", "frame",
    )
    code = Book(
        ("Numbers", "for Sailors"), "Navigation with pencil and paper", "Tobin Harcastle", "Third Edition 2019",
        (240, 236, 224), (24, 44, 84), (210, 72, 52), "archivo", "stripes",
    )
    moon = Book(
        ("MIDNIGHT", "FERRY"), "a novel in four crossings", "IDA WESTERLUNE", "BLUE HERON BOOKS",
        (30, 38, 84), (244, 240, 226), (240, 214, 130), "abril", "moon",
    )
    cook = Book(
        ("ONE POT", "SUPPERS"), "120 easy recipes for busy evenings", "Marta Quillfeather", "Kitchen Table Series",
        (250, 240, 222), (130, 40, 32), (226, 120, 60), "alfa", "blocks",
    )
    birds = Book(
        ("Birds of the", "Salt Marsh"), "a field guide with 64 plates", "P. R. OSTERLEY", "FIELD & SHORE",
        (122, 44, 36), (246, 234, 206), (222, 180, 110), "crimson-bold", "frame",
    )
    clocks = Book(
        ("HOW CLOCKS", "WORK"), "Gears, springs and patience", "Noor Ellingham", "Workshop Library 07",
        (44, 46, 52), (244, 206, 90), (90, 96, 110), "bebas", "stripes",
    )
    oak, walnut = books.wooden_table((172, 128, 84)), books.wooden_table((104, 70, 48))
    linen, stone = books.cloth_table((150, 158, 170)), books.stone_table((222, 220, 214))
    lamp = Exposure(blur=0.7, noise=4.5, tint=(1.08, 0.98, 0.84), light_angle=130, light_fall=0.45, vignette=0.3)
    window = replace(LEAFY, shadows=3)
    soft = Exposure(blur=1.1, noise=5, light_angle=-40, glare=(0.7, 0.3, 0.22))
    middle = (1500, 1500)
    pair = [(cook, (930, 1480), -5.0), (clocks, (2060, 1540), 7.0)]
    table = partial(partial, books.on_a_table)
    paints = [
        ("book_cover_01.jpg", table([(garden, middle, 4.0)], oak, (900, 1200), (3, -22, -3), 0.66, DAY)),
        ("book_cover_02.jpg", table([(code, middle, -7.0)], walnut, (960, 1280), (-8, -18, 2), 0.72, lamp)),
        ("book_cover_03.jpg", table([(moon, middle, 9.0)], linen, (768, 1024), (6, -26, 0), 0.55, soft)),
        ("book_cover_04.jpg", table([(cook, middle, -3.0)], stone, (1024, 1024), (-5, -30, 3), 0.58, window)),
        ("book_cover_05.jpg", table([(birds, middle, 6.0)], walnut, (800, 1067), (0, -15, 2), 0.6, DAY)),
        ("book_cover_06.jpg", table(pair, oak, (1280, 960), (2, -20, 1), 0.5, lamp)),
    ]  # fmt: skip
    return [Sample(name, "book_cover", paint) for name, paint in paints]
