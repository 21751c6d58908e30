"""Much small text: receipts, nutrition labels, pages, timetables, leaflets, a table on a monitor."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.random import Generator

from generator.canvas import Canvas, Colour, Pixels, Shadow
from generator.fonts import font
from generator.geometry import placed
from generator.lettering import Style, fitted
from generator.photo import Photo, Shot
from generator.textures import noise, paper, to_pixels

Frame = tuple[int, int]
Angles = tuple[float, float, float]
Texture = Callable[[Generator, tuple[int, int]], Pixels]
INK: Colour = (38, 38, 42)


def lying(
    sheet: Canvas,
    degrees: float,
    ground: Texture,
    shot: Shot,
    rng: Generator,
) -> Photo:
    """A sheet on a table, its middle in the picture's."""
    size = shot.size
    side = int(max(sheet.size) * 1.9)
    scene = Canvas(*size)
    matrix = shot.view((side / 2, side / 2), 2)
    scene.pave(ground(rng, (side, side)), matrix)
    scene.paste(
        sheet, matrix @ placed(sheet.size, (side / 2, side / 2), 1.0, degrees), Shadow(12, 16, 12, 0.5)
    )
    return Photo(scene, shot.exposure)


def receipt(
    head: Sequence[str],
    items: Sequence[tuple[str, str]],
    sums: Sequence[tuple[str, str]],
    foot: Sequence[str],
    rng: Generator,
) -> Canvas:
    """Thermal paper with creases; names at the left, prices at the right."""
    row = 38
    width, height = 760, 150 + row * (len(head) + len(items) + len(sums) + len(foot) + 5)
    sheet = Canvas.of(creased(rng, (width, height), (240, 239, 234), 5))
    y = 90.0
    style, bold = Style("mono", 27), Style("mono-bold", 27)
    for number, text in enumerate(head):
        sheet.text(width / 2, y, text, Style("mono-bold", 40) if number == 0 else style, INK, align="centre")
        y += row + (14 if number == 0 else 0)
    y = _rule(sheet, y, row)
    for name, price in items:
        sheet.text(50, y, name, style, INK)
        sheet.text(width - 50, y, price, style, INK, align="right")
        y += row
    y = _rule(sheet, y, row)
    for name, price in sums:
        sheet.text(50, y, name, bold, INK)
        sheet.text(width - 50, y, price, bold, INK, align="right")
        y += row
    y = _rule(sheet, y, row)
    for text in foot:
        sheet.text(width / 2, y, text, style, INK, align="centre")
        y += row
    return sheet


def nutrition_label(
    serving: Sequence[str], rows: Sequence[tuple[str, str, int]], foot: str, rng: Generator
) -> Canvas:
    """The black-framed table on a packet: (name, value, indent level) per row."""
    width, height = 820, 420 + 46 * len(rows) + 190
    sheet = Canvas.of(paper(rng, (width, height), (246, 244, 236)))
    draw = sheet.draw
    draw.rectangle((20, 20, width - 21, height - 21), outline=(*INK, 255), width=6)
    title = "Nutrition Facts"
    sheet.text(46, 130, title, fitted(title, Style("archivo", 10), width - 100, 84), INK)
    y = 190.0
    for text in serving:
        sheet.text(48, y, text, Style("sans", 34), INK)
        y += 44
    draw.rectangle((46, y - 18, width - 46, y - 2), fill=(*INK, 255))
    y += 36
    for name, value, level in rows:
        face = "sans" if level else "sans-bold"
        sheet.text(48 + 36 * level, y, name, Style(face, 33), INK)
        sheet.text(width - 48, y, value, Style("sans-bold", 33), INK, align="right")
        draw.line([(46, y + 13), (width - 46, y + 13)], fill=(*INK, 255), width=2)
        y += 46
    y += 14
    paragraph(sheet, foot, (48, int(y)), measure=width - 96, style=Style("sans", 25), leading=32)
    return sheet


