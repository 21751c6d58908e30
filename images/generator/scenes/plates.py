"""Licence plates: on cars, on a lorry's door, nailed to a garage wall. States and makes are invented."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from PIL import ImageFilter

from generator.canvas import Canvas, Colour, Shadow
from generator.geometry import placed
from generator.lettering import Style, fitted
from generator.photo import Photo, Shot
from generator.textures import asphalt, gradient, metal, noise, street, tinted, to_pixels, wood


@dataclass(frozen=True)
class Plate:
    """What is stamped on a plate; a `band` (country letters) makes it the long European form."""

    number: str
    band: str = ""
    state: str = ""
    motto: str = ""
    ground: Colour = (240, 240, 236)
    ink: Colour = (24, 24, 30)


@dataclass(frozen=True)
class Car:
    """A car's rear: paint, the maker's letters (left) and the model's (right)."""

    paint: Colour
    left_badge: str
    right_badge: str
    plate: Plate


def plate_canvas(plate: Plate, rng: Generator) -> Canvas:
    """A plate at 2 pixels per millimetre."""
    size = (1040, 224) if plate.band else (640, 320)
    width, height = size
    shade = 0.03 * noise(rng, size, 200, 3)
    canvas = Canvas(width, height)
    canvas.shape(_rounded(0, 0, width, height, 18), tinted(shade, plate.ground), 8)
    canvas.draw.rounded_rectangle((7, 7, width - 8, height - 8), 18, outline=(*plate.ink, 255), width=6)
    if plate.band:
        canvas.draw.rounded_rectangle((10, 10, 100, height - 11), 14, fill=(28, 62, 150, 255))
        canvas.text(
            55,
            height - 34,
            plate.band,
            Style("poppins-bold", 58),
            (244, 244, 244),
            align="centre",
            ignore=True,
        )
        for dot in range(12):
            x, y = 55 + 28 * np.sin(dot * np.pi / 6), 76 - 28 * np.cos(dot * np.pi / 6)
            canvas.draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(250, 214, 60, 255))
        style = fitted(plate.number, Style("barlow-bold", 10, tracking=0.05), 850, 150)
        _stamped(canvas, (570, 188), plate.number, style, plate)
    else:
        canvas.text(
            320,
            62,
            plate.state,
            fitted(plate.state, Style("serif-bold", 10), 380, 44),
            plate.ink,
            align="centre",
        )
        style = fitted(plate.number, Style("barlow-bold", 10, tracking=0.04), 560, 150)
        _stamped(canvas, (320, 240), plate.number, style, plate)
        motto = fitted(plate.motto, Style("poppins-bold", 10, tracking=0.06), 460, 30)
        canvas.text(320, 298, plate.motto, motto, plate.ink, align="centre")
    for x in (150, width - 60) if plate.band else (70, width - 70):
        y = height // 2 if plate.band else 42
        canvas.draw.ellipse(
            (x - 9, y - 9, x + 9, y + 9), fill=(150, 150, 150, 255), outline=(90, 90, 90, 255)
        )
    return canvas


def _stamped(canvas: Canvas, foot: tuple[int, int], number: str, style: Style, plate: Plate) -> None:
    """Raised letters: lit from the top left, shaded at the bottom right."""
    light = tuple(min(255, c + 60) for c in plate.ground)
    dark = tuple(int(c * 0.6) for c in plate.ground)
    canvas.text(
        foot[0] - 3, foot[1] - 3, number, style, (light[0], light[1], light[2]), align="centre", label=False
    )
    canvas.text(
        foot[0] + 3, foot[1] + 4, number, style, (dark[0], dark[1], dark[2]), align="centre", label=False
    )
    canvas.text(*foot, number, style, plate.ink, align="centre")


