"""Licence plates: on cars, on a lorry's door, nailed to a garage wall. States and makes are invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import ImageFilter

from canvas import Canvas, Colour, Pixels, Shadow
from lettering import Style
from photo import Shot
from projection import placed
from surfaces import asphalt, gradient, metal, noise, street, tinted, to_pixels, wood


@dataclass(frozen=True)
class Plate:
    """What is stamped on a plate; a `band` (country letters) makes it the long European form."""

    number: str
    band: str = ""
    state: str = ""
    motto: str = ""
    ground: Colour = (240, 240, 236)
    ink: Colour = (24, 24, 30)

    def paint(self, rng: Generator) -> Canvas:
        """The plate at 2 pixels per millimetre."""
        size = width, height = (1040, 224) if self.band else (640, 320)
        shade = 0.03 * noise(rng, size, 200, 3)
        canvas = Canvas(width, height)
        draw = canvas.draw
        canvas.shape(_cut_corners(width, height, 18), tinted(shade, self.ground), 8)
        draw.rounded_rectangle((7, 7, width - 8, height - 8), 18, outline=(*self.ink, 255), width=6)
        if self.band:
            draw.rounded_rectangle((10, 10, 100, height - 11), 14, fill=(28, 62, 150, 255))
            style = Style("poppins-bold", 58)
            canvas.text(55, height - 34, self.band, style, (244, 244, 244), align="centre", ignore=True)
            for dot in range(12):
                x, y = 55 + 28 * np.sin(dot * np.pi / 6), 76 - 28 * np.cos(dot * np.pi / 6)
                draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(250, 214, 60, 255))
            self._stamp(canvas, 570, 188, (850, 150), 0.05)
        else:
            canvas.fit(320, 62, self.state, Style("serif-bold"), (380, 44), self.ink)
            self._stamp(canvas, 320, 240, (560, 150), 0.04)
            canvas.fit(320, 298, self.motto, Style("poppins-bold", tracking=0.06), (460, 30), self.ink)
        y = height // 2 if self.band else 42
        for x in (150, width - 60) if self.band else (70, width - 70):
            screw = (x - 9, y - 9, x + 9, y + 9)
            draw.ellipse(screw, fill=(150, 150, 150, 255), outline=(90, 90, 90, 255))
        return canvas

    def _stamp(self, canvas: Canvas, x: int, y: int, limits: tuple[int, int], tracking: float) -> None:
        """Raised letters: lit from the top left, shaded at the bottom right."""
        r, g, b = self.ground
        light = (min(255, r + 60), min(255, g + 60), min(255, b + 60))
        dark = (int(r * 0.6), int(g * 0.6), int(b * 0.6))
        style = Style("barlow-bold", tracking=tracking)
        for dx, dy, colour in ((-3, -3, light), (3, 4, dark), (0, 0, self.ink)):
            canvas.fit(x + dx, y + dy, self.number, style, limits, colour)
        del canvas.words[-3:-1]


def on_the_road(car: dict[str, Any], shot: Shot, rng: Generator, night: bool = False) -> Canvas:
    """A car from behind in a street; `car` is its paint, its two badges and what its plate says."""
    size = shot.size
    scene = Canvas.of(street(rng, size, night))
    ground = Canvas.of(asphalt(rng, (size[0] // 2, size[1] // 4), (52, 52, 58) if night else (104, 103, 102)))
    scene.paste(ground, placed(ground.size, (size[0] / 2, size[1] * 0.84), 2.05))
    rear = _car_rear(car["paint"], car["badges"], Plate(**car["plate"]), rng)
    matrix = shot.view((1000, 800), 2)
    shade = Canvas(2100, 300)
    shade.draw.ellipse((40, 60, 2060, 250), fill=(8, 8, 10, 225))
    shade.image = shade.image.filter(ImageFilter.GaussianBlur(26))
    scene.paste(shade, matrix @ placed(shade.size, (1000, 1370)))
    scene.paste(rear, matrix)
    return scene


def lorry_door(plate: dict[str, Any], notices: Sequence[str], shot: Shot, rng: Generator) -> Canvas:
    """A lorry's corrugated doors from close by, with the plate and painted notices."""
    plane = (2600, 2000)
    ribs = np.sin(np.arange(plane[0]) / 26.0)[None, :].astype(np.float32)
    sheet = metal(rng, plane, (58, 96, 138)).astype(np.float32) * (1 + 0.1 * ribs)[:, :, None]
    rust = np.clip(noise(rng, plane, 260, 5) - 0.75, 0, 0.6)[:, :, None]
    doors = Canvas.of(to_pixels(sheet * (1 - rust) + np.array([112, 62, 34], np.float32) * rust))
    draw = doors.draw
    draw.rectangle((1290, 0, 1310, 2000), fill=(16, 22, 30, 255))
    for x in (1130, 1470):
        draw.rounded_rectangle((x - 14, 0, x + 14, 2000), 12, fill=(188, 190, 192, 255))
        draw.line([(x - 6, 0), (x - 6, 2000)], fill=(236, 236, 238, 255), width=5)
    for row, notice in enumerate(notices):
        doors.fit(760, 560 + row * 160, notice, Style("stencil"), (640, 92), (236, 232, 214))
    draw.rectangle((0, 1420, 2600, 1560), fill=(30, 30, 32, 255))
    for x in range(0, 2600, 160):
        stripe = [(x, 1430), (x + 80, 1430), (x + 40, 1550), (x - 40, 1550)]
        draw.polygon(stripe, fill=(214, 40, 36, 255))
    stamped = Plate(**plate).paint(rng)
    doors.paste(stamped, placed(stamped.size, (760, 1150), 0.92), Shadow(6, 10, 6))
    return shot.of(doors, (960, 960), shot.size[0] / 1750, (60, 60, 62))