def page(
    title: str, chapters: Sequence[str], footer: str, rng: Generator, *, columns: int = 1, size: int = 30
) -> Canvas:
    """A printed page in one or two columns."""
    width, height = 1240, 1654
    sheet = Canvas.of(paper(rng, (width, height), (246, 243, 234)))
    sheet.text(width / 2, 190, title, fitted(title, Style("serif-bold", 10), 860, 54), INK, align="centre")
    gutter, margin = 60, 120
    measure = (width - 2 * margin - gutter * (columns - 1)) // columns
    column, y = 0, 280.0
    for text in chapters:
        if y > height - 330 and column + 1 < columns:
            column, y = column + 1, 280.0
        left = margin + column * (measure + gutter)
        y = paragraph(
            sheet,
            text,
            (left, int(y)),
            measure=measure,
            style=Style("serif", size),
            leading=int(size * 1.42),
            lowest=height - 190,
        )
        y += size * 0.8
    sheet.text(width / 2, height - 90, footer, Style("serif", 26), INK, align="centre")
    return sheet


def timetable(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], note: str, rng: Generator
) -> Canvas:
    """A printed departure table behind glass: every cell is a text of its own."""
    widths = [330] + [132] * (len(heads) - 1)
    width, height = sum(widths) + 100, 330 + 44 * len(rows) + 90
    sheet = Canvas.of(paper(rng, (width, height), (248, 247, 240)))
    sheet.draw.rectangle((0, 0, width, 150), fill=(24, 64, 120, 255))
    sheet.text(50, 104, title, fitted(title, Style("sans-bold", 10), width - 120, 64), (246, 246, 244))
    lefts = [50 + sum(widths[:column]) for column in range(len(widths))]
    for left, text in zip(lefts, heads, strict=True):
        sheet.text(left, 214, text, Style("narrow-bold", 34), (24, 64, 120))
    for number, row in enumerate(rows):
        y = 276 + 44 * number
        if number % 2:
            sheet.draw.rectangle((36, y - 33, width - 36, y + 10), fill=(222, 228, 236, 255))
        for left, text in zip(lefts, row, strict=True):
            sheet.text(left, y, text, Style("narrow", 34), INK)
    sheet.text(50, height - 46, note, fitted(note, Style("narrow", 30), width - 100), INK)
    return sheet


def on_monitor(sheet: Canvas, shot: Shot, rng: Generator) -> Photo:
    """A page shown on a monitor and photographed: pixel grid, glow, reflections."""
    size = shot.size
    pixels = np.asarray(sheet.image.convert("RGB"), np.float32)
    columns = 1 - 0.1 * (np.arange(sheet.size[0]) % 3 == 0)
    lines = 1 - 0.1 * (np.arange(sheet.size[1]) % 3 == 0)
    screen = Canvas.of(to_pixels((pixels * columns[None, :, None] * lines[:, None, None]).astype(np.float32)))
    screen.words = sheet.words
    case = Canvas(sheet.size[0] + 90, sheet.size[1] + 150, (24, 25, 28))
    case.paste(screen, placed(sheet.size, (case.size[0] / 2, sheet.size[1] / 2 + 45)))
    case.draw.ellipse(
        (case.size[0] // 2 - 8, case.size[1] - 56, case.size[0] // 2 + 8, case.size[1] - 40),
        fill=(120, 220, 140, 255),
    )
    wall = cv2.GaussianBlur(noise(rng, size, 500, 3), (0, 0), 20)
    scene = Canvas.of(to_pixels((1 + 0.1 * wall)[:, :, None] * np.array([118, 112, 104], np.float32)))
    matrix = shot.view((case.size[0] / 2, case.size[1] / 2), size[0] * 0.88 / case.size[0])
    scene.paste(case, matrix, Shadow(0, 30, 40, 0.5))
    return Photo(scene, shot.exposure)


def ledger(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], rng: Generator) -> Canvas:
    """A spreadsheet window: header bar and a grid of small cells."""
    widths = [110, 420, 210, 190, 190]
    width, height = sum(widths) + 80, 230 + 42 * len(rows) + 40
    sheet = Canvas(width, height, (250, 250, 252))
    sheet.draw.rectangle((0, 0, width, 84), fill=(36, 112, 84, 255))
    sheet.text(40, 57, title, Style("poppins", 36), (250, 250, 250))
    lefts = [40 + sum(widths[:column]) for column in range(len(widths))]
    sheet.draw.rectangle((30, 110, width - 30, 164), fill=(226, 230, 234, 255))
    for left, text in zip(lefts, heads, strict=True):
        sheet.text(left, 148, text, Style("sans-bold", 29), INK)
    for number, row in enumerate(rows):
        y = 204 + 42 * number
        for left, text in zip(lefts, row, strict=True):
            sheet.text(left, y, text, Style("sans", 28), INK)
        sheet.draw.line([(30, y + 13), (width - 30, y + 13)], fill=(206, 210, 216, 255), width=2)
    return sheet


