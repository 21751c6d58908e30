"""Flat notices of a few lines, and the places they hang or lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from PIL import Image

from generator.canvas import Canvas, Colour, Pixels, Shadow
from generator.geometry import placed, view
from generator.lettering import Style, fitted, set_line
from generator.photo import Photo, Shot
from generator.textures import noise, tinted, to_pixels

Texture = Callable[[Generator, tuple[int, int]], Pixels]


@dataclass(frozen=True)
class Row:
    """One line of a notice: `height` is the ink height wanted in pixels."""

    text: str
    height: int
    style: Style
    ink: Colour | None = None


def row(text: str, height: int, face: str, ink: Colour | None = None, gap: float = 1.0) -> Row:
    """One line of a notice; `gap` scales the spaces."""
    return Row(text, height, Style(face, 10, word_gap=gap), ink)


@dataclass(frozen=True)
class Notice:
    """A sheet or sign; `border` is the width of a line along its edge, 0 for none."""

    size: tuple[int, int]
    rows: tuple[Row, ...]
    ground: Colour
    ink: Colour
    border: int = 0
    rounding: int = 4
    align: str = "centre"
    wear: float = 0.02
    holes: bool = False


def notice_canvas(notice: Notice, rng: Generator) -> Canvas:
    """Paint a notice; rows share the free height evenly."""
    width, height = notice.size
    canvas = Canvas(width, height)
    shade = notice.wear * noise(rng, notice.size, 240, 4) + notice.wear * 0.6 * noise(rng, notice.size, 4, 2)
    edge = Image.new("L", notice.size)
    sheet = Canvas(width, height)
    sheet.draw.rounded_rectangle((0, 0, width - 1, height - 1), notice.rounding, fill=(255, 255, 255, 255))
    edge = sheet.image.getchannel("A")
    canvas.fill(tinted(shade, notice.ground), edge)
    inset = 14
    if notice.border:
        box = (inset, inset, width - inset - 1, height - inset - 1)
        canvas.draw.rounded_rectangle(box, notice.rounding, outline=(*notice.ink, 255), width=notice.border)
    margin = 60 + notice.border
    gap = (height - 2 * margin - sum(row.height for row in notice.rows)) / max(1, len(notice.rows) - 1)
    y = float(margin)
    for row in notice.rows:
        style = fitted(row.text, row.style, width - 2 * margin, row.height)
        line = set_line(row.text, style)
        x = {"left": margin, "centre": width / 2, "right": width - margin}[notice.align]
        canvas.text(x, y - line.top, row.text, style, row.ink or notice.ink, align=notice.align)
        y += row.height + gap
    if notice.holes:
        for x, top in ((34, 34), (width - 34, 34), (34, height - 34), (width - 34, height - 34)):
            canvas.draw.ellipse(
                (x - 11, top - 11, x + 11, top + 11), fill=(168, 168, 170, 255), outline=(70, 70, 72, 255)
            )
    return canvas


def hung(
    notices: Sequence[tuple[Notice, tuple[float, float], float]],
    ground: Texture,
    shot: Shot,
    rng: Generator,
    pins: bool = False,
) -> Photo:
    """Notices at (x, y) of a 3600 x 3000 plane (middle 1800, 1500), each turned by some degrees.

    `pins` puts a drawing pin through the head of each.
    """
    size = shot.size
    scene = Canvas(*size)
    matrix = shot.view((1800, 1500), 2)
    scene.pave(ground(rng, (3600, 3000)), matrix)
    for notice, place, degrees in notices:
        thing = notice_canvas(notice, rng)
        if pins:
            x, y = thing.size[0] / 2, 34
            thing.draw.ellipse((x - 2, y + 4, x + 30, y + 36), fill=(90, 84, 76, 255))
            thing.draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=(206, 40, 44, 255))
            thing.draw.ellipse((x - 10, y - 12, x, y - 2), fill=(250, 180, 180, 255))
        scene.paste(thing, matrix @ placed(thing.size, place, 1.0, degrees), Shadow(10, 14, 10, 0.5))
    return Photo(scene, shot.exposure)


def carton(
    left: Notice,
    right: Notice,
    floor: Texture,
    shot: Shot,
    rng: Generator,
) -> Photo:
    """A cardboard box seen over its edge: one notice printed on each of two sides, both strongly oblique."""
    size = shot.size
    scene = Canvas.of(floor(rng, size))
    edge = size[0] * 0.5
    zoom = size[0] / 1750
    for notice, yaw, tone, sign in ((left, 46.0, 0.78, -1), (right, -46.0, 1.0, 1)):
        side = Canvas.of(cardboard(rng, (1050, 1100), (int(186 * tone), int(146 * tone), int(100 * tone))))
        side.draw.rectangle((0, 0, 1050, 60), fill=(int(170 * tone), int(130 * tone), int(88 * tone), 255))
        printed = notice_canvas(replace(notice, wear=0.03), rng)
        side.paste(printed, placed(printed.size, (525, 580)))
        target = (1050.0, 560.0) if sign < 0 else (0.0, 560.0)
        scene.paste(
            side, view(target, size, zoom, (yaw, 0, 0), (edge / size[0], 0.5)), Shadow(0, 24, 26, 0.5)
        )
    return Photo(scene, shot.exposure)


def cardboard(rng: Generator, size: tuple[int, int], colour: Colour = (186, 146, 100)) -> Pixels:
    """Corrugated board."""
    flutes = np.sin(np.arange(size[0]) / 3.0)[None, :].astype(np.float32) * 0.015
    return tinted(flutes + 0.03 * noise(rng, size, 300, 4) + 0.03 * noise(rng, size, 3, 2, 4.0), colour)


def cork(rng: Generator, size: tuple[int, int]) -> Pixels:
    """A pinboard."""
    grain = noise(rng, size, 18, 3)
    return tinted(0.13 * grain - 0.16 * np.clip(grain - 0.7, 0, 1) * 3, (188, 146, 98))


def painted_road(rows: list[str], shot: Shot, rng: Generator) -> Photo:
    """Tall worn letters on asphalt, seen at a low angle."""
    from generator.textures import asphalt

    size = shot.size
    plane = (2400, 3200)
    texture = asphalt(rng, plane)
    ground = texture.astype(np.float32)
    paint = Canvas(*plane, (0, 0, 0))
    for x in (120, 2280):
        paint.draw.rectangle((x - 18, 0, x + 18, plane[1]), fill=(255, 255, 255, 255))
    for row, text in enumerate(rows):
        style = fitted(text, Style("barlow-bold", 10, tracking=0.06), 1700, 330)
        paint.text(1200, 1500 + row * 520, text, style, (255, 255, 255), align="centre")
    worn = np.clip(0.9 - 0.8 * np.clip(noise(rng, plane, 60, 5) - 0.35, 0, 1), 0, 1)
    cover = np.asarray(paint.image.convert("L"), np.float32)[:, :, None] / 255 * worn[:, :, None]
    road = Canvas.of(to_pixels(ground * (1 - cover) + np.array([226, 224, 214], np.float32) * cover))
    road.words = paint.words
    scene, matrix = Canvas(*size), shot.view((1200, 1750), size[0] / 2300)
    scene.pave(texture, matrix)
    scene.paste(road, matrix)
    return Photo(scene, shot.exposure)