def car_rear(car: Car, rng: Generator) -> Canvas:
    """The rear of a car, 2000 x 1400, transparent around it."""
    size = (2000, 1400)
    canvas = Canvas(*size)
    draw = canvas.draw
    for left in (190, 1510):
        draw.rounded_rectangle((left, 1080, left + 300, 1396), 60, fill=(22, 22, 24, 255))
    paint = _paintwork(car.paint, rng, size)
    body = [(110, 640), (330, 540), (480, 90), (620, 40), (1380, 40), (1520, 90), (1670, 540), (1890, 640)]
    body += [(1940, 960), (1900, 1260), (1760, 1310), (240, 1310), (100, 1260), (60, 960)]
    canvas.shape(body, paint, 26)
    window = [(470, 500), (585, 130), (1415, 130), (1530, 500)]
    canvas.shape(window, _glass(rng, size), 14)
    for x, mirrored in ((120, 1), (1880, -1)):
        lamp = [(x, 700), (x + mirrored * 330, 680), (x + mirrored * 360, 800), (x + mirrored * 30, 900)]
        canvas.shape(lamp, gradient(size, (216, 30, 34), (104, 8, 12)), 14)
        inner = [(x + mirrored * 200, 705), (x + mirrored * 310, 700), (x + mirrored * 325, 765)]
        canvas.shape([*inner, (x + mirrored * 215, 790)], (246, 214, 190), 8)
    for start, end in (((480, 560), (1520, 560)), ((400, 960), (1600, 960)), ((90, 1010), (1910, 1010))):
        draw.line([start, end], fill=(14, 14, 16, 255), width=6)
        draw.line([(start[0], start[1] + 7), (end[0], end[1] + 7)], fill=(*_lighter(car.paint), 255), width=3)
    draw.rounded_rectangle((560, 640, 1440, 668), 14, fill=(196, 198, 202, 255))
    canvas.shape([(220, 1120), (1780, 1120), (1720, 1306), (280, 1306)], metal(rng, size, (44, 44, 46)), 14)
    for left in (330, 1490):
        draw.ellipse((left, 1230, left + 170, 1290), fill=(160, 160, 164, 255))
        draw.ellipse((left + 14, 1238, left + 156, 1284), fill=(12, 12, 12, 255))
    _badge(canvas, (330, 640), car.left_badge)
    _badge(canvas, (1490, 640), car.right_badge)
    recess = (560, 690, 1440, 930) if car.plate.band else (640, 690, 1360, 1000)
    draw.rounded_rectangle(recess, 24, fill=(*_darker(car.paint), 255))
    plate = plate_canvas(car.plate, rng)
    middle = ((recess[0] + recess[2]) / 2, (recess[1] + recess[3]) / 2)
    scale = 0.78 if car.plate.band else 0.88
    canvas.paste(plate, placed(plate.size, middle, scale), Shadow(4, 8, 6, 0.6))
    return canvas


