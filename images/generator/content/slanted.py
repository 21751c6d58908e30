"""Category slanted: seen from far aside, or written askew."""

from dataclasses import replace
from functools import partial

from generator.catalogue import Sample
from generator.content.grounds import CONCRETE, OAK, SAND_BRICK
from generator.content.light import DAY, LEAFY, ROOM
from generator.photo import Shot
from generator.scenes.books import Book, on_a_table
from generator.scenes.notices import Notice, carton, cork, hung, painted_road, row


def samples() -> list[Sample]:
    """The category's pictures."""
    parking = Notice(
        (900, 1100),
        (
            row("NO PARKING", 130, "sans-bold"),
            row("Mon - Fri", 96, "sans-bold"),
            row("8:00 - 18:30", 100, "sans"),
            row("Tow away zone", 84, "sans"),
        ),
        (240, 240, 236),
        (176, 24, 30),
        border=16,
        rounding=50,
        holes=True,
    )
    lost = Notice(
        (820, 1060),
        (
            row("LOST CAT", 130, "poppins-bold"),
            row("grey, white paws,", 62, "poppins"),
            row("answers to Biscuit", 64, "poppins"),
            row("Reward 50 EUR", 74, "poppins-bold"),
            row("555-0173 (evenings)", 60, "poppins"),
        ),
        (250, 246, 226),
        (34, 34, 40),
    )
    room = Notice(
        (760, 540),
        (
            row("ROOM TO LET", 90, "marker"),
            row("from 1 June", 66, "indie"),
            row("call 555-0128", 66, "indie"),
        ),
        (252, 224, 120),
        (40, 44, 90),
    )
    choir = Notice(
        (900, 640),
        (
            row("SPRING CONCERT", 90, "didone"),
            row("Village choir", 62, "crimson-italic"),
            row("Sat 14 May, 7 pm", 64, "crimson-bold"),
        ),
        (214, 232, 222),
        (30, 70, 60),
        border=6,
    )
    fragile = Notice(
        (860, 760),
        (
            row("FRAGILE", 170, "stencil"),
            row("THIS SIDE UP", 100, "stencil"),
            row("Net 12.5 kg", 70, "barlow"),
        ),
        (240, 238, 230),
        (30, 28, 30),
        8,
        wear=0.03,
    )
    lot = Notice(
        (860, 760),
        (
            row("TEA BOWLS", 120, "stencil"),
            row("Lot 48-B", 96, "stencil"),
            row("24 pcs. handle with care", 62, "barlow"),
        ),
        (186, 146, 100),
        (60, 36, 26),
        wear=0.03,
    )
    sale = Notice(
        (1900, 620),
        (row("SUMMER SALE", 250, "anton"), row("up to 60% off all garden chairs", 100, "poppins")),
        (206, 44, 40),
        (252, 248, 236),
        border=12,
        wear=0.03,
    )
    paperback = Book(
        ("Rain on", "Tin Roofs"),
        "poems 1998 to 2014",
        "OREN FALKHURST",
        "LOW TIDE EDITIONS",
        (206, 214, 208),
        (40, 60, 70),
        (190, 110, 70),
        "serif-bold",
        "frame",
    )
    board = [(lost, (1310, 1500), 31.0), (room, (2290, 1060), -24.0), (choir, (2260, 1930), 22.0)]
    steep = replace(DAY, motion=2.5, motion_angle=70)
    middle = (1800, 1500)
    road = ["SLOW", "SCHOOL", "AHEAD"]
    paints = [
        partial(hung, [(parking, middle, 0.0)], SAND_BRICK, Shot((900, 900), (58, -6, 3), DAY, 0.62)),
        partial(hung, board, cork, Shot((1200, 960), (4, -6, 0), ROOM, 0.56), pins=True),
        partial(carton, fragile, lot, CONCRETE, Shot((1100, 825), exposure=steep)),
        partial(
            on_a_table, [(paperback, (1500, 1500), -38.0)], OAK, Shot((1000, 1000), (-10, -34, 0), ROOM, 0.55)
        ),
        partial(painted_road, road, Shot((1024, 768), (10, -52, -8), DAY)),
        partial(hung, [(sale, middle, -21.0)], CONCRETE, Shot((1100, 800), (-42, 10, -6), LEAFY, 0.48)),
    ]
    return [
        Sample(f"slanted_{number:02d}.jpg", "slanted", paint) for number, paint in enumerate(paints, start=1)
    ]