def garage_wall(plates: Sequence[dict[str, Any]], shot: Shot, rng: Generator) -> Canvas:
    """Old plates screwed to a board wall, each a little askew."""
    texture = wood(rng, (2600, 2000), (150, 112, 80), 250)
    wall = Canvas.of(texture)
    places = [(880, 620), (1720, 660), (930, 1080), (1700, 1110), (1300, 1480)]
    for entry, place in zip(plates, places, strict=True):
        stamped = Plate(**entry).paint(rng)
        scale = 0.72 if "band" in entry else 0.95
        matrix = placed(stamped.size, place, scale, float(rng.uniform(-5, 5)))
        wall.paste(stamped, matrix, Shadow(10, 16, 10, 0.6))
    return shot.of(wall, (1300, 1000), shot.size[0] / 2000, texture)


def _car_rear(paint: Colour, badges: Sequence[str], plate: Plate, rng: Generator) -> Canvas:
    """The rear of a car, 2000 x 1400, transparent around it."""
    size = (2000, 1400)
    canvas = Canvas(*size)
    draw = canvas.draw
    for left in (190, 1510):
        draw.rounded_rectangle((left, 1080, left + 300, 1396), 60, fill=(22, 22, 24, 255))
    body = [(110, 640), (330, 540), (480, 90), (620, 40), (1380, 40), (1520, 90), (1670, 540), (1890, 640)]
    body += [(1940, 960), (1900, 1260), (1760, 1310), (240, 1310), (100, 1260), (60, 960)]
    canvas.shape(body, _paintwork(paint, rng, size), 26)
    # A dark pane with the sky's reflection broken by trees.
    reflection = np.clip(noise(rng, size, 260, 4, 2.0) + 0.2, 0, 1)[:, :, None]
    pane = gradient(size, (120, 132, 144), (22, 26, 30)).astype(np.float32)
    window = [(470, 500), (585, 130), (1415, 130), (1530, 500)]
    canvas.shape(window, to_pixels(pane * (0.45 + 0.55 * reflection)), 14)
    for x, mirrored in ((120, 1), (1880, -1)):
        lamp = [(x, 700), (x + mirrored * 330, 680), (x + mirrored * 360, 800), (x + mirrored * 30, 900)]
        canvas.shape(lamp, gradient(size, (216, 30, 34), (104, 8, 12)), 14)
        inner = [(x + mirrored * 200, 705), (x + mirrored * 310, 700), (x + mirrored * 325, 765)]
        canvas.shape([*inner, (x + mirrored * 215, 790)], (246, 214, 190), 8)
    edge = (min(255, paint[0] + 60), min(255, paint[1] + 60), min(255, paint[2] + 60), 255)
    for (left, y), right in (((480, 560), 1520), ((400, 960), 1600), ((90, 1010), 1910)):
        draw.line([(left, y), (right, y)], fill=(14, 14, 16, 255), width=6)
        draw.line([(left, y + 7), (right, y + 7)], fill=edge, width=3)
    draw.rounded_rectangle((560, 640, 1440, 668), 14, fill=(196, 198, 202, 255))
    canvas.shape([(220, 1120), (1780, 1120), (1720, 1306), (280, 1306)], metal(rng, size, (44, 44, 46)), 14)
    for left in (330, 1490):
        draw.ellipse((left, 1230, left + 170, 1290), fill=(160, 160, 164, 255))
        draw.ellipse((left + 14, 1238, left + 156, 1284), fill=(12, 12, 12, 255))
    drop = (3, 4, (20, 20, 22))
    for x, text in zip((330, 1490), badges, strict=True):
        style = Style("poppins-bold", tracking=0.04)
        canvas.fit(x, 660, text, style, (260, 54), (214, 216, 220), drop=drop)
    recess = (560, 690, 1440, 930) if plate.band else (640, 690, 1360, 1000)
    draw.rounded_rectangle(recess, 24, fill=(paint[0] // 3, paint[1] // 3, paint[2] // 3, 255))
    stamped = plate.paint(rng)
    middle = ((recess[0] + recess[2]) / 2, (recess[1] + recess[3]) / 2)
    scale = 0.78 if plate.band else 0.88
    canvas.paste(stamped, placed(stamped.size, middle, scale), Shadow(4, 8, 6, 0.6))
    return canvas


def _paintwork(paint: Colour, rng: Generator, size: tuple[int, int]) -> Pixels:
    """Lacquer: it reflects the sky above its shoulder and the road below."""
    height = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    shoulder = 0.34 * np.exp(-((height - 0.47) ** 2) / 0.003) + 0.14 * np.exp(-((height - 0.75) ** 2) / 0.002)
    shade = shoulder - 0.42 * np.clip(height - 0.5, 0, 1) + 0.04 * noise(rng, size, 500, 3, 3.0)
    return to_pixels((1 + shade.astype(np.float32))[:, :, None] * (np.array(paint, np.float32) + 14))


def _cut_corners(width: int, height: int, cut: int) -> list[tuple[int, int]]:
    """A rectangle with its corners cut, ready to be rounded."""
    top = [(cut, 1), (width - cut, 1), (width - 2, cut), (width - 2, height - cut)]
    return [*top, (width - cut, height - 2), (cut, height - 2), (1, height - cut), (1, cut)]
