"""Lettering that is drawn rather than set: neon, chalk, script, spray, badges, pixels."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from generator.canvas import Canvas, Colour, Shadow
from generator.geometry import placed, rotation, translation
from generator.lettering import Style, fitted, set_line
from generator.photo import Photo, Shot
from generator.textures import bricks, fabric, gradient, noise, paper, plaster, to_pixels, wood

Frame = tuple[int, int]
Angles = tuple[float, float, float]


def neon(rows: Sequence[tuple[str, str, Colour]], shot: Shot, rng: Generator) -> Photo:
    """Glowing tubes (text, face, colour) in front of bricks at night."""
    size = shot.size
    plane = (2400, 1800)
    wall = Canvas.of(bricks(rng, plane, (112, 70, 62)))
    tubes = Canvas(*plane, (0, 0, 0))
    y = 900.0 - 150 * (len(rows) - 1)
    for text, face, colour in rows:
        style = fitted(text, Style(face, 10), 1500, 230)
        tubes.text(1200, y + 90, text, style, colour, align="centre")
        y += 320
    light = np.asarray(tubes.image.convert("RGB"), np.float32)
    halo = np.zeros_like(light)
    for radius, strength in ((14, 0.9), (60, 1.3), (220, 2.2)):
        halo += strength * np.asarray(_blurred(tubes.image.convert("RGB"), radius), np.float32)
    core = np.asarray(_blurred(_thinned(tubes.image.convert("L"), 9), 2), np.float32)[:, :, None]
    stones = np.asarray(wall.image.convert("RGB"), np.float32)
    lit = stones * (0.1 + halo / 200) + 0.85 * light + halo * 0.25 + core * 0.8
    sign = Canvas.of(to_pixels(lit))
    sign.words = tubes.words
    scene = Canvas(*size, (10, 10, 14))
    scene.paste(sign, shot.view((1200, 900), size[0] / 2000))
    return Photo(scene, shot.exposure)


def chalkboard(
    title: str,
    items: Sequence[tuple[str, str]],
    foot: str,
    shot: Shot,
    rng: Generator,
) -> Photo:
    """A menu in chalk: title in script, dishes by hand with prices, framed in wood."""
    size = shot.size
    board_size = (1300, 1700)
    chalk = Canvas(*board_size, (0, 0, 0))
    chalk.text(
        650, 260, title, fitted(title, Style("pacifico", 10), 950, 200), (255, 255, 255), align="centre"
    )
    swirl = [(300 + i * 7, 360 + 20 * np.sin(i / 6)) for i in range(101)]
    chalk.draw.line([(float(x), float(y)) for x, y in swirl], fill=(255, 255, 255, 255), width=7)
    for row, (dish, price) in enumerate(items):
        line_at = 560 + row * 150
        tilt = float(rng.uniform(-1.5, 1.5))
        line = Canvas(*board_size)
        line.image.paste((255, 255, 255, 0), (0, 0, *board_size))
        line.text(110, line_at, dish, Style("indie", 96), (255, 255, 255))
        line.text(1190, line_at, price, Style("indie", 96), (255, 230, 130), align="right")
        chalk.paste(line, translation(650, line_at) @ rotation(tilt) @ translation(-650, -line_at))
    chalk.text(650, 1570, foot, fitted(foot, Style("marker", 10), 1000, 80), (250, 170, 170), align="centre")
    slate = plaster(rng, board_size, (44, 52, 50), 0.1).astype(np.float32)
    smear = np.clip(noise(rng, board_size, 340, 4, 3.0), 0, 1)[:, :, None] * 26
    strokes = np.asarray(_blurred(chalk.image.convert("RGB"), 1.2), np.float32)
    dust = np.clip(0.8 + 0.45 * noise(rng, board_size, 5, 2), 0.25, 1)[:, :, None]
    board = Canvas.of(to_pixels(slate + smear + strokes * 0.8 * dust))
    board.words = chalk.words
    framed = Canvas.of(wood(rng, (board_size[0] + 140, board_size[1] + 140), (150, 100, 60), 2000))
    framed.paste(board, translation(70, 70), Shadow(0, 0, 10, 0.8))
    texture = bricks(rng, (2600, 2600), (196, 188, 178))
    plane = Canvas.of(texture)
    plane.paste(framed, placed(framed.size, (1300, 1300)), Shadow(22, 30, 24, 0.6))
    scene, matrix = Canvas(*size), shot.view((1300, 1300), size[1] / 2150)
    scene.pave(texture, matrix)
    scene.paste(plane, matrix)
    return Photo(scene, shot.exposure)


def invitation(rows: Sequence[tuple[str, str, int]], shot: Shot, rng: Generator) -> Photo:
    """A card in copperplate (text, face, ink height) with flourishes, on linen."""
    size = shot.size
    card = Canvas.of(paper(rng, (1500, 1080), (250, 246, 236)))
    gold: Colour = (150, 112, 50)
    for inset, width in ((40, 3), (54, 8)):
        box = (inset, inset, 1499 - inset, 1079 - inset)
        card.draw.rounded_rectangle(box, 40, outline=(*gold, 255), width=width)
    for x, flip in ((190, 1), (1310, -1)):
        _flourish(card, (x, 190), flip, 1, gold)
        _flourish(card, (x, 890), flip, -1, gold)
    free = 1080 - 300 - sum(height for _, _, height in rows)
    y = 150.0
    for text, face, height in rows:
        style = fitted(text, Style(face, 10), 900, height)
        line = set_line(text, style)
        card.text(750, y - line.top, text, style, (70, 56, 44), align="centre")
        y += height + free / (len(rows) - 1)
    texture = fabric(rng, (2400, 2000), (176, 140, 138), 7)
    plane = Canvas.of(texture)
    plane.paste(card, placed(card.size, (1200, 1000), 1.0, 2.0), Shadow(12, 14, 12))
    scene, matrix = Canvas(*size), shot.view((1200, 1000), size[0] / 1900)
    scene.pave(texture, matrix)
    scene.paste(plane, matrix)
    return Photo(scene, shot.exposure)


def graffiti(
    words: Sequence[tuple[str, str, Colour, Colour]],
    shot: Shot,
    rng: Generator,
) -> Photo:
    """Sprayed words (text, face, two colours) with outline, drop and drips on a stained wall."""
    size = shot.size
    plane = (2600, 1800)
    texture = plaster(rng, plane, (178, 174, 164), 0.12)
    wall = Canvas.of(texture)
    for row, (text, face, upper, lower) in enumerate(words):
        letters = Canvas(2400, 700)
        letters.image.paste((*lower, 0), (0, 0, 2400, 700))
        style = fitted(text, Style(face, 10, tracking=-0.03), 1800, 360)
        base = 560
        ramp = _ramp(letters.size, base - 330, base, upper, lower)
        letters.text(1200, base, text, style, ramp, align="centre", outline=(16, (20, 20, 26)), label=False)
        bare = set_line(text, style)
        left, top = 1200 - bare.advance / 2 + bare.left, base + bare.top
        for _ in range(9):
            x = int(rng.uniform(left, left + bare.width))
            length = int(rng.uniform(30, 120))
            letters.draw.line([(x, base), (x, base + length)], fill=(*lower, 230), width=9)
        letters.label((left - 16, top - 16, left + bare.width + 16, top + bare.height + 16), text)
        tilt = (-6.0, 4.0, -3.0)[row % 3]
        place = placed(letters.size, (1300, 640 + row * 520), 1.0, tilt)
        mist = Shadow(0, 0, 40, 0.35)
        wall.paste(letters, place, mist)
    scene, matrix = Canvas(*size), shot.view((1300, 900), size[0] / 2250)
    scene.pave(texture, matrix)
    scene.paste(wall, matrix)
    return Photo(scene, shot.exposure)


def badge(words: tuple[str, str, str, str], shot: Shot, rng: Generator) -> Photo:
    """A round enamel sign: text along the rim, script across, hanging on boards."""
    top, middle, below, foot = words
    size = shot.size
    disc = Canvas(1300, 1300)
    cream, ink = (238, 224, 190), (120, 28, 30)
    disc.draw.ellipse((0, 0, 1299, 1299), fill=(*ink, 255))
    disc.draw.ellipse((26, 26, 1273, 1273), fill=(*cream, 255))
    disc.draw.ellipse((46, 46, 1253, 1253), fill=(*ink, 255))
    disc.draw.ellipse((260, 260, 1039, 1039), fill=(*cream, 255))
    style = Style("alfa", 108, tracking=0.06)
    disc.arc_text((650, 650), 440, 0, top, style, colour=cream)
    disc.arc_text((650, 650), 524, 180, foot, Style("alfa", 90, tracking=0.06), colour=cream, inside=True)
    for x in (150, 1150):
        star = [
            (
                x + (44 if i % 2 == 0 else 18) * np.sin(i * np.pi / 5),
                650 - (44 if i % 2 == 0 else 18) * np.cos(i * np.pi / 5),
            )
            for i in range(10)
        ]
        disc.draw.polygon([(float(a), float(b)) for a, b in star], fill=(*cream, 255))
    disc.text(
        650,
        700,
        middle,
        fitted(middle, Style("lobster", 10), 660, 220),
        ink,
        align="centre",
        drop=(6, 8, (206, 170, 110)),
    )
    disc.text(
        650,
        840,
        below,
        fitted(below, Style("arvo-bold", 10, tracking=0.1), 460, 54),
        (60, 50, 44),
        align="centre",
    )
    rust = np.clip(noise(rng, disc.size, 160, 5) - 0.8, 0, 0.7)
    mask = Image.fromarray((rust * 255).astype(np.uint8))
    rim = Image.new("L", disc.size)
    rim.paste(mask, (0, 0), disc.image.getchannel("A"))
    disc.fill((120, 70, 40), rim)
    texture = wood(rng, (2400, 2000), (108, 128, 124), 270)
    wall = Canvas.of(texture)
    wall.paste(disc, placed(disc.size, (1200, 1000), 1.0, -4), Shadow(26, 34, 22, 0.6))
    scene, matrix = Canvas(*size), shot.view((1200, 1000), size[1] / 1600)
    scene.pave(texture, matrix)
    scene.paste(wall, matrix)
    return Photo(scene, shot.exposure)


def arcade(rows: Sequence[tuple[str, Colour, int]], shot: Shot, rng: Generator) -> Photo:
    """A game's start screen in pixel letters (text, colour, ink height) on a tube with scan lines."""
    size = shot.size
    plane = (1600, 1200)
    tube = Canvas.of(gradient(plane, (10, 8, 40), (44, 10, 60)))
    for _ in range(160):
        left, top, side = int(rng.uniform(0, 1600)), int(rng.uniform(0, 1200)), int(rng.integers(2, 5))
        tube.draw.rectangle((left, top, left + side, top + side), fill=(240, 240, 255, 255))
    free = 1200 - 260 - sum(height for _, _, height in rows)
    y = 130.0
    for text, colour, height in rows:
        style = fitted(text, Style("pixel", 10), 1300, height)
        line = set_line(text, style)
        deep = (colour[0] // 3, colour[1] // 3, colour[2] // 3)
        tube.text(800, y - line.top, text, style, colour, align="centre", drop=(8, 8, deep))
        y += height + free / (len(rows) - 1)
    pixels = np.asarray(tube.image.convert("RGB"), np.float32)
    glow = np.asarray(_blurred(tube.image.convert("RGB"), 12), np.float32)
    lines = (0.78 + 0.22 * np.sin(np.arange(1200) * np.pi / 4)).astype(np.float32)[:, None, None]
    screen = Canvas.of(to_pixels((pixels + 0.6 * glow) * lines))
    screen.words = tube.words
    cabinet = Canvas.of(plaster(rng, (2300, 1800), (38, 36, 40), 0.08))
    cabinet.shape([(290, 240), (2010, 240), (2010, 1560), (290, 1560)], (14, 14, 16), 30)
    cabinet.paste(screen, placed(plane, (1150, 900)))
    gloss = cabinet.polygon_mask([(400, 300), (900, 300), (640, 1500), (400, 1500)], 40)
    cabinet.veil((255, 255, 255), 0.07, gloss)
    scene = Canvas(*size, (20, 20, 22))
    scene.paste(cabinet, shot.view((1150, 900), size[0] / 2000))
    return Photo(scene, shot.exposure)


def shop_sign(
    words: tuple[str, str, str],
    face: str,
    colours: tuple[Colour, Colour, Colour],
    shot: Shot,
    rng: Generator,
) -> Photo:
    """A painted wooden fascia over a shop window: ornamental script with a drop and scrolls."""
    size = shot.size
    ground, ink, accent = colours
    name, trade, since = words
    texture = plaster(rng, (2800, 1900), (202, 190, 168), 0.07)
    front = Canvas.of(texture)
    front.draw.rectangle((200, 900, 2600, 1900), fill=(46, 40, 36, 255))
    glass = gradient((1100, 900), (120, 136, 146), (40, 46, 52))
    for x in (810, 1990):
        front.paste(Canvas.of(glass), placed((1100, 900), (x, 1420)))
        front.veil(
            (255, 255, 255),
            0.12,
            front.polygon_mask([(x - 300, 980), (x, 980), (x - 250, 1860), (x - 500, 1860)], 9),
        )
    sign = Canvas.of(wood(rng, (2300, 560), ground, 280))
    sign.draw.rounded_rectangle((24, 24, 2275, 535), 30, outline=(*accent, 255), width=10)
    deep = (ground[0] // 3, ground[1] // 3, ground[2] // 3)
    style = fitted(name, Style(face, 10), 1500, 260)
    sign.text(1150, 330, name, style, ink, align="centre", drop=(10, 12, deep))
    sign.text(
        1150,
        480,
        trade,
        fitted(trade, Style("arvo-bold", 10, tracking=0.25), 1100, 58),
        accent,
        align="centre",
    )
    for x, flip in ((260, 1), (2040, -1)):
        _flourish(sign, (x, 190), flip, 1, accent)
    sign.text(260, 480, since, Style("crimson-italic", 96), accent, align="centre")
    sign.text(2040, 480, since, Style("crimson-italic", 96), accent, align="centre")
    front.paste(sign, placed(sign.size, (1400, 640)), Shadow(10, 34, 20, 0.6))
    scene, matrix = Canvas(*size), shot.view((1400, 800), size[0] / 2450)
    scene.pave(texture, matrix)
    scene.paste(front, matrix)
    return Photo(scene, shot.exposure)


def _ramp(
    size: Frame, top: int, bottom: int, upper: Colour, lower: Colour
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    steps = np.clip((np.arange(size[1]) - top) / (bottom - top), 0, 1).astype(np.float32)[:, None, None]
    colours = np.array(upper, np.float32) * (1 - steps) + np.array(lower, np.float32) * steps
    return to_pixels(np.broadcast_to(colours, (size[1], size[0], 3)))


def _flourish(canvas: Canvas, middle: tuple[int, int], flip: int, turn: int, colour: Colour) -> None:
    """A spiral with a tail, mirrored by `flip` and `turn`."""
    x, y = middle
    angles = np.linspace(0, 3.4 * np.pi, 90)
    radius = 8 + 5.2 * angles
    spiral = [
        (x + flip * r * np.cos(a), y + turn * r * np.sin(a)) for a, r in zip(angles, radius, strict=True)
    ]
    tail = [(x + flip * (20 + 2.1 * s), y - turn * (62 - 22 * np.sin(s / 14))) for s in range(56)]
    for path, width in ((spiral, 6), (tail, 5)):
        canvas.draw.line([(float(a), float(b)) for a, b in path], fill=(*colour, 255), width=width)


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    """Blur; a wide one on a smaller copy, which looks the same and takes a fraction of the time."""
    if radius < 30:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.resize((image.width // 8, image.height // 8), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / 8)).resize(image.size, Image.Resampling.BICUBIC)


def _thinned(image: Image.Image, size: int) -> Image.Image:
    return image.filter(ImageFilter.MinFilter(size))
