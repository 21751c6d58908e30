"""Books that lie on a table: covers in several layouts, with thickness and a shadow."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from generator.canvas import Canvas, Colour, Pixels, Shadow
from generator.geometry import placed, translation
from generator.lettering import Style, fitted
from generator.photo import Photo, Shot
from generator.textures import gradient, noise, tinted

COVER = (900, 1300)


@dataclass(frozen=True)
class Book:
    """Words and colours of a cover."""

    title: tuple[str, ...]
    subtitle: str
    author: str
    publisher: str
    cloth: Colour
    ink: Colour
    accent: Colour
    face: str
    layout: str
    """frame, stripes, moon or blocks"""


def cover(book: Book, rng: Generator) -> Canvas:
    """A front cover, COVER pixels."""
    shade = 0.03 * noise(rng, COVER, 300, 4) + 0.02 * noise(rng, COVER, 3, 2)
    canvas = Canvas.of(tinted(shade, book.cloth))
    LAYOUTS[book.layout](canvas, book)
    # The hinge beside the spine and worn edges.
    canvas.veil((0, 0, 0), 0.22, canvas.polygon_mask([(38, 0), (48, 0), (48, 1300), (38, 1300)], 3))
    canvas.veil((255, 255, 255), 0.12, canvas.polygon_mask([(50, 0), (58, 0), (58, 1300), (50, 1300)], 3))
    return canvas


def volume(book: Book, rng: Generator, thickness: int = 44) -> Canvas:
    """A cover with the block of pages showing at its right and lower edge."""
    front = cover(book, rng)
    canvas = Canvas(COVER[0] + thickness, COVER[1] + thickness)
    leaves = noise(rng, canvas.size, 3, 1, 1.0) * 0.05
    pages = tinted(leaves - 0.06, (236, 228, 208))
    w, h, t = *COVER, thickness
    canvas.shape([(w - 6, 6), (w + t - 8, t - 2), (w + t - 8, h + t - 8), (t, h + t - 8), (6, h - 6)], pages)
    for leaf in range(4, t - 8, 5):
        canvas.draw.line(
            [(w + leaf, leaf + 6), (w + leaf, h + leaf), (leaf + 6, h + leaf)],
            fill=(186, 176, 156, 255),
            width=2,
        )
    back = (book.cloth[0] // 2, book.cloth[1] // 2, book.cloth[2] // 2, 255)
    canvas.draw.line([(w + t - 6, t - 2), (w + t - 6, h + t - 6), (t, h + t - 6)], fill=back, width=8)
    canvas.paste(front, translation(0, 0))
    return canvas


def on_a_table(
    books: list[tuple[Book, tuple[int, int], float]],
    table: Callable[[Generator, tuple[int, int]], Pixels],
    shot: Shot,
    rng: Generator,
) -> Photo:
    """Books at (x, y) of a 3000 x 3000 table, turned by some degrees."""
    size = shot.size
    scene = Canvas(*size)
    matrix = shot.view((1500, 1500), 2)
    scene.pave(table(rng, (3000, 3000)), matrix)
    for book, place, degrees in books:
        thing = volume(book, rng)
        scene.paste(thing, matrix @ placed(thing.size, place, 1.0, degrees), Shadow(28, 34, 24, 0.65))
    return Photo(scene, shot.exposure)


def _title(canvas: Canvas, book: Book, top: int, width: int, row: int) -> int:
    for text in book.title:
        style = fitted(text, Style(book.face, 10, tracking=0.02), width, row - 36)
        canvas.text(475, top + row - 18, text, style, book.ink, align="centre")
        top += row
    return top


def _line(canvas: Canvas, text: str, y: int, style: Style, *, colour: Colour, limit: tuple[int, int]) -> None:
    canvas.text(475, y, text, fitted(text, style, *limit), colour, align="centre")


def _frame(canvas: Canvas, book: Book) -> None:
    draw = canvas.draw
    for inset, width in ((92, 8), (112, 3)):
        draw.rectangle(
            (inset, inset - 30, 946 - inset, 1330 - inset), outline=(*book.accent, 255), width=width
        )
    for x, y in ((112, 82), (834, 82), (112, 1218), (834, 1218)):
        draw.ellipse((x - 20, y - 20, x + 20, y + 20), fill=(*book.accent, 255))
    _line(canvas, book.author, 220, Style("crimson", 10, tracking=0.06), colour=book.ink, limit=(520, 40))
    bottom = _title(canvas, book, 340, 600, 170)
    draw.line([(330, bottom + 30), (620, bottom + 30)], fill=(*book.accent, 255), width=5)
    _line(canvas, book.subtitle, bottom + 110, Style("crimson-italic", 10), colour=book.ink, limit=(560, 44))
    for turn in range(12):
        angle = turn * np.pi / 6
        x, y = 475 + 70 * np.cos(angle), 1000 + 70 * np.sin(angle)
        draw.ellipse((x - 26, y - 26, x + 26, y + 26), outline=(*book.accent, 255), width=4)
    _line(canvas, book.publisher, 1172, Style("crimson", 10, tracking=0.08), colour=book.ink, limit=(480, 30))


def _stripes(canvas: Canvas, book: Book) -> None:
    for stripe in range(0, 560, 70):
        canvas.draw.rectangle((60, 700 + stripe, 900, 734 + stripe), fill=(*book.accent, 255))
    bottom = _title(canvas, book, 110, 740, 190)
    _line(canvas, book.subtitle, bottom + 50, Style("poppins", 10), colour=book.ink, limit=(700, 48))
    canvas.draw.rectangle((60, 840, 900, 1010), fill=(*book.cloth, 255))
    _line(canvas, book.author, 948, Style("poppins-bold", 10), colour=book.ink, limit=(640, 60))
    canvas.draw.rectangle((250, 1176, 700, 1268), fill=(*book.cloth, 255))
    _line(canvas, book.publisher, 1234, Style("poppins", 10), colour=book.ink, limit=(380, 34))


def _moon(canvas: Canvas, book: Book) -> None:
    night = gradient(COVER, book.cloth, tuple(min(255, c + 70) for c in book.cloth))  # type: ignore[arg-type]
    canvas.shape([(60, 0), (900, 0), (900, 1300), (60, 1300)], night)
    canvas.draw.ellipse((290, 520, 660, 890), fill=(*book.accent, 255))
    canvas.draw.ellipse((250, 490, 570, 810), fill=(*(int(v) for v in night[650, 400]), 255))
    hills = [(60 + i * 30, 1000 + 60 * np.sin(i * 0.4) - 30 * np.sin(i * 1.1)) for i in range(29)]
    dark = (book.cloth[0] // 2, book.cloth[1] // 2, book.cloth[2] // 2)
    canvas.shape([(60, 1300), *[(float(a), float(b)) for a, b in hills], (900, 1300)], dark, 3)
    bottom = _title(canvas, book, 70, 720, 160)
    _line(canvas, book.subtitle, bottom + 40, Style("crimson-italic", 10), colour=book.ink, limit=(600, 46))
    _line(
        canvas, book.author, 1160, Style("crimson-bold", 10, tracking=0.05), colour=book.ink, limit=(620, 60)
    )
    _line(canvas, book.publisher, 1244, Style("crimson", 10, tracking=0.05), colour=book.ink, limit=(420, 32))


def _blocks(canvas: Canvas, book: Book) -> None:
    for row in range(4):
        for column in range(4):
            left, top = 60 + column * 210, 560 + row * 150
            tone = 0.65 + 0.12 * ((row * 3 + column * 5) % 6)
            colour = tuple(min(255, int(c * tone)) for c in book.accent)
            if (row + column) % 2:
                canvas.draw.pieslice((left, top, left + 420, top + 300), 180, 270, fill=(*colour, 255))
            else:
                canvas.draw.rectangle((left, top, left + 209, top + 149), fill=(*colour, 255))
    bottom = _title(canvas, book, 70, 760, 150)
    _line(canvas, book.subtitle, bottom + 46, Style("poppins", 10), colour=book.ink, limit=(700, 44))
    _line(canvas, book.author, 1232, Style("poppins-bold", 10), colour=book.ink, limit=(640, 52))
    _line(canvas, book.publisher, 1284, Style("poppins", 10), colour=book.ink, limit=(400, 28))


LAYOUTS: dict[str, Callable[[Canvas, Book], None]] = {
    "frame": _frame,
    "stripes": _stripes,
    "moon": _moon,
    "blocks": _blocks,
}
