"""Much small text: receipts, nutrition labels, pages, timetables, leaflets, a table on a monitor."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator

from canvas import Canvas, Colour, Shadow
from lettering import Style, fitted, font
from photo import Shot
from projection import placed
from surfaces import Surface, creased, noise, paper, to_pixels

INK: Colour = (38, 38, 42)


def lying(
    *, sheet: dict[str, Any], degrees: float, ground: Surface, shot: Shot, rng: Generator, folds: int = 0
) -> Canvas:
    """A sheet on a table, its middle in the picture's; `sheet` is a key of SHEETS and what is on it."""
    (kind, content), *_ = sheet.items()
    paper = SHEETS[kind](**content, rng=rng)
    if folds:
        paper = _folded(paper, folds)
    side = int(max(paper.size) * 1.9)
    scene, matrix = Canvas(*shot.size), shot.view((side / 2, side / 2), 2)
    scene.pave(ground(rng, (side, side)), matrix)
    place = placed(paper.size, (side / 2, side / 2), 1.0, degrees)
    scene.paste(paper, matrix @ place, Shadow(12, 16, 12, 0.5))
    return scene


def on_monitor(title: str, heads: Sequence[str], goods: Sequence[str], shot: Shot, rng: Generator) -> Canvas:
    """A spreadsheet on a monitor, photographed: pixel grid, glow, reflections."""
    size = shot.size
    sheet = _stock_list(title, heads, goods, rng)
    width, height = sheet.size
    columns = 1 - 0.1 * (np.arange(width) % 3 == 0)
    lines = 1 - 0.1 * (np.arange(height) % 3 == 0)
    pixels = (sheet.rgb * columns[None, :, None] * lines[:, None, None]).astype(np.float32)
    case = Canvas(width + 90, height + 150, (24, 25, 28))
    case.paste(
        Canvas.of(to_pixels(pixels), sheet.words), placed(sheet.size, (width / 2 + 45, height / 2 + 45))
    )
    middle, foot = case.size[0] // 2, case.size[1] - 48
    case.draw.ellipse((middle - 8, foot - 8, middle + 8, foot + 8), fill=(120, 220, 140, 255))
    wall = cv2.GaussianBlur(noise(rng, size, 500, 3), (0, 0), 20)
    scene = Canvas.of(to_pixels((1 + 0.1 * wall)[:, :, None] * np.array([118, 112, 104], np.float32)))
    matrix = shot.view((case.size[0] / 2, case.size[1] / 2), size[0] * 0.88 / case.size[0])
    scene.paste(case, matrix, Shadow(0, 30, 40, 0.5))
    return scene


def receipt(
    head: Sequence[str],
    items: Sequence[tuple[str, str]],
    sums: Sequence[tuple[str, str]],
    foot: Sequence[str],
    rng: Generator,
) -> Canvas:
    """Thermal paper with creases; names at the left, prices at the right."""
    row, width = 38, 760
    height = 150 + row * (len(head) + len(items) + len(sums) + len(foot) + 5)
    sheet = Canvas.of(creased(rng, (width, height), (240, 239, 234), 5))
    y = 90.0
    style, bold = Style("mono", 27), Style("mono-bold", 27)
    for number, text in enumerate(head):
        sheet.text(width / 2, y, text, style if number else Style("mono-bold", 40), INK, align="centre")
        y += row if number else row + 14
    for part, face in ((items, style), (sums, bold), ([], bold)):
        for x in range(50, width - 50, 22):
            sheet.draw.line([(x, y - 10), (x + 12, y - 10)], fill=(*INK, 255), width=3)
        y += row
        for name, price in part:
            sheet.text(50, y, name, face, INK)
            sheet.text(width - 50, y, price, face, INK, align="right")
            y += row
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
    sheet.fit(46, 130, "Nutrition Facts", Style("archivo"), (width - 100, 84), INK, align="left")
    y = 190.0
    for text in serving:
        sheet.text(48, y, text, Style("sans", 34), INK)
        y += 44
    draw.rectangle((46, y - 18, width - 46, y - 2), fill=(*INK, 255))
    y += 36
    for name, value, level in rows:
        sheet.text(48 + 36 * level, y, name, Style("sans" if level else "sans-bold", 33), INK)
        sheet.text(width - 48, y, value, Style("sans-bold", 33), INK, align="right")
        draw.line([(46, y + 13), (width - 46, y + 13)], fill=(*INK, 255), width=2)
        y += 46
    _paragraph(sheet, foot, (48, int(y + 14)), measure=width - 96, style=Style("sans", 25), leading=32)
    return sheet


def page(
    *, title: str, chapters: Sequence[str], footer: str, rng: Generator, columns: int = 1, size: int = 30
) -> Canvas:
    """A printed page in one or two columns."""
    width, height, gutter, margin, top = 1240, 1654, 60, 120, 280.0
    sheet = Canvas.of(paper(rng, (width, height), (246, 243, 234)))
    sheet.fit(width / 2, 190, title, Style("serif-bold"), (860, 54), INK)
    measure = (width - 2 * margin - gutter * (columns - 1)) // columns
    layout: dict[str, Any] = {"measure": measure, "style": Style("serif", size), "leading": int(size * 1.42)}
    column, y = 0, top
    for text in chapters:
        if y > height - 330 and column + 1 < columns:
            column, y = column + 1, top
        corner = (margin + column * (measure + gutter), int(y))
        y = _paragraph(sheet, text, corner, lowest=height - 190, **layout) + size * 0.8
    sheet.text(width / 2, height - 90, footer, Style("serif", 26), INK, align="centre")
    return sheet


