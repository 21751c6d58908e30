"""Books that lie on a table: covers in several layouts, with thickness and a shadow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from canvas import Canvas, Colour, Shadow
from lettering import Style
from photo import Shot
from projection import placed, translation
from surfaces import Surface, gradient, noise, tinted

COVER = (900, 1300)


@dataclass(frozen=True)
class Book:
    """Words and colours of a cover, and where on the table (3000 x 3000) it lies, turned by some degrees."""

    title: tuple[str, ...]
    subtitle: str
    author: str
    publisher: str
    cloth: Colour
    ink: Colour
    accent: Colour
    face: str
    layout: str
    """A key of LAYOUTS."""
    turned: float
    at: tuple[int, int] = (1500, 1500)

    def cover(self, rng: Generator) -> Canvas:
        """The front cover, COVER pixels."""
        shade = 0.03 * noise(rng, COVER, 300, 4) + 0.02 * noise(rng, COVER, 3, 2)
        canvas = Canvas.of(tinted(shade, self.cloth))
        LAYOUTS[self.layout](canvas, self)
        # The hinge beside the spine and worn edges.
        canvas.veil((0, 0, 0), 0.22, canvas.polygon_mask([(38, 0), (48, 0), (48, 1300), (38, 1300)], 3))
        canvas.veil((255, 255, 255), 0.12, canvas.polygon_mask([(50, 0), (58, 0), (58, 1300), (50, 1300)], 3))
        return canvas

    def volume(self, rng: Generator) -> Canvas:
        """The cover with the block of pages showing at its right and lower edge."""
        front = self.cover(rng)
        w, h, t = *COVER, 44
        canvas = Canvas(w + t, h + t)
        pages = tinted(noise(rng, canvas.size, 3, 1, 1.0) * 0.05 - 0.06, (236, 228, 208))
        block = [(w - 6, 6), (w + t - 8, t - 2), (w + t - 8, h + t - 8), (t, h + t - 8), (6, h - 6)]
        canvas.shape(block, pages)
        for leaf in range(4, t - 8, 5):
            edge = [(w + leaf, leaf + 6), (w + leaf, h + leaf), (leaf + 6, h + leaf)]
            canvas.draw.line(edge, fill=(186, 176, 156, 255), width=2)
        back = [(w + t - 6, t - 2), (w + t - 6, h + t - 6), (t, h + t - 6)]
        canvas.draw.line(back, fill=(*self.dark, 255), width=8)
        canvas.paste(front, translation(0, 0))
        return canvas

    @property
    def dark(self) -> Colour:
        """The cloth in shadow."""
        return self.cloth[0] // 2, self.cloth[1] // 2, self.cloth[2] // 2

    def title_on(self, canvas: Canvas, top: int, width: int, row: int) -> int:
        """Write the title's lines in rows of the given height; returns where they end."""
        for text in self.title:
            self.line_on(canvas, top + row - 18, text, Style(self.face, tracking=0.02), (width, row - 36))
            top += row
        return top

    def line_on(self, canvas: Canvas, y: int, text: str, style: Style, limits: tuple[int, int]) -> None:
        """Write one line in the middle of the cover."""
        canvas.fit(475, y, text, style, limits, self.ink)


def on_a_table(books: Sequence[dict[str, Any]], ground: Surface, shot: Shot, rng: Generator) -> Canvas:
    """Books on a table."""
    scene, matrix = Canvas(*shot.size), shot.view((1500, 1500), 2)
    scene.pave(ground(rng, (3000, 3000)), matrix)
    for entry in books:
        book = Book(**entry)
        thing = book.volume(rng)
        place = placed(thing.size, book.at, 1.0, book.turned)
        scene.paste(thing, matrix @ place, Shadow(28, 34, 24, 0.65))
    return scene


