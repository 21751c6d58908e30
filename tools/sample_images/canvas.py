"""A flat thing that is painted on: pixels with coverage, and the ground truth of the text on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, pi, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from lettering import Style, fitted, set_line
from projection import Matrix, Points, project, rectangle, rotation, translation

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]
Box = tuple[float, float, float, float]


ALIGNED = {"left": 0.0, "centre": 0.5, "right": 1.0}

MARGIN = 0.1
"""How far a label reaches beyond the ink on every side, as a share of the ink's height: a labeller's hand."""


@dataclass(frozen=True)
class Word:
    """One line of text: `quad` is (4, 2) in the canvas' pixels, clockwise from the text's top left.

    `ignore` marks text nobody is asked to find, such as a single letter in an emblem.
    """

    quad: Points
    text: str
    ignore: bool = False


@dataclass(frozen=True)
class Shadow:
    """A soft shadow of a pasted thing: offset and blur in pixels of the canvas below, strength 0 to 1."""

    dx: float = 10
    dy: float = 14
    blur: float = 12
    strength: float = 0.5


class Canvas:
    """RGBA pixels and the text lines painted on them."""

    def __init__(self, width: int, height: int, colour: Colour | None = None) -> None:
        """Start with one colour, or fully transparent when there is none."""
        self.image = Image.new("RGBA", (width, height), (*colour, 255) if colour else (128, 128, 128, 0))
        self.words: list[Word] = []

    @classmethod
    def of(cls, pixels: Pixels, words: Sequence[Word] = ()) -> "Canvas":
        """Start with a picture, (H, W, 3) uint8 RGB, and the text that is on it."""
        canvas = cls(1, 1)
        canvas.image, canvas.words = Image.fromarray(pixels).convert("RGBA"), list(words)
        return canvas

    @property
    def rgb(self) -> NDArray[np.float32]:
        """The colours, (H, W, 3) float32 from 0 to 255."""
        return np.asarray(self.image.convert("RGB"), np.float32)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.size

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """Pillow's drawing tool on the pixels; it replaces, it does not blend."""
        return ImageDraw.Draw(self.image)

    def fill(self, pixels: Pixels | Colour, mask: Image.Image, at: tuple[int, int] = (0, 0)) -> None:
        """Put a colour or a picture through a coverage mask whose top left corner is `at`."""
        if isinstance(pixels, tuple):
            self.image.paste((*pixels, 255), (*at, at[0] + mask.width, at[1] + mask.height), mask)
        else:
            self.image.paste(Image.fromarray(pixels).convert("RGBA"), at, mask)

    def shape(
        self, outline: Sequence[tuple[float, float]], pixels: Pixels | Colour, rounding: float = 0
    ) -> None:
        """Fill a polygon, its corners rounded by about `rounding` pixels."""
        self.fill(pixels, self.polygon_mask(outline, rounding))

    def polygon_mask(self, outline: Sequence[tuple[float, float]], rounding: float = 0) -> Image.Image:
        """Coverage of a polygon on the whole canvas."""
        mask = Image.new("L", self.size)
        ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in outline], fill=255)
        if rounding:
            # Blur and threshold: a slope of 8 levels per grey keeps the edge smooth.
            soft = mask.filter(ImageFilter.GaussianBlur(rounding))
            mask = soft.point([max(0, min(255, 128 + 8 * (grey - 128))) for grey in range(256)])
        return mask

    def veil(self, colour: Colour, opacity: float, mask: Image.Image | None = None) -> None:
        """Blend a colour over the whole canvas, or over a mask, with the given opacity."""
        cover = mask or Image.new("L", self.size, 255)
        self.fill(colour, cover.point([round(level * opacity) for level in range(256)]))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        style: Style,
        colour: Colour | Pixels,
        *,
        align: str = "left",
        outline: tuple[int, Colour] | None = None,
        drop: tuple[int, int, Colour] | None = None,
        label: bool = True,
        ignore: bool = False,
    ) -> Box:
        """Write one line with the pen at baseline (x, y); return its ink box.

        `align` is left, centre or right; `outline` (pixels, colour) and `drop` (dx, dy, colour) go below it.
        """
        line = set_line(text, style)
        left, top = line.left + round(x - ALIGNED[align] * line.advance), line.top + round(y)
        if drop:
            self.fill(drop[2], line.mask, (left + drop[0], top + drop[1]))
        box: Box = (left, top, left + line.width, top + line.height)
        if outline:
            border = set_line(text, replace(style, stroke=outline[0]))
            corner = (left - outline[0], top - outline[0])
            self.fill(outline[1], border.mask, corner)
            box = (*corner, corner[0] + border.width, corner[1] + border.height)
        if not isinstance(colour, tuple):  # a picture as large as the canvas: the text is cut out of it
            colour = np.ascontiguousarray(colour[top : top + line.height, left : left + line.width])
        self.fill(colour, line.mask, (left, top))
        if label:
            self.label(box, text, ignore)
        return box

    def label(self, ink: Box, text: str, ignore: bool = False) -> None:
        """Say that an upright ink box (left, top, right, bottom) holds `text`."""
        margin = MARGIN * (ink[3] - ink[1])
        box = (ink[0] - margin, ink[1] - margin, ink[2] + margin, ink[3] + margin)
        self.words.append(Word(rectangle(*box), text, ignore))

    def fit(  # noqa: PLR0917
        self,
        x: float,
        y: float,
        text: str,
        style: Style,
        limits: tuple[float, float],
        colour: Colour,
        *,
        align: str = "centre",
        drop: tuple[int, int, Colour] | None = None,
    ) -> None:
        """Write one line as large as `limits` (width and height of the ink) allow."""
        self.text(x, y, text, fitted(text, style, *limits), colour, align=align, drop=drop)

    def arc_text(
        self,
        centre: tuple[float, float],
        radius: float,
        middle: float,
        text: str,
        style: Style,
        *,
        colour: Colour,
        inside: bool = False,
    ) -> None:
        """Write along a circle, the text's middle at `middle` degrees (0 is the top, clockwise).

        `inside` turns the letters so that their tops look to the centre, for text at a badge's foot.
        """
        sign = -1 if inside else 1
        joint = style.tracking * style.size
        advances = [set_line(c, style).advance + joint if c != " " else style.size * 0.35 for c in text]
        total, pen = sum(advances) - joint, 0.0
        corners = []
        for character, advance in zip(text, advances, strict=True):
            angle = middle + sign * (pen + (advance - joint) / 2 - total / 2) / radius * 180 / pi
            pen += advance
            if character == " ":
                continue
            line = set_line(character, style)
            foot = (
                centre[0] + radius * sin(radians(angle)),
                centre[1] - radius * cos(radians(angle)),
            )
            place = translation(*foot) @ rotation(angle + (180 if inside else 0))
            place = place @ translation(line.left - line.advance / 2, line.top)
            glyph = Canvas(line.width, line.height)
            glyph.image.paste((*colour, 0), (0, 0, line.width, line.height))
            glyph.image.putalpha(line.mask)
            self.paste(glyph, place)
            corners.append(project(place, rectangle(0, 0, line.width, line.height)))
        angle_up = -(middle + (180 if inside else 0))
        ink = project(rotation(angle_up), np.concatenate(corners))
        margin = MARGIN * style.size * 0.7
        (left, top), (right, bottom) = ink.min(axis=0) - margin, ink.max(axis=0) + margin
        self.words.append(Word(project(rotation(-angle_up), rectangle(left, top, right, bottom)), text))

    def pave(self, texture: Pixels, matrix: Matrix) -> None:
        """Cover everything with a texture seen through a homography, mirrored where it ends."""
        by_centres = translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)
        seen = cv2.warpPerspective(texture, by_centres, self.size, borderMode=cv2.BORDER_REFLECT)
        self.image = Image.fromarray(seen).convert("RGBA")

    def paste(self, other: "Canvas", matrix: Matrix, shadow: Shadow | None = None) -> None:
        """Lay another canvas on this one through a homography; its text comes along."""
        layer, corner = _warped(other, matrix, self.size)
        if shadow:
            self._cast(layer.getchannel("A"), corner, shadow)
        self.image.alpha_composite(layer, corner)
        self.words += [replace(word, quad=project(matrix, word.quad)) for word in other.words]

    def _cast(self, cover: Image.Image, at: tuple[int, int], shadow: Shadow) -> None:
        grown = Image.new("L", self.size)
        dark = cover.point([round(level * shadow.strength) for level in range(256)])
        grown.paste(dark, (at[0] + round(shadow.dx), at[1] + round(shadow.dy)))
        margin = int(3 * shadow.blur)
        box = grown.getbbox() or (0, 0, *self.size)
        left, top = max(0, box[0] - margin), max(0, box[1] - margin)
        right, bottom = min(self.size[0], box[2] + margin), min(self.size[1], box[3] + margin)
        soft = grown.crop((left, top, right, bottom)).filter(ImageFilter.GaussianBlur(shadow.blur))
        self.fill((8, 8, 12), soft, (left, top))


