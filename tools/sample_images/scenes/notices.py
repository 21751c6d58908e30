"""Flat notices of a few lines, and the places they hang or lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from canvas import Canvas, Colour, Shadow
from lettering import Style, fitted, set_line
from photo import Shot
from projection import placed, view
from surfaces import Surface, asphalt, cardboard, noise, tinted, to_pixels


@dataclass(frozen=True)
class Row:
    """One line of a notice: `height` is the ink height wanted in pixels, `gap` scales the spaces."""

    text: str
    height: int
    face: str
    ink: Colour | None = None
    gap: float = 1.0


@dataclass(frozen=True)
class Notice:
    """A sheet or sign, and where on the plane (3600 x 3000) its middle hangs, turned by some degrees."""

    size: tuple[int, int]
    rows: tuple[dict[str, Any], ...]
    """See Row."""
    ground: Colour
    ink: Colour
    border: int = 0
    """Width of a line along the edge."""
    rounding: int = 4
    align: str = "centre"
    wear: float = 0.02
    holes: bool = False
    at: tuple[float, float] = (1800, 1500)
    turned: float = 0.0

    def paint(self, rng: Generator) -> Canvas:
        """The notice; rows share the free height evenly."""
        width, height = self.size
        canvas, sheet = Canvas(width, height), Canvas(width, height)
        shade = self.wear * noise(rng, self.size, 240, 4) + self.wear * 0.6 * noise(rng, self.size, 4, 2)
        sheet.draw.rounded_rectangle((0, 0, width - 1, height - 1), self.rounding, fill=(255, 255, 255, 255))
        canvas.fill(tinted(shade, self.ground), sheet.image.getchannel("A"))
        if self.border:
            box = (14, 14, width - 15, height - 15)
            canvas.draw.rounded_rectangle(box, self.rounding, outline=(*self.ink, 255), width=self.border)
        rows = [Row(**row) for row in self.rows]
        margin = 60 + self.border
        gap = (height - 2 * margin - sum(row.height for row in rows)) / max(1, len(rows) - 1)
        y = float(margin)
        for row in rows:
            style = fitted(row.text, Style(row.face, word_gap=row.gap), width - 2 * margin, row.height)
            x = {"left": margin, "centre": width / 2}[self.align]
            top = set_line(row.text, style).top
            canvas.text(x, y - top, row.text, style, row.ink or self.ink, align=self.align)
            y += row.height + gap
        if self.holes:
            for x, y in ((34, 34), (width - 34, 34), (34, height - 34), (width - 34, height - 34)):
                hole = (x - 11, y - 11, x + 11, y + 11)
                canvas.draw.ellipse(hole, fill=(168, 168, 170, 255), outline=(70, 70, 72, 255))
        return canvas


def hung(
    notices: Sequence[dict[str, Any]], ground: Surface, shot: Shot, rng: Generator, pins: bool = False
) -> Canvas:
    """Notices on a wall or board; `pins` puts a drawing pin through the head of each."""
    scene, matrix = Canvas(*shot.size), shot.view((1800, 1500), 2)
    scene.pave(ground(rng, (3600, 3000)), matrix)
    for entry in notices:
        notice = Notice(**entry)
        thing = notice.paint(rng)
        if pins:
            x, y = thing.size[0] / 2, 34
            thing.draw.ellipse((x - 2, y + 4, x + 30, y + 36), fill=(90, 84, 76, 255))
            thing.draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=(206, 40, 44, 255))
            thing.draw.ellipse((x - 10, y - 12, x, y - 2), fill=(250, 180, 180, 255))
        place = placed(thing.size, notice.at, 1.0, notice.turned)
        scene.paste(thing, matrix @ place, Shadow(10, 14, 10, 0.5))
    return scene


def carton(
    left: dict[str, Any], right: dict[str, Any], ground: Surface, shot: Shot, rng: Generator
) -> Canvas:
    """A cardboard box seen over its edge: one notice printed on each of two sides, both strongly oblique."""
    size = shot.size
    scene = Canvas.of(ground(rng, size))
    for notice, yaw, tone, edge in ((left, 46.0, 0.78, 1050.0), (right, -46.0, 1.0, 0.0)):
        side = Canvas.of(cardboard(rng, (1050, 1100), (int(186 * tone), int(146 * tone), int(100 * tone))))
        tape = (int(170 * tone), int(130 * tone), int(88 * tone), 255)
        side.draw.rectangle((0, 0, 1050, 60), fill=tape)
        printed = Notice(**notice).paint(rng)
        side.paste(printed, placed(printed.size, (525, 580)))
        matrix = view((edge, 560.0), size, size[0] / 1750, (yaw, 0, 0))
        scene.paste(side, matrix, Shadow(0, 24, 26, 0.5))
    return scene


def painted_road(rows: Sequence[str], shot: Shot, rng: Generator) -> Canvas:
    """Tall worn letters on asphalt, seen at a low angle."""
    plane = (2400, 3200)
    texture = asphalt(rng, plane)
    ground = texture.astype(np.float32)
    paint = Canvas(*plane, (0, 0, 0))
    for x in (120, 2280):
        paint.draw.rectangle((x - 18, 0, x + 18, plane[1]), fill=(255, 255, 255, 255))
    for row, text in enumerate(rows):
        style = Style("barlow-bold", tracking=0.06)
        paint.fit(1200, 1500 + row * 520, text, style, (1700, 330), (255, 255, 255))
    worn = np.clip(0.9 - 0.8 * np.clip(noise(rng, plane, 60, 5) - 0.35, 0, 1), 0, 1)
    cover = np.asarray(paint.image.convert("L"), np.float32)[:, :, None] / 255 * worn[:, :, None]
    road = to_pixels(ground * (1 - cover) + np.array([226, 224, 214], np.float32) * cover)
    return shot.of(Canvas.of(road, paint.words), (1200, 1750), shot.size[0] / 2300, texture)