def _frame(canvas: Canvas, book: Book) -> None:
    draw, accent = canvas.draw, (*book.accent, 255)
    for inset, width in ((92, 8), (112, 3)):
        draw.rectangle((inset, inset - 30, 946 - inset, 1330 - inset), outline=accent, width=width)
    for x, y in ((112, 82), (834, 82), (112, 1218), (834, 1218)):
        draw.ellipse((x - 20, y - 20, x + 20, y + 20), fill=accent)
    book.line_on(canvas, 220, book.author, Style("crimson", tracking=0.06), (520, 40))
    bottom = book.title_on(canvas, 340, 600, 170)
    draw.line([(330, bottom + 30), (620, bottom + 30)], fill=accent, width=5)
    book.line_on(canvas, bottom + 110, book.subtitle, Style("crimson-italic"), (560, 44))
    for turn in range(12):
        angle = turn * np.pi / 6
        x, y = 475 + 70 * np.cos(angle), 1000 + 70 * np.sin(angle)
        draw.ellipse((x - 26, y - 26, x + 26, y + 26), outline=accent, width=4)
    book.line_on(canvas, 1172, book.publisher, Style("crimson", tracking=0.08), (480, 30))


def _stripes(canvas: Canvas, book: Book) -> None:
    for stripe in range(0, 560, 70):
        canvas.draw.rectangle((60, 700 + stripe, 900, 734 + stripe), fill=(*book.accent, 255))
    bottom = book.title_on(canvas, 110, 740, 190)
    book.line_on(canvas, bottom + 50, book.subtitle, Style("poppins"), (700, 48))
    canvas.draw.rectangle((60, 840, 900, 1010), fill=(*book.cloth, 255))
    book.line_on(canvas, 948, book.author, Style("poppins-bold"), (640, 60))
    canvas.draw.rectangle((250, 1176, 700, 1268), fill=(*book.cloth, 255))
    book.line_on(canvas, 1234, book.publisher, Style("poppins"), (380, 34))


def _moon(canvas: Canvas, book: Book) -> None:
    r, g, b = book.cloth
    night = gradient(COVER, book.cloth, (min(255, r + 70), min(255, g + 70), min(255, b + 70)))
    canvas.shape([(60, 0), (900, 0), (900, 1300), (60, 1300)], night)
    canvas.draw.ellipse((290, 520, 660, 890), fill=(*book.accent, 255))
    canvas.draw.ellipse((250, 490, 570, 810), fill=(*(int(v) for v in night[650, 400]), 255))
    hills = [(60 + i * 30, float(1000 + 60 * np.sin(i * 0.4) - 30 * np.sin(i * 1.1))) for i in range(29)]
    canvas.shape([(60, 1300), *hills, (900, 1300)], book.dark, 3)
    bottom = book.title_on(canvas, 70, 720, 160)
    book.line_on(canvas, bottom + 40, book.subtitle, Style("crimson-italic"), (600, 46))
    book.line_on(canvas, 1160, book.author, Style("crimson-bold", tracking=0.05), (620, 60))
    book.line_on(canvas, 1244, book.publisher, Style("crimson", tracking=0.05), (420, 32))


def _blocks(canvas: Canvas, book: Book) -> None:
    for row in range(4):
        for column in range(4):
            left, top = 60 + column * 210, 560 + row * 150
            tone = 0.65 + 0.12 * ((row * 3 + column * 5) % 6)
            fill = (*(min(255, int(c * tone)) for c in book.accent), 255)
            if (row + column) % 2:
                canvas.draw.pieslice((left, top, left + 420, top + 300), 180, 270, fill=fill)
            else:
                canvas.draw.rectangle((left, top, left + 209, top + 149), fill=fill)
    bottom = book.title_on(canvas, 70, 760, 150)
    book.line_on(canvas, bottom + 46, book.subtitle, Style("poppins"), (700, 44))
    book.line_on(canvas, 1232, book.author, Style("poppins-bold"), (640, 52))
    book.line_on(canvas, 1284, book.publisher, Style("poppins"), (400, 28))


LAYOUTS: dict[str, Callable[[Canvas, Book], None]]
LAYOUTS = {"frame": _frame, "stripes": _stripes, "moon": _moon, "blocks": _blocks}