def paragraph(
    canvas: Canvas,
    text: str,
    corner: tuple[int, int],
    *,
    measure: int,
    style: Style,
    leading: int,
    lowest: int = 10**6,
) -> float:
    """Set `text` ragged right from a top left corner; every line is a label. Returns the next free y."""
    y = corner[1] + style.size
    for line in wrapped(text, style, measure):
        if y > lowest:
            break
        canvas.text(corner[0], y, line, style, INK)
        y += leading
    return float(y - style.size)


def wrapped(text: str, style: Style, measure: float) -> list[str]:
    """Break a text into lines of at most `measure` pixels."""
    face = font(style.face, style.size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= measure:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def creased(rng: Generator, size: tuple[int, int], colour: Colour, creases: int) -> Pixels:
    """Paper that was folded and crumpled: facets of slightly different brightness with bright edges."""
    width, height = size
    shade = 0.02 * noise(rng, size, 300, 3) + 0.01 * noise(rng, size, 3, 1)
    x, y = np.arange(width, dtype=np.float64)[None, :], np.arange(height, dtype=np.float64)[:, None]
    for _ in range(creases):
        angle = rng.uniform(-0.5, 0.5) + (np.pi / 2 if rng.random() < 0.5 else 0)
        offset = (x - rng.uniform(0, width)) * np.sin(angle) + (y - rng.uniform(0, height)) * np.cos(angle)
        shade = shade + 0.035 * np.tanh(offset / 40) * np.exp(-np.abs(offset) / 260)
        shade = shade + 0.05 * np.exp(-(offset**2) / 12)
    return to_pixels(((1 + shade)[:, :, None] * np.array(colour)).astype(np.float32))


def _rule(sheet: Canvas, y: float, row: int) -> float:
    for x in range(50, sheet.size[0] - 50, 22):
        sheet.draw.line([(x, y - 10), (x + 12, y - 10)], fill=(*INK, 255), width=3)
    return y + row


def folded(sheet: Canvas, folds: int) -> Canvas:
    """The same sheet after it was folded into `folds` + 1 strips: each catches the light differently."""
    height = sheet.size[1]
    pixels = np.asarray(sheet.image.convert("RGB"), np.float32)
    shade = np.ones((height, 1), np.float32)
    for fold in range(1, folds + 1):
        at = height * fold // (folds + 1)
        rows = np.arange(height, dtype=np.float64)
        shade[:, 0] *= (1 - 0.13 * np.exp(-np.abs(rows - at) / 60) * (1 if fold % 2 else -0.5)).astype(
            np.float32
        )
        shade[at - 2 : at + 2] *= 0.88
    copy = Canvas.of(to_pixels(pixels * shade[:, :, None]))
    copy.words = sheet.words
    return copy
