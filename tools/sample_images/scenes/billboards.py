"""Billboards: on posts under the sky, painted on bricks, a poster at a bus stop, a road's guide sign."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from canvas import Canvas, Colour, Shadow
from lettering import Style, fitted
from photo import Shot
from projection import placed, view
from surfaces import asphalt, bricks, foliage, gradient, noise, plaster, sky, street, to_pixels

WIDE = (1800, 800)
TALL = (900, 1350)


@dataclass(frozen=True)
class Advert:
    """Words and colours of a poster."""

    headline: tuple[str, ...]
    line: str
    price: str
    contact: str
    ground: tuple[Colour, Colour]
    ink: Colour
    accent: Colour
    face: str = "anton"
    picture: str = "sun"
    """A key of PICTURES."""

    @property
    def bright(self) -> Colour:
        """The ink on the banner, which has the accent's colour."""
        return (250, 250, 244) if sum(self.accent) < 420 else (24, 24, 28)

    def wide(self) -> Canvas:
        """A landscape poster, WIDE pixels: picture at the right, words at the left."""
        canvas = Canvas.of(gradient(WIDE, *self.ground))
        PICTURES[self.picture](canvas, (1390, 380), 300, self)
        top, space, bold = 70, 360 // len(self.headline), Style("poppins-bold")
        for text in self.headline:
            style = Style(self.face, tracking=0.01)
            canvas.fit(80, top + space - 30, text, style, (940, space - 34), self.ink, align="left")
            top += space
        canvas.fit(84, top + 76, self.line, Style("poppins"), (900, 56), self.ink, align="left")
        canvas.draw.rectangle((0, 620, *WIDE), fill=(*self.accent, 255))
        canvas.fit(84, 746, self.price, bold, (700, 78), self.bright, align="left")
        canvas.fit(1720, 742, self.contact, bold, (700, 62), self.bright, align="right")
        return canvas

    def tall(self) -> Canvas:
        """A portrait poster, TALL pixels: picture on top, words below."""
        canvas = Canvas.of(gradient(TALL, *self.ground))
        PICTURES[self.picture](canvas, (450, 350), 250, self)
        top, bold = 660, Style("poppins-bold")
        for text in self.headline:
            canvas.fit(450, top + 130, text, Style(self.face, tracking=0.01), (760, 130), self.ink)
            top += 160
        canvas.fit(450, top + 70, self.line, Style("poppins"), (740, 50), self.ink)
        canvas.draw.rectangle((0, 1170, *TALL), fill=(*self.accent, 255))
        canvas.fit(60, 1288, self.price, bold, (340, 70), self.bright, align="left")
        canvas.fit(850, 1282, self.contact, bold, (400, 46), self.bright, align="right")
        return canvas


