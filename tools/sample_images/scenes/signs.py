"""Lettering that is drawn rather than set: neon, chalk, script, spray, badges, pixels."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from canvas import Canvas, Colour, Shadow
from lettering import Line, Style, fitted, set_line
from photo import Shot
from projection import placed, rotation, translation
from surfaces import bricks, fabric, gradient, noise, paper, plaster, to_pixels, wood

WHITE: Colour = (255, 255, 255)


def neon(rows: Sequence[tuple[str, str, Colour]], shot: Shot, rng: Generator) -> Canvas:
    """Glowing tubes (text, face, colour) in front of bricks at night."""
    plane = (2400, 1800)
    stones = bricks(rng, plane, (112, 70, 62)).astype(np.float32)
    tubes = Canvas(*plane, (0, 0, 0))
    y = 900.0 - 150 * (len(rows) - 1)
    for text, face, colour in rows:
        tubes.fit(1200, y + 90, text, Style(face), (1500, 230), colour)
        y += 320
    light = tubes.rgb
    halo = np.zeros_like(light)
    for radius, strength in ((14, 0.9), (60, 1.3), (220, 2.2)):
        halo += strength * np.asarray(_blurred(tubes.image.convert("RGB"), radius), np.float32)
    thin = tubes.image.convert("L").filter(ImageFilter.MinFilter(9))
    core = np.asarray(_blurred(thin, 2), np.float32)[:, :, None]
    lit = to_pixels(stones * (0.1 + halo / 200) + 0.85 * light + halo * 0.25 + core * 0.8)
    return shot.of(Canvas.of(lit, tubes.words), (1200, 900), shot.size[0] / 2000, (10, 10, 14))


def chalkboard(title: str, items: Sequence[tuple[str, str]], foot: str, shot: Shot, rng: Generator) -> Canvas:
    """A menu in chalk: title in script, dishes by hand with prices, framed in wood."""
    size = width, height = (1300, 1700)
    chalk = Canvas(width, height, (0, 0, 0))
    chalk.fit(650, 260, title, Style("pacifico"), (950, 200), WHITE)
    swirl = [(300 + i * 7, float(360 + 20 * np.sin(i / 6))) for i in range(101)]
    chalk.draw.line(swirl, fill=(255, 255, 255, 255), width=7)
    for row, (dish, price) in enumerate(items):
        y, hand = 560 + row * 150, Style("indie", 96)
        tilt = float(rng.uniform(-1.5, 1.5))
        line = Canvas(width, height)
        line.image.paste((255, 255, 255, 0), (0, 0, width, height))
        line.text(110, y, dish, hand, WHITE)
        line.text(1190, y, price, hand, (255, 230, 130), align="right")
        chalk.paste(line, translation(650, y) @ rotation(tilt) @ translation(-650, -y))
    chalk.fit(650, 1570, foot, Style("marker"), (1000, 80), (250, 170, 170))
    slate = plaster(rng, size, (44, 52, 50), 0.1).astype(np.float32)
    smear = np.clip(noise(rng, size, 340, 4, 3.0), 0, 1)[:, :, None] * 26
    strokes = np.asarray(_blurred(chalk.image.convert("RGB"), 1.2), np.float32)
    dust = np.clip(0.8 + 0.45 * noise(rng, size, 5, 2), 0.25, 1)[:, :, None]
    board = Canvas.of(to_pixels(slate + smear + strokes * 0.8 * dust), chalk.words)
    framed = Canvas.of(wood(rng, (width + 140, height + 140), (150, 100, 60), 2000))
    framed.paste(board, translation(70, 70), Shadow(0, 0, 10, 0.8))
    texture = bricks(rng, (2600, 2600), (196, 188, 178))
    plane = Canvas.of(texture)
    plane.paste(framed, placed(framed.size, (1300, 1300)), Shadow(22, 30, 24, 0.6))
    return shot.of(plane, (1300, 1300), shot.size[1] / 2150, texture)


def invitation(rows: Sequence[tuple[str, str, int]], shot: Shot, rng: Generator) -> Canvas:
    """A card in copperplate (text, face, ink height) with flourishes, on linen."""
    card = Canvas.of(paper(rng, (1500, 1080), (250, 246, 236)))
    gold: Colour = (150, 112, 50)
    for inset, width in ((40, 3), (54, 8)):
        box = (inset, inset, 1499 - inset, 1079 - inset)
        card.draw.rounded_rectangle(box, 40, outline=(*gold, 255), width=width)
    for x, flip in ((190, 1), (1310, -1)):
        _flourish(card, (x, 190), flip, 1, gold)
        _flourish(card, (x, 890), flip, -1, gold)
    for (text, face, height), y in zip(rows, _spread(rows, 150.0, 1080 - 300), strict=True):
        style = fitted(text, Style(face), 900, height)
        card.text(750, y - set_line(text, style).top, text, style, (70, 56, 44), align="centre")
    texture = fabric(rng, (2400, 2000), (176, 140, 138), 7)
    plane = Canvas.of(texture)
    plane.paste(card, placed(card.size, (1200, 1000), 1.0, 2.0), Shadow(12, 14, 12))
    return shot.of(plane, (1200, 1000), shot.size[0] / 1900, texture)


def graffiti(words: Sequence[tuple[str, str, Colour, Colour]], shot: Shot, rng: Generator) -> Canvas:
    """Sprayed words (text, face, two colours) with outline, drop and drips on a stained wall."""
    texture = plaster(rng, (2600, 1800), (178, 174, 164), 0.12)
    wall = Canvas.of(texture)
    base = 560
    for row, (text, face, upper, lower) in enumerate(words):
        letters = Canvas(2400, 700)
        letters.image.paste((*lower, 0), (0, 0, 2400, 700))
        style = fitted(text, Style(face, tracking=-0.03), 1800, 360)
        steps = np.clip((np.arange(700) - (base - 330)) / 330, 0, 1).astype(np.float32)[:, None, None]
        ramp = np.array(upper, np.float32) * (1 - steps) + np.array(lower, np.float32) * steps
        ramp = to_pixels(np.broadcast_to(ramp, (700, 2400, 3)))
        letters.text(1200, base, text, style, ramp, align="centre", outline=(16, (20, 20, 26)), label=False)
        bare: Line = set_line(text, style)
        left, top = 1200 - bare.advance / 2 + bare.left, base + bare.top
        for _ in range(9):
            x = int(rng.uniform(left, left + bare.width))
            length = int(rng.uniform(30, 120))
            letters.draw.line([(x, base), (x, base + length)], fill=(*lower, 230), width=9)
        letters.label((left - 16, top - 16, left + bare.width + 16, top + bare.height + 16), text)
        place = placed(letters.size, (1300, 640 + row * 520), 1.0, (-6.0, 4.0)[row % 2])
        wall.paste(letters, place, Shadow(0, 0, 40, 0.35))
    return shot.of(wall, (1300, 900), shot.size[0] / 2250, texture)


def badge(words: tuple[str, str, str, str], shot: Shot, rng: Generator) -> Canvas:
    """A round enamel sign: text along the rim, script across, hanging on boards."""
    top, middle, below, foot = words
    disc = Canvas(1300, 1300)
    cream, ink = (238, 224, 190), (120, 28, 30)
    for inset, colour in ((0, ink), (26, cream), (46, ink), (260, cream)):
        disc.draw.ellipse((inset, inset, 1299 - inset, 1299 - inset), fill=(*colour, 255))
    disc.arc_text((650, 650), 440, 0, top, Style("alfa", 108, tracking=0.06), colour=cream)
    disc.arc_text((650, 650), 524, 180, foot, Style("alfa", 90, tracking=0.06), colour=cream, inside=True)
    for x in (150, 1150):
        points = [(i * np.pi / 5, 18 if i % 2 else 44) for i in range(10)]
        star = [(float(x + r * np.sin(a)), float(650 - r * np.cos(a))) for a, r in points]
        disc.draw.polygon(star, fill=(*cream, 255))
    disc.fit(650, 700, middle, Style("lobster"), (660, 220), ink, drop=(6, 8, (206, 170, 110)))
    disc.fit(650, 840, below, Style("arvo-bold", tracking=0.1), (460, 54), (60, 50, 44))
    rust = np.clip(noise(rng, disc.size, 160, 5) - 0.8, 0, 0.7)
    rim = Image.new("L", disc.size)
    rim.paste(Image.fromarray((rust * 255).astype(np.uint8)), (0, 0), disc.image.getchannel("A"))
    disc.fill((120, 70, 40), rim)
    texture = wood(rng, (2400, 2000), (108, 128, 124), 270)
    wall = Canvas.of(texture)
    wall.paste(disc, placed(disc.size, (1200, 1000), 1.0, -4), Shadow(26, 34, 22, 0.6))
    return shot.of(wall, (1200, 1000), shot.size[1] / 1600, texture)


def arcade(rows: Sequence[tuple[str, Colour, int]], shot: Shot, rng: Generator) -> Canvas:
    """A game's start screen in pixel letters (text, colour, ink height) on a tube with scan lines."""
    plane = (1600, 1200)
    tube = Canvas.of(gradient(plane, (10, 8, 40), (44, 10, 60)))
    for _ in range(160):
        left, top, side = int(rng.uniform(0, 1600)), int(rng.uniform(0, 1200)), int(rng.integers(2, 5))
        tube.draw.rectangle((left, top, left + side, top + side), fill=(240, 240, 255, 255))
    for (text, colour, height), y in zip(rows, _spread(rows, 130.0, 1200 - 260), strict=True):
        style = fitted(text, Style("pixel"), 1300, height)
        foot = y - set_line(text, style).top
        tube.text(800, foot, text, style, colour, align="centre", drop=(8, 8, _deep(colour)))
    glow = np.asarray(_blurred(tube.image.convert("RGB"), 12), np.float32)
    lines = (0.78 + 0.22 * np.sin(np.arange(1200) * np.pi / 4)).astype(np.float32)[:, None, None]
    screen = Canvas.of(to_pixels((tube.rgb + 0.6 * glow) * lines), tube.words)
    cabinet = Canvas.of(plaster(rng, (2300, 1800), (38, 36, 40), 0.08))
    cabinet.shape([(290, 240), (2010, 240), (2010, 1560), (290, 1560)], (14, 14, 16), 30)
    cabinet.paste(screen, placed(plane, (1150, 900)))
    gloss = cabinet.polygon_mask([(400, 300), (900, 300), (640, 1500), (400, 1500)], 40)
    cabinet.veil((255, 255, 255), 0.07, gloss)
    return shot.of(cabinet, (1150, 900), shot.size[0] / 2000, (20, 20, 22))