def timetable(
    *,
    title: str,
    heads: Sequence[str],
    stops: Sequence[str],
    starts: Sequence[int],
    note: str,
    rng: Generator,
) -> Canvas:
    """A printed departure table behind glass; `starts` are the first stop's times in minutes of the day."""
    rows = [
        [stop, *(f"{time // 60:02d}:{time % 60:02d}" for time in times)]
        for number, stop in enumerate(stops)
        for times in [[start + number * 4 + int(rng.integers(0, 2)) for start in starts]]
    ]
    widths = [330] + [132] * (len(heads) - 1)
    width, height = sum(widths) + 100, 330 + 44 * len(rows) + 90
    sheet = Canvas.of(paper(rng, (width, height), (248, 247, 240)))
    sheet.draw.rectangle((0, 0, width, 150), fill=(24, 64, 120, 255))
    sheet.fit(50, 104, title, Style("sans-bold"), (width - 120, 64), (246, 246, 244), align="left")
    lefts = [50 + sum(widths[:column]) for column in range(len(widths))]
    _cells(sheet, lefts, heads, 214, Style("narrow-bold", 34), ink=(24, 64, 120))
    for number, row in enumerate(rows):
        y = 276 + 44 * number
        if number % 2:
            sheet.draw.rectangle((36, y - 33, width - 36, y + 10), fill=(222, 228, 236, 255))
        _cells(sheet, lefts, row, y, Style("narrow", 34))
    sheet.text(50, height - 46, note, fitted(note, Style("narrow"), width - 100), INK)
    return sheet


SHEETS: dict[str, Callable[..., Canvas]]
SHEETS = {"receipt": receipt, "nutrition_label": nutrition_label, "page": page, "timetable": timetable}


def _stock_list(title: str, heads: Sequence[str], goods: Sequence[str], rng: Generator) -> Canvas:
    """A spreadsheet window: header bar and a grid of small cells, with random prices."""
    rows = []
    for number, name in enumerate(goods):
        count, cents = int(rng.integers(2, 96)), int(rng.integers(120, 9900))
        value = f"{count * cents / 100:.2f}"
        rows.append([f"{1040 + 7 * number}", name, f"{count} pcs", f"{cents / 100:.2f}", value])
    widths = [110, 420, 210, 190, 190]
    width, height = sum(widths) + 80, 230 + 42 * len(rows) + 40
    sheet = Canvas(width, height, (250, 250, 252))
    sheet.draw.rectangle((0, 0, width, 84), fill=(36, 112, 84, 255))
    sheet.text(40, 57, title, Style("poppins", 36), (250, 250, 250))
    lefts = [40 + sum(widths[:column]) for column in range(len(widths))]
    sheet.draw.rectangle((30, 110, width - 30, 164), fill=(226, 230, 234, 255))
    _cells(sheet, lefts, heads, 148, Style("sans-bold", 29))
    for number, row in enumerate(rows):
        y = 204 + 42 * number
        _cells(sheet, lefts, row, y, Style("sans", 28))
        sheet.draw.line([(30, y + 13), (width - 30, y + 13)], fill=(206, 210, 216, 255), width=2)
    return sheet


def _cells(
    sheet: Canvas, lefts: Sequence[int], texts: Sequence[str], y: float, style: Style, *, ink: Colour = INK
) -> None:
    for left, text in zip(lefts, texts, strict=True):
        sheet.text(left, y, text, style, ink)


def _paragraph(
    canvas: Canvas,
    text: str,
    corner: tuple[int, int],
    *,
    measure: float,
    style: Style,
    leading: int,
    lowest: int = 10**6,
) -> float:
    """Set `text` ragged right from a top left corner; every line is a label. Returns the next free y."""
    face, lines = font(style.face, style.size), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= measure:
            lines[-1] = longer
        else:
            lines.append(word)
    y = corner[1] + style.size
    for line in lines:
        if y > lowest:
            break
        canvas.text(corner[0], y, line, style, INK)
        y += leading
    return float(y - style.size)


def _folded(sheet: Canvas, folds: int) -> Canvas:
    """The same sheet after it was folded into `folds` + 1 strips: each catches the light differently."""
    height = sheet.size[1]
    shade = np.ones((height, 1), np.float32)
    rows = np.arange(height, dtype=np.float64)
    for fold in range(1, folds + 1):
        at = height * fold // (folds + 1)
        crease = 1 - 0.13 * np.exp(-np.abs(rows - at) / 60) * (1 if fold % 2 else -0.5)
        shade[:, 0] *= crease.astype(np.float32)
        shade[at - 2 : at + 2] *= 0.88
    return Canvas.of(to_pixels(sheet.rgb * shade[:, :, None]), sheet.words)
