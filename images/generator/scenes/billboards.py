"""Billboards: on posts under the sky, painted on bricks, a poster at a bus stop, a road's guide sign."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from generator.canvas import Canvas, Colour, Shadow
from generator.geometry import placed, view
from generator.lettering import Style, fitted
from generator.photo import Photo, Shot
from generator.textures import asphalt, bricks, foliage, gradient, noise, plaster, sky, street, to_pixels

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
    """sun, cup, peaks or wheel"""


def wide_poster(advert: Advert, rng: Generator) -> Canvas:
    """A landscape poster, WIDE pixels: picture at the right, words at the left."""
    canvas = Canvas.of(gradient(WIDE, *advert.ground))
    PICTURES[advert.picture](canvas, (1390, 380), 300, advert)
    top = 70
    space = 360 // len(advert.headline)
    for text in advert.headline:
        style = fitted(text, Style(advert.face, 10, tracking=0.01), 940, space - 34)
        box = canvas.text(80, top + space - 30, text, style, advert.ink)
        top += space if box[3] else 0
    canvas.text(84, top + 76, advert.line, fitted(advert.line, Style("poppins", 10), 900, 56), advert.ink)
    banner = (0, 620, WIDE[0], WIDE[1])
    canvas.draw.rectangle(banner, fill=(*advert.accent, 255))
    bright = (250, 250, 244) if sum(advert.accent) < 420 else (24, 24, 28)
    canvas.text(84, 746, advert.price, fitted(advert.price, Style("poppins-bold", 10), 700, 78), bright)
    contact = fitted(advert.contact, Style("poppins-bold", 10), 700, 62)
    canvas.text(1720, 742, advert.contact, contact, bright, align="right")
    return canvas


def tall_poster(advert: Advert, rng: Generator) -> Canvas:
    """A portrait poster, TALL pixels: picture on top, words below."""
    canvas = Canvas.of(gradient(TALL, *advert.ground))
    PICTURES[advert.picture](canvas, (450, 350), 250, advert)
    top = 660
    for text in advert.headline:
        style = fitted(text, Style(advert.face, 10, tracking=0.01), 760, 130)
        canvas.text(450, top + 130, text, style, advert.ink, align="centre")
        top += 160
    line = fitted(advert.line, Style("poppins", 10), 740, 50)
    canvas.text(450, top + 70, advert.line, line, advert.ink, align="centre")
    canvas.draw.rectangle((0, 1170, *TALL), fill=(*advert.accent, 255))
    bright = (250, 250, 244) if sum(advert.accent) < 420 else (24, 24, 28)
    canvas.text(60, 1288, advert.price, fitted(advert.price, Style("poppins-bold", 10), 340, 70), bright)
    contact = fitted(advert.contact, Style("poppins-bold", 10), 400, 46)
    canvas.text(850, 1282, advert.contact, contact, bright, align="right")
    return canvas


def on_posts(
    advert: Advert,
    shot: Shot,
    rng: Generator,
    night: bool = False,
) -> Photo:
    """A wide poster in a frame on two posts, trees below, sky above."""
    size = shot.size
    dusk = ((16, 22, 44), (70, 66, 84)) if night else ((96, 146, 206), (206, 222, 236))
    scene = Canvas.of(sky(rng, size, *dusk, -2.0 if night else 0.55))
    leaves = (20, 26, 24) if night else (66, 94, 52)
    trees = Canvas.of(foliage(rng, (size[0], size[1] // 4), leaves))
    crowns = noise(rng, (size[0], 1), 260, 4, 1.0)[0] * 60 + 90
    outline = [(float(x), float(max(4, crowns[x]))) for x in range(0, size[0], 8)]
    cut = Canvas(*trees.size)
    cut.shape(
        [(0, trees.size[1]), *outline, (size[0], trees.size[1])], np.asarray(trees.image.convert("RGB")), 3
    )
    scene.paste(cut, placed(cut.size, (size[0] / 2, size[1] * 0.89)))
    matrix = shot.view((WIDE[0] / 2, 420), size[0] / 2350, aim=(0.5, 0.42))
    posts = Canvas(WIDE[0], 1500)
    for x in (420, 1340):
        steel = gradient((60, 700), (74, 76, 80), (134, 136, 140), across=True)
        posts.paste(Canvas.of(steel), placed((60, 700), (x, 1150)))
    scene.paste(posts, matrix)
    board = Canvas(WIDE[0] + 80, WIDE[1] + 80, (58, 60, 64))
    poster = wide_poster(advert, rng)
    board.paste(poster, placed(poster.size, (board.size[0] / 2, board.size[1] / 2)))
    for seam in range(1, 4):
        x = 40 + seam * WIDE[0] // 4
        board.draw.line([(x, 40), (x, WIDE[1] + 40)], fill=(30, 30, 32, 255), width=2)
    if night:
        _lamp_light(board)
    scene.paste(board, matrix @ placed(board.size, (WIDE[0] / 2, WIDE[1] / 2)), Shadow(0, 0, 8, 0.4))
    walk = Canvas(WIDE[0] + 80, 60)
    walk.draw.rectangle((0, 0, WIDE[0] + 80, 14), fill=(40, 42, 46, 255))
    for x in range(0, WIDE[0] + 80, 34):
        walk.draw.line([(x, 12), (x + 17, 58), (x + 34, 12)], fill=(52, 54, 58, 255), width=5)
    scene.paste(walk, matrix @ placed(walk.size, (WIDE[0] / 2, WIDE[1] + 72)))
    return Photo(scene, shot.exposure)


def on_bricks(
    advert: Advert,
    shot: Shot,
    rng: Generator,
) -> Photo:
    """A poster painted on a brick wall: the bricks show through and the paint has worn."""
    size = shot.size
    plane = (2600, 1700)
    wall = bricks(rng, plane, (150, 82, 64))
    painted = Canvas.of(wall)
    poster = wide_poster(advert, rng)
    painted.paste(poster, placed(poster.size, (1300, 800)))
    grain = wall.astype(np.float32).mean(axis=2, keepdims=True) / 105
    worn = np.clip(noise(rng, plane, 120, 6) * 1.4 - 0.9, 0, 0.55)[:, :, None]
    paint = np.asarray(painted.image.convert("RGB"), np.float32) * (0.45 + 0.55 * np.clip(grain, 0.6, 1.3))
    mural = Canvas.of(to_pixels(paint * (1 - worn) + wall * worn))
    mural.words = painted.words
    scene = Canvas(*size)
    matrix = shot.view((1300, 850), size[0] / 2050)
    scene.pave(wall, matrix)
    scene.paste(mural, matrix)
    return Photo(scene, shot.exposure)


def at_the_stop(
    advert: Advert,
    shot: Shot,
    rng: Generator,
) -> Photo:
    """A lit tall poster in a bus shelter's case, the street behind."""
    size = shot.size
    scene = Canvas.of(street(rng, size))
    pavement = Canvas.of(plaster(rng, (size[0], size[1] // 5), (150, 148, 142)))
    scene.paste(pavement, placed(pavement.size, (size[0] / 2, size[1] * 0.92)))
    matrix = shot.view((TALL[0] / 2, TALL[1] / 2 + 60), size[1] / 1800)
    case = Canvas(TALL[0] + 140, TALL[1] + 300)
    case.draw.rounded_rectangle((0, 0, case.size[0], TALL[1] + 140), 30, fill=(44, 48, 54, 255))
    case.draw.rectangle((60, TALL[1] + 140, 150, case.size[1]), fill=(40, 42, 46, 255))
    case.draw.rectangle(
        (case.size[0] - 150, TALL[1] + 140, case.size[0] - 60, case.size[1]), fill=(40, 42, 46, 255)
    )
    poster = tall_poster(advert, rng)
    case.paste(poster, placed(poster.size, (case.size[0] / 2, TALL[1] / 2 + 70)))
    gloss = case.polygon_mask([(560, 70), (760, 70), (300, TALL[1] + 70), (100, TALL[1] + 70)], 6)
    case.veil((255, 255, 255), 0.1, gloss)
    scene.paste(case, matrix @ placed(case.size, (TALL[0] / 2, TALL[1] / 2 + 80)), Shadow(20, 10, 20, 0.4))
    return Photo(scene, shot.exposure)


def guide_sign(rows: list[tuple[str, str]], footer: str, shot: Shot, rng: Generator) -> Photo:
    """A green sign over a motorway: places with their distances."""
    size = shot.size
    scene = Canvas.of(sky(rng, size, (110, 156, 210), (222, 230, 236), 0.6))
    hills = np.cumsum(rng.standard_normal(size[0] // 16 + 1)) * 5 + size[1] * 0.74
    ridge = [(x * 16.0, float(y)) for x, y in enumerate(hills)]
    scene.shape([(0, size[1]), *ridge, (size[0], size[1])], foliage(rng, size, (92, 112, 92)), 4)
    road = Canvas.of(asphalt(rng, (1400, 900)))
    for lane in (350, 700, 1050):
        for dash in range(0, 900, 150):
            road.draw.rectangle((lane - 5, dash, lane + 5, dash + 70), fill=(226, 226, 220, 255))
    flat = view((700, 880), size, size[0] / 1000, (0, -74, 0), (0.5, 1.02))
    scene.paste(road, flat)
    board = Canvas(1500, 250 + 190 * len(rows))
    corner = board.size
    board.draw.rounded_rectangle((0, 0, corner[0] - 1, corner[1] - 1), 46, fill=(20, 106, 66, 255))
    board.draw.rounded_rectangle(
        (14, 14, corner[0] - 15, corner[1] - 15), 38, outline=(236, 240, 236, 255), width=9
    )
    for row, (place, distance) in enumerate(rows):
        y = 190 + row * 190
        board.text(90, y, place, fitted(place, Style("sans-bold", 120), 960, 104), (240, 244, 240))
        if distance:
            board.text(1410, y, distance, Style("sans-bold", 120), (240, 244, 240), align="right")
    board.draw.rectangle((60, corner[1] - 150, corner[0] - 60, corner[1] - 50), fill=(244, 200, 40, 255))
    board.text(
        750,
        corner[1] - 72,
        footer,
        fitted(footer, Style("sans-bold", 10), 1200, 64),
        (20, 20, 22),
        align="centre",
    )
    matrix = shot.view((750, corner[1] / 2), size[0] / 2300, (0.52, 0.36))
    gantry = Canvas(2400, 60, (128, 130, 134))
    scene.paste(gantry, matrix @ placed(gantry.size, (900, -30)))
    scene.paste(board, matrix, Shadow(0, 12, 10, 0.3))
    return Photo(scene, shot.exposure)


def _lamp_light(board: Canvas) -> None:
    """Lamps on the catwalk shine upwards: bright cones at the foot, dark towards the top."""
    pixels = np.asarray(board.image.convert("RGB"), np.float32)
    height, width = pixels.shape[:2]
    x, y = np.linspace(0, 1, width)[None, :], np.linspace(1, 0, height)[:, None]
    light = np.full((height, width), 0.35)
    for lamp in (0.15, 0.5, 0.85):
        light = light + 0.75 * np.exp(-((x - lamp) ** 2) / (0.012 + 0.03 * y) - 1.1 * y)
    warm = light[:, :, None] * np.array([1.0, 0.93, 0.8])
    words = board.words
    lit = Canvas.of(to_pixels((pixels * warm).astype(np.float32)))
    board.image, board.words = lit.image, words


def _sun(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    for ring, tone in ((1.0, 0.55), (0.78, 0.75), (0.55, 1.0)):
        radius = int(size * ring)
        colour = tuple(
            int(a * tone + g * (1 - tone)) for a, g in zip(advert.accent, advert.ground[0], strict=True)
        )
        canvas.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*colour, 255))
    for wave in range(3):
        top = y + int(size * (0.35 + wave * 0.2))
        points = [(x - size + i * size / 20, top + 14 * np.sin(i * 0.8 + wave)) for i in range(41)]
        canvas.draw.line([(float(a), float(b)) for a, b in points], fill=(*advert.ink, 255), width=10)


def _cup(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    draw = canvas.draw
    draw.ellipse((x - size, y + size * 0.62, x + size, y + size * 0.95), fill=(*advert.accent, 255))
    draw.arc(
        (x + size * 0.35, y - size * 0.3, x + size * 0.95, y + size * 0.35), -110, 110, (*advert.ink, 255), 34
    )
    cup = [
        (x - size * 0.6, y - size * 0.45),
        (x + size * 0.6, y - size * 0.45),
        (x + size * 0.42, y + size * 0.75),
    ]
    canvas.shape(
        [*cup, (x - size * 0.42, y + size * 0.75)], gradient(canvas.size, advert.ink, advert.ink), 16
    )
    draw.ellipse((x - size * 0.58, y - size * 0.58, x + size * 0.58, y - size * 0.32), fill=(92, 56, 34, 255))
    for steam in (-0.25, 0.05, 0.35):
        points = [
            (x + size * steam + 18 * np.sin(i * 0.5), y - size * 0.62 - i * size / 50) for i in range(16)
        ]
        draw.line([(float(a), float(b)) for a, b in points], fill=(*advert.ink, 255), width=9)


def _peaks(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    for shift, height, tone in ((-0.45, 0.8, 0.55), (0.4, 1.0, 0.75), (0.0, 1.25, 1.0)):
        tip = (x + size * shift, y + size * 0.7 - size * height)
        foot = y + size * 0.7
        colour = tuple(int(c * tone) for c in advert.accent)
        half = size * 0.62
        canvas.draw.polygon([(tip[0] - half, foot), tip, (tip[0] + half, foot)], fill=(*colour, 255))
        snow = [
            (tip[0] - half * 0.28, tip[1] + height * size * 0.28),
            tip,
            (tip[0] + half * 0.28, tip[1] + height * size * 0.28),
        ]
        canvas.draw.polygon([*snow, (tip[0], tip[1] + height * size * 0.2)], fill=(246, 248, 250, 255))


def _wheel(canvas: Canvas, middle: tuple[int, int], size: int, advert: Advert) -> None:
    x, y = middle
    draw, ink = canvas.draw, (*advert.ink, 255)
    small = size * 0.48
    for hub in (x - size * 0.62, x + size * 0.62):
        draw.ellipse(
            (hub - small, y + size * 0.1 - small + 60, hub + small, y + size * 0.1 + small + 60),
            outline=ink,
            width=16,
        )
    rear, front = (x - size * 0.62, y + size * 0.1 + 60), (x + size * 0.62, y + size * 0.1 + 60)
    crank, seat, head = (
        (x - size * 0.08, rear[1]),
        (x - size * 0.25, y - size * 0.5),
        (x + size * 0.4, y - size * 0.5),
    )
    accent = (*advert.accent, 255)
    for path in ([rear, crank, seat, rear], [crank, head, seat], [head, front]):
        draw.line(path, fill=accent, width=18)
    draw.line([(seat[0] - 50, seat[1] - 24), (seat[0] + 40, seat[1] - 24)], fill=ink, width=20)
    draw.line([head, (head[0] + 10, head[1] - 60), (head[0] + 80, head[1] - 70)], fill=ink, width=16)


PICTURES: dict[str, Callable[[Canvas, tuple[int, int], int, Advert], None]] = {
    "sun": _sun,
    "cup": _cup,
    "peaks": _peaks,
    "wheel": _wheel,
}