def shop_sign(
    words: tuple[str, str, str],
    face: str,
    colours: tuple[Colour, Colour, Colour],
    shot: Shot,
    rng: Generator,
) -> Canvas:
    """A painted wooden fascia over a shop window: ornamental script with a drop and scrolls."""
    (ground, ink, accent), (name, trade, since) = colours, words
    texture = plaster(rng, (2800, 1900), (202, 190, 168), 0.07)
    front = Canvas.of(texture)
    front.draw.rectangle((200, 900, 2600, 1900), fill=(46, 40, 36, 255))
    glass = gradient((1100, 900), (120, 136, 146), (40, 46, 52))
    for x in (810, 1990):
        front.paste(Canvas.of(glass), placed((1100, 900), (x, 1420)))
        gloss = front.polygon_mask([(x - 300, 980), (x, 980), (x - 250, 1860), (x - 500, 1860)], 9)
        front.veil(WHITE, 0.12, gloss)
    sign = Canvas.of(wood(rng, (2300, 560), ground, 280))
    sign.draw.rounded_rectangle((24, 24, 2275, 535), 30, outline=(*accent, 255), width=10)
    sign.fit(1150, 330, name, Style(face), (1500, 260), ink, drop=(10, 12, _deep(ground)))
    sign.fit(1150, 480, trade, Style("arvo-bold", tracking=0.25), (1100, 58), accent)
    for x, flip in ((260, 1), (2040, -1)):
        _flourish(sign, (x, 190), flip, 1, accent)
        sign.text(x, 480, since, Style("crimson-italic", 96), accent, align="centre")
    front.paste(sign, placed(sign.size, (1400, 640)), Shadow(10, 34, 20, 0.6))
    return shot.of(front, (1400, 800), shot.size[0] / 2450, texture)


