"""From a painted scene to the photograph: lens, light, sensor."""

from dataclasses import dataclass, field, replace
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from canvas import Canvas, Colour, Pixels, Word
from projection import Matrix, project, scaling, view

OVERSAMPLING = 2
"""Scenes are painted this many times larger than the photograph, which smooths every edge."""


@dataclass(frozen=True)
class Exposure:
    """How the picture was taken; lengths in pixels of the photograph, noise in grey levels of 255."""

    blur: float = 0.6
    """Standard deviation of the lens' blur."""
    motion: float = 0.0
    """Length of the shake's trace."""
    motion_angle: float = 0.0
    noise: float = 2.0
    """Standard deviation at middle grey; shadows get less in total but more against their signal."""
    light_angle: float = 45.0
    """Direction (degrees, clockwise from right) towards which it gets darker."""
    light_fall: float = 0.25
    """How much darker the far side is, 0 to 1."""
    vignette: float = 0.18
    brightness: float = 1.0
    contrast: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Factors on red, green, blue: the colour of the light."""
    shadows: int = 0
    """How many soft shadow bands cross the picture, as of branches or a window frame."""
    glare: tuple[float, float, float] | None = None
    """A reflection: x, y as fractions of the frame, strength 0 to 1."""


@dataclass(frozen=True)
class Shot:
    """Where the camera stands: picture size (width, height), yaw, pitch and roll in degrees, exposure.

    `zoom` is photo pixels per unit of the scene, or 1 for the distance the scene itself proposes.
    """

    frame: tuple[int, int]
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    exposure: Exposure = field(default_factory=Exposure)
    zoom: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height at which the scene is painted."""
        return self.frame[0] * OVERSAMPLING, self.frame[1] * OVERSAMPLING

    def view(self, target: tuple[float, float], zoom: float, aim: tuple[float, float] = (0.5, 0.5)) -> Matrix:
        """Homography onto the scene of a plane of which one unit is `zoom` painted pixels at `target`."""
        return view(target, self.size, zoom * self.zoom, self.angles, aim)

    def of(
        self, flat: Canvas, middle: tuple[float, float], zoom: float, ground: Pixels | Colour = (0, 0, 0)
    ) -> Canvas:
        """The scene of one flat thing seen from before `middle`, on a colour or an endless surface."""
        matrix = self.view(middle, zoom)
        scene = Canvas(*self.size, ground if isinstance(ground, tuple) else None)
        if not isinstance(ground, tuple):
            scene.pave(ground, matrix)
        scene.paste(flat, matrix)
        return scene


def develop(scene: Canvas, exposure: Exposure, rng: Generator) -> tuple[Pixels, list[Word]]:
    """Picture (H, W, 3) uint8 RGB and its text lines in the picture's pixels.

    The scene is painted OVERSAMPLING times too large.

    Raises ValueError when a line leaves the frame: the labels promise that every text can be seen whole.
    """
    width, height = (side // OVERSAMPLING for side in scene.size)
    large = np.asarray(scene.image.convert("RGB"))
    picture = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    picture = _lens(picture, exposure)
    picture *= _light(exposure, rng, (width, height))[:, :, None]
    picture *= np.array(exposure.tint, np.float32) * np.float32(exposure.brightness)
    if exposure.glare:
        picture += _glare(exposure.glare, (width, height))[:, :, None]
    picture = (picture - 118) * np.float32(exposure.contrast) + 118
    picture += _sensor_noise(picture, exposure.noise, rng)
    pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return pixels, [_framed(word, (width, height)) for word in scene.words]


def _framed(word: Word, size: tuple[int, int]) -> Word:
    quad = project(scaling(1 / OVERSAMPLING), word.quad)
    if quad.min() < 0 or (quad > np.array(size)).any():
        raise ValueError(f"{word.text!r} leaves the frame {size}: {quad.round(1).tolist()}")
    return replace(word, quad=quad)


def _lens(picture: NDArray[np.float32], exposure: Exposure) -> NDArray[np.float32]:
    if exposure.blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), exposure.blur), np.float32)
    if exposure.motion:
        radius = int(exposure.motion / 2) + 2
        kernel = np.zeros((2 * radius + 1, 2 * radius + 1), np.float32)
        reach = exposure.motion / 2
        for step in np.linspace(-reach, reach, 41):
            x = radius + step * cos(radians(exposure.motion_angle))
            y = radius + step * sin(radians(exposure.motion_angle))
            kernel[round(y), round(x)] += 1 / 41
        picture = np.asarray(cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)
    return picture


def _light(exposure: Exposure, rng: Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """Factors (H, W): the light's fall, the corners' darkening, shadow bands."""
    width, height = size
    across = np.linspace(-1, 1, width)[None, :]
    down = np.linspace(-1, 1, height)[:, None]
    along = across * cos(radians(exposure.light_angle)) + down * sin(radians(exposure.light_angle))
    light = 1 - exposure.light_fall * (along + 1) / 2 + exposure.light_fall * 0.3
    light = light * (1 - exposure.vignette * (across**2 + down**2) / 2)
    for _ in range(exposure.shadows):
        light = light * _band(rng, across, down)
    return np.asarray(light, np.float32)


def _band(rng: Generator, across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = float(rng.uniform(20, 70))
    place = across * cos(radians(angle)) + down * sin(radians(angle)) - rng.uniform(-0.8, 0.8)
    half, soft = rng.uniform(0.06, 0.25), 0.03
    inside = np.clip((half - np.abs(place)) / soft + 0.5, 0, 1)
    return np.asarray(1 - rng.uniform(0.25, 0.45) * inside * inside * (3 - 2 * inside))


def _glare(glare: tuple[float, float, float], size: tuple[int, int]) -> NDArray[np.float32]:
    across = np.linspace(0, 1, size[0])[None, :] - glare[0]
    down = np.linspace(0, 1, size[1])[:, None] - glare[1]
    return np.asarray(255 * glare[2] * np.exp(-(across**2 + 3 * down**2) / 0.02), np.float32)


def _sensor_noise(picture: NDArray[np.float32], sigma: float, rng: Generator) -> NDArray[np.float32]:
    """Shot noise grows with the square root of the light; a part is blotchy, as after demosaicing."""
    height, width = picture.shape[:2]
    fine = rng.standard_normal((height, width, 3), np.float32)
    grey = rng.standard_normal((height, width, 1), np.float32)
    blotches = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), np.float32)
    coarse = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_LINEAR)
    strength = sigma * np.sqrt(np.clip(picture, 8, 255) / 128)
    return np.asarray(strength * (0.5 * fine + 0.6 * grey + 0.5 * coarse), np.float32)
