"""Surfaces of the world, painted from seeded noise: all return (H, W, 3) uint8 RGB."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from canvas import Colour, Pixels

Field = NDArray[np.float32]
Surface = Callable[[Generator, tuple[int, int]], Pixels]


def noise(
    rng: Generator, size: tuple[int, int], cell: float, octaves: int = 4, stretch: float = 1.0
) -> Field:
    """Fractal noise (H, W) float32, mean about 0, mostly within -1 to 1.

    The coarsest octave has cells of `cell` pixels, `stretch` times as wide as high.
    """
    width, height = size
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        step = max(cell / 2**octave, 1.0)
        grid = (int(height / step) + 2, int(width / (step * stretch)) + 2)
        coarse = rng.standard_normal(grid, np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) / 2**octave
    return np.asarray(total / 2, np.float32)


def tinted(shade: Field, colour: Colour) -> Pixels:
    """A colour times (1 + shade)."""
    return to_pixels((1 + shade)[:, :, None] * np.array(colour, np.float32))


def to_pixels(values: NDArray[np.float32]) -> Pixels:
    """Round and clip to uint8."""
    return (np.clip(values, 0, 255) + np.float32(0.5)).astype(np.uint8)


def gradient(size: tuple[int, int], top: Colour, bottom: Colour, across: bool = False) -> Pixels:
    """From one colour to another, downwards or (`across`) to the right."""
    length = size[0] if across else size[1]
    ramp = np.linspace(0, 1, length, dtype=np.float32)[:, None]
    colours = np.array(top, np.float32) * (1 - ramp) + np.array(bottom, np.float32) * ramp
    strip = colours[None, :, :] if across else colours[:, None, :]
    return to_pixels(np.broadcast_to(strip, (size[1], size[0], 3)))


def plaster(rng: Generator, size: tuple[int, int], colour: Colour, roughness: float = 0.06) -> Pixels:
    """A painted wall with stains and grain."""
    shade = roughness * noise(rng, size, 320, 5) + roughness * 0.7 * noise(rng, size, 7, 2)
    return tinted(shade, colour)


def paper(rng: Generator, size: tuple[int, int], colour: Colour = (244, 241, 232)) -> Pixels:
    """Paper: fine fibres and a slight wave."""
    return tinted(0.015 * noise(rng, size, 420, 2) + 0.012 * noise(rng, size, 3, 2, 2.0), colour)


def cardboard(rng: Generator, size: tuple[int, int], colour: Colour = (186, 146, 100)) -> Pixels:
    """Corrugated board."""
    flutes = np.sin(np.arange(size[0]) / 3.0)[None, :].astype(np.float32) * 0.015
    return tinted(flutes + 0.03 * noise(rng, size, 300, 4) + 0.03 * noise(rng, size, 3, 2, 4.0), colour)


def cork(rng: Generator, size: tuple[int, int], colour: Colour = (188, 146, 98)) -> Pixels:
    """A pinboard."""
    grain = noise(rng, size, 18, 3)
    return tinted(0.13 * grain - 0.16 * np.clip(grain - 0.7, 0, 1) * 3, colour)


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


def bricks(
    rng: Generator, size: tuple[int, int], colour: Colour, brick: tuple[int, int] = (150, 54)
) -> Pixels:
    """A brick wall in running bond."""
    width, height = size
    joint = max(4, brick[1] // 9)
    rows, columns = height // brick[1] + 1, width // brick[0] + 2
    wall = np.full((height, width, 3), (176, 170, 160), np.float32)
    for row in range(rows):
        for column in range(columns):
            left = column * brick[0] - (row % 2) * brick[0] // 2
            top = row * brick[1]
            tone = np.array(colour) * (1 + 0.13 * rng.standard_normal()) + rng.normal(0, 5, 3)
            wall[top : top + brick[1] - joint, max(left, 0) : max(left + brick[0] - joint, 0)] = tone
    wall = _blurred(wall, 1.6)
    grain = 1 + 0.07 * noise(rng, size, 40, 4) + 0.05 * noise(rng, size, 400, 2)
    return to_pixels(wall * grain[:, :, None])


def wood(rng: Generator, size: tuple[int, int], colour: Colour, plank: int = 320) -> Pixels:
    """Boards that run across, with grain and dark joints."""
    width, height = size
    shade = np.empty((height, width), np.float32)
    for top in range(0, height, plank):
        rows = min(plank, height - top)
        warp = noise(rng, (width, rows), 160, 3, 7.0)
        rings = np.sin((warp * 9 + np.linspace(0, 7, rows, dtype=np.float32)[:, None]) * 2.2)
        fibres = noise(rng, (width, rows), 6, 2, 40.0)
        board = 0.055 * rings.astype(np.float32) + 0.06 * fibres + 0.08 * float(rng.standard_normal())
        board[:4] -= 0.45
        board[4:8] += 0.06
        shade[top : top + rows] = board
    return tinted(np.maximum(shade, -0.8), colour)


def asphalt(rng: Generator, size: tuple[int, int], colour: Colour = (92, 92, 94)) -> Pixels:
    """A road's coarse grain."""
    return tinted(0.16 * noise(rng, size, 4, 2) + 0.07 * noise(rng, size, 260, 3), colour)