def _spread(rows: Sequence[tuple[str, object, int]], top: float, space: int) -> Iterator[float]:
    """Where rows begin whose last member is their height, the free space shared evenly."""
    heights = [row[2] for row in rows]
    for height in heights:
        yield top
        top += height + (space - sum(heights)) / (len(rows) - 1)


def _deep(colour: Colour) -> Colour:
    return colour[0] // 3, colour[1] // 3, colour[2] // 3


def _flourish(canvas: Canvas, middle: tuple[int, int], flip: int, turn: int, colour: Colour) -> None:
    """A spiral with a tail, mirrored by `flip` and `turn`."""
    x, y = middle
    angles = np.linspace(0, 3.4 * np.pi, 90)
    radii = 8 + 5.2 * angles
    polar = list(zip(angles, radii, strict=True))
    spiral = [(float(x + flip * r * np.cos(a)), float(y + turn * r * np.sin(a))) for a, r in polar]
    tail = [(x + flip * (20 + 2.1 * s), float(y - turn * (62 - 22 * np.sin(s / 14)))) for s in range(56)]
    for path, width in ((spiral, 6), (tail, 5)):
        canvas.draw.line(path, fill=(*colour, 255), width=width)


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    """Blur; a wide one on a smaller copy, which looks the same and takes a fraction of the time."""
    if radius < 30:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.resize((image.width // 8, image.height // 8), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / 8)).resize(image.size, Image.Resampling.BICUBIC)
