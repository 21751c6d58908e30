"""Lines whose words almost touch: embossed tape on a tool box, a train's dot-matrix display."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from canvas import Canvas, Colour, Shadow
from lettering import Style, fitted, set_line
from photo import Shot
from projection import placed
from surfaces import metal, noise, street, tinted, to_pixels


def label_tapes(tapes: Sequence[tuple[str, Colour]], word_gap: float, shot: Shot, rng: Generator) -> Canvas:
    """Strips of embossing tape (text, colour of the tape) stuck on a sheet-metal box."""
    plane = (2400, 1800)
    sheet = metal(rng, plane, (52, 84, 104)).astype(np.float32)
    scratches = np.clip(noise(rng, plane, 8, 2, 30.0) - 1.3, 0, 1)[:, :, None]
    box = Canvas.of(to_pixels(sheet + scratches * 90))
    for row, (text, colour) in enumerate(tapes):
        style = Style("narrow-bold", 120, word_gap=word_gap)
        line = set_line(text, style)
        strip = Canvas(line.width + 90, 190)
        shine = np.linspace(0.18, -0.12, 190, dtype=np.float32)[:, None]
        shine = shine + 0.03 * noise(rng, strip.size, 60, 3)
        strip.shape([(0, 0), (strip.size[0], 0), (strip.size[0], 190), (0, 190)], tinted(shine, colour))
        # The pressed letters are white where the tape is stretched, and throw a thin shade.
        shade = (colour[0] // 2, colour[1] // 2, colour[2] // 2)
        strip.text(45 - line.left, 138, text, style, (238, 238, 232), drop=(3, 4, shade))
        centre = (1200 + float(rng.uniform(-180, 180)), 380 + row * 1100 / max(1, len(tapes) - 1))
        box.paste(strip, placed(strip.size, centre, 1.0, float(rng.uniform(-3, 3))), Shadow(3, 5, 4, 0.5))
    return shot.of(box, (1200, 900), shot.size[0] / 2000, (60, 80, 92))


def dot_matrix(rows: Sequence[str], word_gap: float, shot: Shot, rng: Generator) -> Canvas:
    """A platform display at night: every letter is a pattern of lamps, words one or two lamps apart."""
    lamp, high, columns = 12, 24, 200
    display = Canvas(columns * lamp, (high + 4) * lamp * len(rows), (16, 16, 18))
    for row, text in enumerate(rows):
        style = fitted(text, Style("sans-bold", word_gap=word_gap), columns - 12, high - 4)
        lit = np.argwhere(np.asarray(set_line(text, style).mask) > 100)[:, ::-1] + (6, row * (high + 4) + 5)
        for x, y in lit.tolist():
            x, y = x * lamp, y * lamp  # noqa: PLW2901
            display.draw.ellipse((x, y, x + lamp - 1, y + lamp - 1), fill=(150, 80, 10, 255))
            display.draw.ellipse((x + 2, y + 2, x + lamp - 3, y + lamp - 3), fill=(255, 190, 60, 255))
        (left, top), (right, bottom) = lit.min(axis=0) * lamp, (lit.max(axis=0) + 1) * lamp
        display.label((left, top, right, bottom), text)
    case = Canvas(display.size[0] + 160, display.size[1] + 160, (36, 40, 46))
    case.paste(display, placed(display.size, (case.size[0] / 2, case.size[1] / 2)))
    scene = Canvas.of(street(rng, shot.size, night=True, blur=30))
    matrix = shot.view((case.size[0] / 2, case.size[1] / 2), shot.size[0] * 0.86 / case.size[0])
    for x in (500, case.size[0] - 500):
        rod = Canvas(40, 1400, (70, 74, 78))
        scene.paste(rod, matrix @ placed(rod.size, (x, -700)))
    scene.paste(case, matrix, Shadow(0, 20, 20, 0.5))
    # The bright parts bleed, as in a real lens.
    small = cv2.resize(np.clip(scene.rgb - 150, 0, 255), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    halo = cv2.resize(cv2.GaussianBlur(small, (0, 0), 5), scene.size, interpolation=cv2.INTER_LINEAR)
    return Canvas.of(to_pixels(scene.rgb + halo * 0.8), scene.words)