def on_posts(advert: dict[str, Any], shot: Shot, rng: Generator, night: bool = False) -> Canvas:
    """A wide poster in a frame on two posts, trees below, sky above."""
    size = shot.size
    dusk = ((16, 22, 44), (70, 66, 84)) if night else ((96, 146, 206), (206, 222, 236))
    scene = Canvas.of(sky(rng, size, *dusk, -2.0 if night else 0.55))
    trees = foliage(rng, (size[0], size[1] // 4), (20, 26, 24) if night else (66, 94, 52))
    crowns = noise(rng, (size[0], 1), 260, 4, 1.0)[0] * 60 + 90
    outline = [(float(x), float(max(4, crowns[x]))) for x in range(0, size[0], 8)]
    cut = Canvas(size[0], size[1] // 4)
    cut.shape([(0, cut.size[1]), *outline, cut.size], trees, 3)
    scene.paste(cut, placed(cut.size, (size[0] / 2, size[1] * 0.89)))
    matrix = shot.view((WIDE[0] / 2, 420), size[0] / 2350, aim=(0.5, 0.42))
    posts = Canvas(WIDE[0], 1500)
    for x in (420, 1340):
        steel = gradient((60, 700), (74, 76, 80), (134, 136, 140), across=True)
        posts.paste(Canvas.of(steel), placed((60, 700), (x, 1150)))
    scene.paste(posts, matrix)
    board = Canvas(WIDE[0] + 80, WIDE[1] + 80, (58, 60, 64))
    board.paste(Advert(**advert).wide(), placed(WIDE, (board.size[0] / 2, board.size[1] / 2)))
    for seam in range(1, 4):
        x = 40 + seam * WIDE[0] // 4
        board.draw.line([(x, 40), (x, WIDE[1] + 40)], fill=(30, 30, 32, 255), width=2)
    if night:
        board = _lamp_light(board)
    scene.paste(board, matrix @ placed(board.size, (WIDE[0] / 2, WIDE[1] / 2)), Shadow(0, 0, 8, 0.4))
    walk = Canvas(WIDE[0] + 80, 60)
    walk.draw.rectangle((0, 0, WIDE[0] + 80, 14), fill=(40, 42, 46, 255))
    for x in range(0, WIDE[0] + 80, 34):
        walk.draw.line([(x, 12), (x + 17, 58), (x + 34, 12)], fill=(52, 54, 58, 255), width=5)
    scene.paste(walk, matrix @ placed(walk.size, (WIDE[0] / 2, WIDE[1] + 72)))
    return scene


def on_bricks(advert: dict[str, Any], shot: Shot, rng: Generator) -> Canvas:
    """A poster painted on a brick wall: the bricks show through and the paint has worn."""
    plane = (2600, 1700)
    wall = bricks(rng, plane, (150, 82, 64))
    painted = Canvas.of(wall)
    painted.paste(Advert(**advert).wide(), placed(WIDE, (1300, 800)))
    grain = wall.astype(np.float32).mean(axis=2, keepdims=True) / 105
    worn = np.clip(noise(rng, plane, 120, 6) * 1.4 - 0.9, 0, 0.55)[:, :, None]
    paint = painted.rgb * (0.45 + 0.55 * np.clip(grain, 0.6, 1.3))
    mural = Canvas.of(to_pixels(paint * (1 - worn) + wall * worn), painted.words)
    return shot.of(mural, (1300, 850), shot.size[0] / 2050, wall)


def at_the_stop(advert: dict[str, Any], shot: Shot, rng: Generator) -> Canvas:
    """A lit tall poster in a bus shelter's case, the street behind."""
    size = shot.size
    scene = Canvas.of(street(rng, size))
    pavement = Canvas.of(plaster(rng, (size[0], size[1] // 5), (150, 148, 142)))
    scene.paste(pavement, placed(pavement.size, (size[0] / 2, size[1] * 0.92)))
    matrix = shot.view((TALL[0] / 2, TALL[1] / 2 + 60), size[1] / 1800)
    width, height = TALL[0] + 140, TALL[1] + 300
    case = Canvas(width, height)
    case.draw.rounded_rectangle((0, 0, width, TALL[1] + 140), 30, fill=(44, 48, 54, 255))
    for left in (60, width - 150):
        case.draw.rectangle((left, TALL[1] + 140, left + 90, height), fill=(40, 42, 46, 255))
    case.paste(Advert(**advert).tall(), placed(TALL, (width / 2, TALL[1] / 2 + 70)))
    gloss = case.polygon_mask([(560, 70), (760, 70), (300, TALL[1] + 70), (100, TALL[1] + 70)], 6)
    case.veil((255, 255, 255), 0.1, gloss)
    scene.paste(case, matrix @ placed(case.size, (TALL[0] / 2, TALL[1] / 2 + 80)), Shadow(20, 10, 20, 0.4))
    return scene


def guide_sign(rows: Sequence[tuple[str, str]], footer: str, shot: Shot, rng: Generator) -> Canvas:
    """A green sign over a motorway: places with their distances."""
    size = shot.size
    scene = Canvas.of(sky(rng, size, (110, 156, 210), (222, 230, 236), 0.6))
    hills = np.cumsum(rng.standard_normal(size[0] // 16 + 1)) * 5 + size[1] * 0.74
    ridge = [(x * 16.0, float(y)) for x, y in enumerate(hills)]
    scene.shape([(0, size[1]), *ridge, size], foliage(rng, size, (92, 112, 92)), 4)
    road = Canvas.of(asphalt(rng, (1400, 900)))
    for lane in (350, 700, 1050):
        for dash in range(0, 900, 150):
            road.draw.rectangle((lane - 5, dash, lane + 5, dash + 70), fill=(226, 226, 220, 255))
    scene.paste(road, view((700, 880), size, size[0] / 1000, (0, -74, 0), (0.5, 1.02)))
    width, height = 1500, 250 + 190 * len(rows)
    board = Canvas(width, height)
    draw = board.draw
    draw.rounded_rectangle((0, 0, width - 1, height - 1), 46, fill=(20, 106, 66, 255))
    draw.rounded_rectangle((14, 14, width - 15, height - 15), 38, outline=(236, 240, 236, 255), width=9)
    white = (240, 244, 240)
    for row, (place, distance) in enumerate(rows):
        y, style = 190 + row * 190, Style("sans-bold", 120)
        board.text(90, y, place, fitted(place, style, 960, 104), white)
        board.text(1410, y, distance, style, white, align="right")
    draw.rectangle((60, height - 150, width - 60, height - 50), fill=(244, 200, 40, 255))
    board.fit(750, height - 72, footer, Style("sans-bold"), (1200, 64), (20, 20, 22))
    matrix = shot.view((750, height / 2), size[0] / 2300, (0.52, 0.36))
    gantry = Canvas(2400, 60, (128, 130, 134))
    scene.paste(gantry, matrix @ placed(gantry.size, (900, -30)))
    scene.paste(board, matrix, Shadow(0, 12, 10, 0.3))
    return scene


def _lamp_light(board: Canvas) -> Canvas:
    """Lamps on the catwalk shine upwards: bright cones at the foot, dark towards the top."""
    width, height = board.size
    x, y = np.linspace(0, 1, width)[None, :], np.linspace(1, 0, height)[:, None]
    light = np.full((height, width), 0.35)
    for lamp in (0.15, 0.5, 0.85):
        light = light + 0.75 * np.exp(-((x - lamp) ** 2) / (0.012 + 0.03 * y) - 1.1 * y)
    warm = light[:, :, None] * np.array([1.0, 0.93, 0.8])
    return Canvas.of(to_pixels((board.rgb * warm).astype(np.float32)), board.words)


def _sun(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    for ring, tone in ((1.0, 0.55), (0.78, 0.75), (0.55, 1.0)):
        radius = int(size * ring)
        colour = [
            int(a * tone + g * (1 - tone)) for a, g in zip(advert.accent, advert.ground[0], strict=True)
        ]
        canvas.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*colour, 255))
    for wave in range(3):
        top = y + int(size * (0.35 + wave * 0.2))
        points = [(x - size + i * size / 20, float(top + 14 * np.sin(i * 0.8 + wave))) for i in range(41)]
        canvas.draw.line(points, fill=(*advert.ink, 255), width=10)


def _cup(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    draw, ink = canvas.draw, (*advert.ink, 255)
    draw.ellipse((x - size, y + size * 0.62, x + size, y + size * 0.95), fill=(*advert.accent, 255))
    handle = (x + size * 0.35, y - size * 0.3, x + size * 0.95, y + size * 0.35)
    draw.arc(handle, -110, 110, ink, 34)
    cup = [(x - size * 0.6, y - size * 0.45), (x + size * 0.6, y - size * 0.45)]
    cup += [(x + size * 0.42, y + size * 0.75), (x - size * 0.42, y + size * 0.75)]
    canvas.shape(cup, gradient(canvas.size, advert.ink, advert.ink), 16)
    draw.ellipse((x - size * 0.58, y - size * 0.58, x + size * 0.58, y - size * 0.32), fill=(92, 56, 34, 255))
    for steam in (-0.25, 0.05, 0.35):
        left, foot = x + size * steam, y - size * 0.62
        points = [(float(left + 18 * np.sin(i * 0.5)), foot - i * size / 50) for i in range(16)]
        draw.line(points, fill=ink, width=9)


def _peaks(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    for shift, height, tone in ((-0.45, 0.8, 0.55), (0.4, 1.0, 0.75), (0.0, 1.25, 1.0)):
        foot = y + size * 0.7
        tip, half = (x + size * shift, y + size * 0.7 - size * height), size * 0.62
        colour = [int(c * tone) for c in advert.accent]
        canvas.draw.polygon([(tip[0] - half, foot), tip, (tip[0] + half, foot)], fill=(*colour, 255))
        line = tip[1] + height * size * 0.28
        snow = [(tip[0] - half * 0.28, line), tip, (tip[0] + half * 0.28, line)]
        canvas.draw.polygon([*snow, (tip[0], tip[1] + height * size * 0.2)], fill=(246, 248, 250, 255))


def _wheel(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    draw, ink, radius = canvas.draw, (*advert.ink, 255), size * 0.48
    axle = y + size * 0.1 + 60
    rear, front, crank = (x - size * 0.62, axle), (x + size * 0.62, axle), (x - size * 0.08, axle)
    for hub in (rear[0], front[0]):
        tyre = (hub - radius, y + size * 0.1 - radius + 60, hub + radius, y + size * 0.1 + radius + 60)
        draw.ellipse(tyre, outline=ink, width=16)
    seat, head = (x - size * 0.25, y - size * 0.5), (x + size * 0.4, y - size * 0.5)
    for path in ([rear, crank, seat, rear], [crank, head, seat], [head, front]):
        draw.line(path, fill=(*advert.accent, 255), width=18)
    draw.line([(seat[0] - 50, seat[1] - 24), (seat[0] + 40, seat[1] - 24)], fill=ink, width=20)
    draw.line([head, (head[0] + 10, head[1] - 60), (head[0] + 80, head[1] - 70)], fill=ink, width=16)


PICTURES: dict[str, Callable[[Canvas, tuple[int, int], int, Advert], None]]
PICTURES = {"sun": _sun, "cup": _cup, "peaks": _peaks, "wheel": _wheel}
