"""Category book_cover: one or two books on wood, linen or stone."""

from dataclasses import replace
from functools import partial

from generator.catalogue import Sample
from generator.content.grounds import LINEN, OAK, STONE, WALNUT
from generator.content.light import DAY, LAMP, LEAFY, ROOM
from generator.photo import Shot
from generator.scenes.books import Book, on_a_table


def samples() -> list[Sample]:
    """The category's pictures."""
    garden = Book(
        ("The Quiet", "Garden"),
        "and other short stories",
        "ELSPETH MARRON",
        "QUILL & LANTERN PRESS",
        (34, 66, 56),
        (236, 226, 196),
        (206, 170, 96),
        "didone",
        "frame",
    )
    code = Book(
        ("Numbers", "for Sailors"),
        "Navigation with pencil and paper",
        "Tobin Harcastle",
        "Third Edition 2019",
        (240, 236, 224),
        (24, 44, 84),
        (210, 72, 52),
        "archivo",
        "stripes",
    )
    moon = Book(
        ("MIDNIGHT", "FERRY"),
        "a novel in four crossings",
        "IDA WESTERLUNE",
        "BLUE HERON BOOKS",
        (30, 38, 84),
        (244, 240, 226),
        (240, 214, 130),
        "abril",
        "moon",
    )
    cook = Book(
        ("ONE POT", "SUPPERS"),
        "120 easy recipes for busy evenings",
        "Marta Quillfeather",
        "Kitchen Table Series",
        (250, 240, 222),
        (130, 40, 32),
        (226, 120, 60),
        "alfa",
        "blocks",
    )
    birds = Book(
        ("Birds of the", "Salt Marsh"),
        "a field guide with 64 plates",
        "P. R. OSTERLEY",
        "FIELD & SHORE",
        (122, 44, 36),
        (246, 234, 206),
        (222, 180, 110),
        "crimson-bold",
        "frame",
    )
    clocks = Book(
        ("HOW CLOCKS", "WORK"),
        "Gears, springs and patience",
        "Noor Ellingham",
        "Workshop Library 07",
        (44, 46, 52),
        (244, 206, 90),
        (90, 96, 110),
        "bebas",
        "stripes",
    )
    window = replace(LEAFY, shadows=3)
    soft = replace(ROOM, blur=1.1, light_angle=-40, glare=(0.7, 0.3, 0.22))
    middle = (1500, 1500)
    pair = [(cook, (930, 1480), -5.0), (clocks, (2060, 1540), 7.0)]
    tables = [
        ([(garden, middle, 4.0)], OAK, Shot((900, 1200), (3, -22, -3), DAY, 0.66)),
        ([(code, middle, -7.0)], WALNUT, Shot((960, 1280), (-8, -18, 2), LAMP, 0.72)),
        ([(moon, middle, 9.0)], LINEN, Shot((768, 1024), (6, -26, 0), soft, 0.55)),
        ([(cook, middle, -3.0)], STONE, Shot((1024, 1024), (-5, -30, 3), window, 0.58)),
        ([(birds, middle, 6.0)], WALNUT, Shot((800, 1067), (0, -15, 2), DAY, 0.6)),
        (pair, OAK, Shot((1280, 960), (2, -20, 1), LAMP, 0.5)),
    ]
    return [
        Sample(f"book_cover_{number:02d}.jpg", "book_cover", partial(on_a_table, books, ground, shot))
        for number, (books, ground, shot) in enumerate(tables, start=1)
    ]
