"""Lines whose words almost touch: embossed tape on a tool box, a train's dot-matrix display."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator

from generator.canvas import Canvas, Colour, Shadow
from generator.geometry import placed
from generator.lettering import Style, fitted, set_line
from generator.photo import Photo, Shot
from generator.textures import metal, noise, street, tinted, to_pixels

Frame = tuple[int, int]
Angles = tuple[float, float, float]


def label_tapes(
    tapes: Sequence[tuple[str, Colour]],
    word_gap: float,
    shot: Shot,
    rng: Generator,
) -> Photo:
    """Strips of embossing tape (text, colour of the tape) stuck on a sheet-metal box."""
    size = shot.size
    plane = (2400, 1800)
    box = Canvas.of(metal(rng, plane, (52, 84, 104)))
    scratches = np.clip(noise(rng, plane, 8, 2, 30.0) - 1.3, 0, 1)[:, :, None]
    box = Canvas.of(to_pixels(np.asarray(box.image.convert("RGB"), np.float32) + scratches * 90))
    for row, (text, colour) in enumerate(tapes):
        style = Style("narrow-bold", 120, tracking=0.0, word_gap=word_gap)
        line = set_line(text, style)
        strip = Canvas(line.width + 90, 190)
        shine = np.linspace(0.18, -0.12, 190, dtype=np.float32)[:, None] + 0.03 * noise(
            rng, strip.size, 60, 3
        )
        strip.shape([(0, 0), (strip.size[0], 0), (strip.size[0], 190), (0, 190)], tinted(shine, colour))
        # The pressed letters are white where the tape is stretched, and throw a thin shade.
        shade = (colour[0] // 2, colour[1] // 2, colour[2] // 2)
        strip.text(45 - line.left, 138, text, style, (238, 238, 232), drop=(3, 4, shade))
        centre = (1200 + float(rng.uniform(-180, 180)), 380 + row * 1100 / max(1, len(tapes) - 1))
        box.paste(strip, placed(strip.size, centre, 1.0, float(rng.uniform(-3, 3))), Shadow(3, 5, 4, 0.5))
    scene = Canvas(*size, (60, 80, 92))
    scene.paste(box, shot.view((1200, 900), size[0] / 2000))
    return Photo(scene, shot.exposure)


def dot_matrix(rows: Sequence[str], word_gap: float, shot: Shot, rng: Generator) -> Photo:
    """A platform display: every letter is a pattern of lamps, words one or two lamps apart."""
    size = shot.size
    lamp, high = 12, 24
    columns = 200
    display = Canvas(columns * lamp, (high + 4) * lamp * len(rows), (16, 16, 18))
    for row, text in enumerate(rows):
        style = fitted(text, Style("sans-bold", 10, tracking=0.0, word_gap=word_gap), columns - 12, high - 4)
        line = set_line(text, style)
        lit = np.asarray(line.mask) > 100
        left, top = 6, row * (high + 4) + 5
        _lamps(display, lit, (left, top), lamp)
        ys, xs = np.nonzero(lit)
        first, last = (
            (left + int(xs.min()), top + int(ys.min())),
            (left + int(xs.max()) + 1, top + int(ys.max()) + 1),
        )
        display.label((first[0] * lamp, first[1] * lamp, last[0] * lamp, last[1] * lamp), text)
    case = Canvas(display.size[0] + 160, display.size[1] + 160, (36, 40, 46))
    case.paste(display, placed(display.size, (case.size[0] / 2, case.size[1] / 2)))
    scene = Canvas.of(street(rng, size, night=True, blur=30))
    matrix = shot.view((case.size[0] / 2, case.size[1] / 2), size[0] * 0.86 / case.size[0])
    for x in (500, case.size[0] - 500):
        rod = Canvas(40, 1400, (70, 74, 78))
        scene.paste(rod, matrix @ placed(rod.size, (x, -700)))
    scene.paste(case, matrix, Shadow(0, 20, 20, 0.5))
    return Photo(scene, shot.exposure)


def _lamps(
    display: Canvas, lit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], at: tuple[int, int], lamp: int
) -> None:
    draw = display.draw
    for row, column in zip(*np.nonzero(lit), strict=True):
        x, y = (at[0] + int(column)) * lamp, (at[1] + int(row)) * lamp
        draw.ellipse((x, y, x + lamp - 1, y + lamp - 1), fill=(150, 80, 10, 255))
        draw.ellipse((x + 2, y + 2, x + lamp - 3, y + lamp - 3), fill=(255, 190, 60, 255))


def glowing(photo: Photo) -> Photo:
    """Let the bright parts of a night scene bleed, as in a real lens."""
    pixels = np.asarray(photo.scene.image.convert("RGB"), np.float32)
    small = cv2.resize(np.clip(pixels - 150, 0, 255), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    halo = cv2.resize(cv2.GaussianBlur(small, (0, 0), 5), photo.scene.size, interpolation=cv2.INTER_LINEAR)
    scene = Canvas.of(to_pixels(pixels + halo * 0.8))
    scene.words = photo.scene.words
    return Photo(scene, photo.exposure)