def _warped(other: Canvas, matrix: Matrix, frame: tuple[int, int]) -> tuple[Image.Image, tuple[int, int]]:
    """`other` seen through `matrix` as RGBA, cut to what the frame shows of it, and that part's corner."""
    outline = rectangle(0, 0, *other.size)
    if (np.column_stack([outline, np.ones(4)]) @ matrix[2] <= 0).any():
        raise ValueError("a part of the plane lies behind the camera: turn it less or step back")
    corners = project(matrix, outline)
    left, top = (int(side) for side in np.maximum(np.floor(corners.min(axis=0)) - 1, 0))
    right, bottom = (int(side) for side in np.minimum(np.ceil(corners.max(axis=0)) + 1, frame))
    pixels = np.array(other.image)
    # Colours of transparent pixels must not leak into the edge: weigh them by their coverage while sampling.
    translucent = pixels[:, :, 3].min() < 255
    if translucent:
        pixels[:, :, :3] = np.rint(pixels[:, :, :3] * (pixels[:, :, 3:] / np.float32(255)))
    shrink = _shrinkage(corners, other.size)
    if shrink > 1.2:  # bilinear sampling would skip pixels: average them first
        size = (max(1, round(other.size[0] / shrink)), max(1, round(other.size[1] / shrink)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = matrix @ np.diag([other.size[0] / size[0], other.size[1] / size[1], 1.0])
    # OpenCV counts from pixel centres, this project from pixel corners.
    by_centres = translation(-left - 0.5, -top - 0.5) @ matrix @ translation(0.5, 0.5)
    window = (right - left, bottom - top)
    if translucent:
        warped = cv2.warpPerspective(pixels, by_centres, window, flags=cv2.INTER_LINEAR)
        cover = np.maximum(warped[:, :, 3:], 1) / np.float32(255)
        warped[:, :, :3] = np.clip(np.rint(warped[:, :, :3] / cover), 0, 255)
        return Image.fromarray(warped), (left, top)
    colours = np.ascontiguousarray(pixels[:, :, :3])
    colours = cv2.warpPerspective(colours, by_centres, window, borderMode=cv2.BORDER_REPLICATE)
    layer = Image.fromarray(colours).convert("RGBA")
    layer.putalpha(Image.fromarray(cv2.warpPerspective(pixels[:, :, 3], by_centres, window)))
    return layer, (left, top)


def _shrinkage(corners: Points, size: tuple[int, int]) -> float:
    """How many pixels of the thing fall on one of the frame, along its least shrunk side."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(min(size[0] / max(sides[0], sides[2], 1.0), size[1] / max(sides[1], sides[3], 1.0)))