def on_the_road(
    car: Car,
    shot: Shot,
    rng: Generator,
    night: bool = False,
) -> Photo:
    """A car from behind in a street."""
    size = shot.size
    scene = Canvas.of(street(rng, size, night))
    ground = Canvas.of(asphalt(rng, (size[0] // 2, size[1] // 4), (52, 52, 58) if night else (104, 103, 102)))
    scene.paste(ground, placed(ground.size, (size[0] / 2, size[1] * 0.84), 2.05))
    rear = car_rear(car, rng)
    matrix = shot.view((1000, 800), 2)
    shade = Canvas(2100, 300)
    shade.draw.ellipse((40, 60, 2060, 250), fill=(8, 8, 10, 225))
    shade.image = shade.image.filter(ImageFilter.GaussianBlur(26))
    scene.paste(shade, matrix @ placed(shade.size, (1000, 1370)))
    scene.paste(rear, matrix)
    return Photo(scene, shot.exposure)


def lorry_door(plate: Plate, notices: list[str], shot: Shot, rng: Generator) -> Photo:
    """A lorry's corrugated doors from close by, with the plate and painted notices."""
    size = shot.size
    plane = (2600, 2000)
    ribs = np.sin(np.arange(plane[0]) / 26.0)[None, :].astype(np.float32)
    sheet = metal(rng, plane, (58, 96, 138)).astype(np.float32) * (1 + 0.1 * ribs)[:, :, None]
    rust = np.clip(noise(rng, plane, 260, 5) - 0.75, 0, 0.6)[:, :, None]
    doors = Canvas.of(to_pixels(sheet * (1 - rust) + np.array([112, 62, 34], np.float32) * rust))
    doors.draw.rectangle((1290, 0, 1310, 2000), fill=(16, 22, 30, 255))
    for x in (1130, 1470):
        doors.draw.rounded_rectangle((x - 14, 0, x + 14, 2000), 12, fill=(188, 190, 192, 255))
        doors.draw.line([(x - 6, 0), (x - 6, 2000)], fill=(236, 236, 238, 255), width=5)
    for row, notice in enumerate(notices):
        style = fitted(notice, Style("stencil", 10), 640, 92)
        doors.text(760, 560 + row * 160, notice, style, (236, 232, 214), align="centre")
    doors.draw.rectangle((0, 1420, 2600, 1560), fill=(30, 30, 32, 255))
    for stripe in range(0, 2600, 160):
        doors.draw.polygon(
            [(stripe, 1430), (stripe + 80, 1430), (stripe + 40, 1550), (stripe - 40, 1550)],
            fill=(214, 40, 36, 255),
        )
    stamped = plate_canvas(plate, rng)
    doors.paste(stamped, placed(stamped.size, (760, 1150), 0.92), Shadow(6, 10, 6))
    scene = Canvas(*size, (60, 60, 62))
    scene.paste(doors, shot.view((960, 960), size[0] / 1750))
    return Photo(scene, shot.exposure)


def garage_wall(plates: list[Plate], shot: Shot, rng: Generator) -> Photo:
    """Old plates screwed to a board wall, each a little askew."""
    size = shot.size
    texture = wood(rng, (2600, 2000), (150, 112, 80), 250)
    wall = Canvas.of(texture)
    places = [(880, 620), (1720, 660), (930, 1080), (1700, 1110), (1300, 1480)]
    for plate, place in zip(plates, places, strict=False):
        stamped = plate_canvas(plate, rng)
        scale = 0.72 if plate.band else 0.95
        matrix = placed(stamped.size, place, scale, float(rng.uniform(-5, 5)))
        wall.paste(stamped, matrix, Shadow(10, 16, 10, 0.6))
    scene, matrix = Canvas(*size), shot.view((1300, 1000), size[0] / 2000)
    scene.pave(texture, matrix)
    scene.paste(wall, matrix)
    return Photo(scene, shot.exposure)


def _badge(canvas: Canvas, middle: tuple[int, int], letters: str) -> None:
    if not letters:
        return
    style = fitted(letters, Style("poppins-bold", 10, tracking=0.04), 260, 54)
    canvas.text(
        middle[0], middle[1] + 20, letters, style, (214, 216, 220), align="centre", drop=(3, 4, (20, 20, 22))
    )


def _paintwork(
    paint: Colour, rng: Generator, size: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Lacquer: it reflects the sky above its shoulder and the road below."""
    height = np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    shoulder = 0.34 * np.exp(-((height - 0.47) ** 2) / 0.003) + 0.14 * np.exp(-((height - 0.75) ** 2) / 0.002)
    shade = shoulder - 0.42 * np.clip(height - 0.5, 0, 1) + 0.04 * noise(rng, size, 500, 3, 3.0)
    colour = np.array(paint, np.float32) + 14
    return to_pixels((1 + shade.astype(np.float32))[:, :, None] * colour)


def _glass(rng: Generator, size: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A dark pane with the sky's reflection broken by trees."""
    reflection = np.clip(noise(rng, size, 260, 4, 2.0) + 0.2, 0, 1)[:, :, None]
    pane = gradient(size, (120, 132, 144), (22, 26, 30)).astype(np.float32)
    return to_pixels(pane * (0.45 + 0.55 * reflection))


def _lighter(colour: Colour) -> Colour:
    return (min(255, colour[0] + 60), min(255, colour[1] + 60), min(255, colour[2] + 60))


def _darker(colour: Colour) -> Colour:
    return (colour[0] // 3, colour[1] // 3, colour[2] // 3)


def _rounded(left: float, top: float, right: float, bottom: float, cut: float) -> list[tuple[float, float]]:
    """A rectangle with its corners cut, ready to be rounded."""
    return [
        (left + cut, top + 1),
        (right - cut, top + 1),
        (right - 2, top + cut),
        (right - 2, bottom - cut),
        (right - cut, bottom - 2),
        (left + cut, bottom - 2),
        (left + 1, bottom - cut),
        (left + 1, top + cut),
    ]
