"""Category dense_small_text: receipts, labels, pages, tables."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from numpy.random import Generator

from generator.canvas import Canvas
from generator.catalogue import Sample
from generator.content import prose
from generator.content.grounds import CONCRETE, LINEN, OAK, ROAD, STONE, WALNUT, Texture
from generator.content.light import DAY, LEAFY, ROOM
from generator.photo import Photo, Shot
from generator.scenes.dense import (
    folded,
    ledger,
    lying,
    nutrition_label,
    on_monitor,
    page,
    receipt,
    timetable,
)


def samples() -> list[Sample]:
    """The category's pictures."""
    shaken = replace(DAY, motion=2, motion_angle=30)
    paints: list[Callable[[Generator], Photo]] = [
        partial(_on_ground, _receipt, 3.0, WALNUT, Shot((900, 1200), (4, -14, 0), ROOM, 0.92)),
        partial(_on_ground, _label, -4.0, STONE, Shot((900, 1100), (-9, -8, 1), DAY, 0.82)),
        partial(_on_ground, _page, 2.0, OAK, Shot((1200, 1600), (3, -16, -1), DAY, 0.88)),
        partial(_on_ground, _leaflet, -3.0, LINEN, Shot((1200, 1600), (-4, -10, 1), LEAFY, 0.88)),
        partial(_on_ground, _departures, 0.0, CONCRETE, Shot((1200, 1000), (13, 4, 1), DAY, 0.88)),
        _on_screen,
        partial(_on_ground, _terms, 5.0, ROAD, Shot((960, 1280), (-3, -20, -2), shaken, 0.68)),
    ]
    return [
        Sample(f"dense_small_text_{number:02d}.jpg", "dense_small_text", paint, quality=76)
        for number, paint in enumerate(paints, start=1)
    ]


def _on_ground(
    sheet: Callable[[Generator], Canvas], degrees: float, ground: Texture, shot: Shot, rng: Generator
) -> Photo:
    return lying(sheet(rng), degrees, ground, shot, rng)


def _on_screen(rng: Generator) -> Photo:
    return on_monitor(_stock(rng), Shot((1100, 780), (-11, 5, -1), replace(ROOM, blur=0.6)), rng)


def _receipt(rng: Generator) -> Canvas:
    return receipt(
        ["CORNER GROCER", "118 Harbour Street, Portwick", "Tel. 555-0199", "12/03/2021 17:42 Till 04"],
        [
            ("Oat milk 1 l", "2.19"),
            ("Rye bread, sliced", "3.45"),
            ("Eggs free range x10", "3.99"),
            ("Tomatoes 0.742 kg", "2.22"),
            ("Olive oil 500 ml", "7.80"),
            ("Dish soap lemon", "1.65"),
            ("Bananas 1.104 kg", "1.88"),
            ("Coffee beans 250 g", "6.49"),
            ("Paper bag", "0.15"),
            ("Deposit bottle", "0.25"),
            ("Member discount", "-1.20"),
        ],
        [("SUBTOTAL", "28.87"), ("VAT 7%", "2.02"), ("TOTAL", "30.89"), ("CARD ****4417", "30.89")],
        ["Returns within 14 days", "with this receipt.", "Thank you, come again!", "Ref 0093-4471-2208"],
        rng,
    )


def _label(rng: Generator) -> Canvas:
    return nutrition_label(
        ["About 8 servings per container", "Serving size 2/3 cup (55 g)", "Calories 230"],
        [
            ("Total Fat 8 g", "10%", 0),
            ("Saturated Fat 1 g", "5%", 1),
            ("Trans Fat 0 g", "0%", 1),
            ("Cholesterol 0 mg", "0%", 0),
            ("Sodium 160 mg", "7%", 0),
            ("Total Carbohydrate 37 g", "13%", 0),
            ("Dietary Fiber 4 g", "14%", 1),
            ("Total Sugars 12 g", "24%", 1),
            ("Protein 3 g", "6%", 0),
            ("Vitamin D 2 mcg", "10%", 1),
            ("Calcium 260 mg", "20%", 1),
            ("Iron 8 mg", "45%", 1),
            ("Potassium 235 mg", "6%", 1),
        ],
        "INGREDIENTS: rolled oats, honey, sunflower oil, almonds (7%), raisins, pumpkin seeds, salt, "
        "cinnamon. May contain traces of sesame, soy and milk. Store in a cool, dry place. "
        "Best before 11/2022, lot K4-7719.",
        rng,
    )


def _page(rng: Generator) -> Canvas:
    return page("A Walk Around the Salt Marsh", prose.MARSH, "- 27 -", rng, size=31)


def _leaflet(rng: Generator) -> Canvas:
    sheet = page("Calmivar 0.15% eye drops", prose.DROPS, "Keep this leaflet", rng, columns=2, size=30)
    return folded(sheet, 3)


def _terms(rng: Generator) -> Canvas:
    sheet = page("Conditions of Carriage", prose.TERMS, "Eastvale Railways, form 7/b", rng, size=33)
    return folded(sheet, 2)


def _departures(rng: Generator) -> Canvas:
    stops = [
        "Harbour Gate",
        "Canal Road",
        "Museum",
        "St Mary Hill",
        "Old Mill Lane",
        "Hospital North",
        "Stonebridge",
        "Fairfield",
        "Lakeside Pier",
        "Westmark Depot",
        "Quarry Lane",
        "Airport T2",
    ]
    rows = []
    for number, stop in enumerate(stops):
        starts = [5 * 60 + 52, 6 * 60 + 22, 6 * 60 + 47, 7 * 60 + 7, 7 * 60 + 27, 7 * 60 + 52]
        times = [start + number * 4 + int(rng.integers(0, 2)) for start in starts]
        rows.append([stop, *(f"{time // 60:02d}:{time % 60:02d}" for time in times)])
    heads = ["Stop", "Mo-Fr", "Mo-Fr", "daily", "daily", "Sa", "Su"]
    note = (
        "Line 42 does not run on public holidays. On match days board at Museum, platform C. "
        "Valid from 12 Dec."
    )
    return timetable("Line 42: Harbour Gate - Airport T2", heads, rows, note, rng)


def _stock(rng: Generator) -> Canvas:
    goods = [
        "Gasket set, small",
        "Hose clamp 20 mm",
        "Oil filter F-208",
        "Brake pads front",
        "Wiper blade 55 cm",
        "Bulb 12 V 21 W",
        "Fuse box cover",
        "Drive belt 6PK",
        "Coolant 5 l",
        "Spark plug (set of 4)",
        "Door mirror, left",
        "Cabin filter",
    ]
    rows = []
    for number, name in enumerate(goods):
        pieces, cents = int(rng.integers(2, 96)), int(rng.integers(120, 9900))
        rows.append(
            [
                f"{1040 + 7 * number}",
                name,
                f"{pieces} pcs",
                f"{cents / 100:.2f}",
                f"{pieces * cents / 100:.2f}",
            ]
        )
    return ledger(
        "Stock list - workshop 2 (week 31)", ["No.", "Article", "In stock", "Price", "Value"], rows, rng
    )