def fabric(rng: Generator, size: tuple[int, int], colour: Colour, thread: int = 6) -> Pixels:
    """A woven cloth with folds."""
    width, height = size
    across = np.sin(np.arange(width) * (np.pi / thread)).astype(np.float32)
    down = np.sin(np.arange(height) * (np.pi / thread)).astype(np.float32)
    weave = across[None, :] * down[:, None]
    return tinted(0.08 * weave + 0.09 * noise(rng, size, 500, 2) + 0.04 * noise(rng, size, 4, 2), colour)


def marble(rng: Generator, size: tuple[int, int], colour: Colour = (226, 224, 220)) -> Pixels:
    """Stone with veins."""
    veins = np.abs(noise(rng, size, 420, 5))
    sharp = np.exp(-veins.astype(np.float64) * 16).astype(np.float32)
    return tinted(-0.22 * sharp + 0.03 * noise(rng, size, 300, 3), colour)


def metal(rng: Generator, size: tuple[int, int], colour: Colour) -> Pixels:
    """Brushed sheet metal."""
    return tinted(0.05 * noise(rng, size, 3, 2, 60.0) + 0.07 * noise(rng, size, 500, 2), colour)


def sky(rng: Generator, size: tuple[int, int], top: Colour, bottom: Colour, clouds: float = 0.5) -> Pixels:
    """A gradient with clouds; `clouds` 0 to 1 is how much of it they cover."""
    width, height = size
    small = (max(2, width // 2), max(2, height // 2))
    puffs = noise(rng, small, 240, 6, 2.4)
    cover = np.clip((puffs + clouds - 0.55) * 1.6, 0, 0.92)
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_LINEAR)[:, :, None]
    air = gradient(size, top, bottom).astype(np.float32)
    return to_pixels(air * (1 - cover) + np.float32(246) * cover)


def foliage(rng: Generator, size: tuple[int, int], colour: Colour = (62, 92, 48)) -> Pixels:
    """Out-of-focus leaves."""
    width, height = size
    leaves = np.full((height, width, 3), np.array(colour) * 0.55, np.float32)
    count = width * height // 900
    places = rng.random((count, 2)) * (width, height)
    radii = rng.uniform(6, 26, count)
    light = rng.uniform(0.4, 1.75, count)
    for place, radius, tone in zip(places, radii, light, strict=True):
        centre = (int(place[0]), int(place[1]))
        shade = (float(colour[0] * tone), float(colour[1] * tone), float(colour[2] * tone))
        cv2.ellipse(leaves, centre, (int(radius), int(radius * 0.6)), tone * 900 % 180, 0, 360, shade, -1)
    return to_pixels(_blurred(leaves, 4))


def street(rng: Generator, size: tuple[int, int], night: bool = False, blur: float = 22) -> Pixels:
    """A street far out of focus: houses, windows, lights. It is painted at a quarter and enlarged."""
    width, height = size[0] // 4, size[1] // 4
    air = ((26, 30, 46), (40, 38, 42)) if night else ((206, 214, 222), (140, 138, 134))
    scene = gradient((width, height), *air).astype(np.float32)
    for _ in range(14):
        left, top = int(rng.uniform(-0.1, 1) * width), int(rng.uniform(0.05, 0.55) * height)
        right = left + int(rng.uniform(0.08, 0.25) * width)
        tone = rng.uniform(0.12, 0.3) if night else rng.uniform(0.35, 0.85)
        wall = np.array([190, 170, 150]) * tone + rng.normal(0, 12, 3)
        cv2.rectangle(scene, (left, top), (right, height), _scalar(wall), -1)
        for _ in range(12):
            x, y = int(rng.uniform(left, right)), int(rng.uniform(top, height))
            lit = night and rng.random() < 0.6
            pane = (x + width // 60, y + height // 30)
            cv2.rectangle(scene, (x, y), pane, (255.0, 214.0, 140.0) if lit else _scalar(wall * 0.6), -1)
    scene = _blurred(scene, blur / 4)
    lamps = [(255.0, 190.0, 90.0), (255.0, 70.0, 50.0), (240.0, 240.0, 220.0), (90.0, 220.0, 140.0)]
    for _ in range(26 if night else 6):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0.1, 0.8) * height))
        disc = np.zeros_like(scene)
        cv2.circle(disc, centre, int(rng.uniform(0.5, 1.1) * blur / 4), lamps[int(rng.integers(4))], -1)
        scene += disc * np.float32(0.5 if night else 0.18)
    scene = _blurred(scene, 0.8)
    return to_pixels(np.asarray(cv2.resize(scene, size, interpolation=cv2.INTER_CUBIC), np.float32))


def _scalar(colour: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(colour[0]), float(colour[1]), float(colour[2])


def _blurred(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
