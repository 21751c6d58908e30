"""Category missing_spaces: words that stand almost as close as their letters."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from numpy.random import Generator

from generator.catalogue import Sample
from generator.content.grounds import DARK_WALL, RED_BRICK, SAND_BRICK
from generator.content.light import DAY, LEAFY, NIGHT, ROOM
from generator.photo import Photo, Shot
from generator.scenes.notices import Notice, cardboard, hung, row
from generator.scenes.tight import dot_matrix, glowing, label_tapes


def samples() -> list[Sample]:
    """The category's pictures."""
    black, red, green = (30, 30, 34), (168, 30, 34), (24, 92, 62)
    tapes = [
        ("SPARE FUSES 10 A", black),
        ("DO NOT OIL THE RED VALVE", red),
        ("SCREWS M4 X 20 MM", green),
        ("RETURN TO BENCH 3", black),
    ]
    trains = ["14:07 Port Ellery via Mill", "14:22 Lakeland Express", "Please mind the gap"]
    streets = [
        (
            Notice(
                (1500, 330),
                (row("OLD MILL LANE NORTH", 150, "barlow-bold", gap=0.6),),
                (24, 70, 130),
                (244, 246, 248),
                10,
                30,
            ),
            (1760, 1150),
            -1.0,
        ),
        (
            Notice(
                (1500, 330),
                (row("ST MARY AT THE HILL", 150, "barlow-bold", gap=0.6),),
                (24, 70, 130),
                (244, 246, 248),
                10,
                30,
            ),
            (1800, 1540),
            1.0,
        ),
        (
            Notice(
                (1100, 260),
                (row("No through road for cars", 96, "narrow-bold", gap=0.6),),
                (240, 240, 236),
                (30, 30, 34),
                8,
                20,
            ),
            (1790, 1900),
            0.0,
        ),
    ]
    window = Notice(
        (1500, 1250),
        (
            row("We are open all week", 100, "narrow-bold", gap=0.55),
            row("Monday to Friday 7 am - 9 pm", 84, "narrow", gap=0.55),
            row("Saturday and Sunday 9 am - 6 pm", 84, "narrow", gap=0.55),
            row("please knock at the side door", 80, "narrow", gap=0.55),
            row("if you come after dark", 80, "narrow", gap=0.55),
        ),
        (58, 70, 76),
        (240, 240, 232),
        wear=0.05,
    )
    poster = Notice(
        (1300, 1500),
        (
            row("THE NIGHT OF A HUNDRED BANDS", 220, "anton", gap=0.55),
            row("LIVE IN THE PARK ON 8 JULY", 190, "anton", (190, 40, 40), 0.55),
            row("doors open at six, bring a coat", 110, "narrow-bold", gap=0.55),
            row("free entry for all under 14", 110, "narrow-bold", gap=0.55),
            row("rain or shine we will play", 110, "narrow-bold", gap=0.55),
        ),
        (238, 222, 178),
        (36, 34, 44),
        10,
        wear=0.04,
    )
    address = Notice(
        (1300, 860),
        (
            row("TO: THE HEAD OF STORES", 90, "narrow-bold", gap=0.6),
            row("UNIT 5 B, 218 CANAL ROAD EAST", 88, "narrow", gap=0.6),
            row("PORT ELLERY PE4 2LT", 92, "narrow-bold", gap=0.6),
            row("keep dry and do not bend", 80, "narrow", gap=0.6),
            row("parcel 2 of 3, order no 77 041 9", 80, "narrow", gap=0.6),
        ),
        (246, 246, 242),
        (26, 26, 30),
        6,
        align="left",
    )
    glare = replace(DAY, glare=(0.72, 0.2, 0.3))
    middle = (1800, 1500)

    def platform(rng: Generator) -> Photo:
        return glowing(dot_matrix(trains, 0.55, Shot((1100, 700), (-14, -8, 1), NIGHT), rng))

    paints: list[Callable[[Generator], Photo]] = [
        partial(label_tapes, tapes, 0.55, Shot((1000, 750), (9, -10, -2), ROOM)),
        platform,
        partial(hung, streets, SAND_BRICK, Shot((1100, 825), (16, 8, 1), DAY, 0.55)),
        partial(hung, [(window, middle, 0.0)], DARK_WALL, Shot((960, 860), (-13, 4, -1), glare, 0.52)),
        partial(hung, [(poster, middle, -1.5)], RED_BRICK, Shot((900, 1100), (11, 3, 0), LEAFY, 0.58)),
        partial(hung, [(address, middle, 5.0)], cardboard, Shot((1024, 768), (-4, -18, 2), ROOM, 0.6)),
    ]
    return [
        Sample(f"missing_spaces_{number:02d}.jpg", "missing_spaces", paint)
        for number, paint in enumerate(paints, start=1)
    ]
