"""Read any picture people have into one form: (H, W, 3) uint8 BGR, upright, opaque."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from snapml_ocr.errors import UserError
from snapml_ocr.file_kinds import kind_of_file
from snapml_ocr.ocr.steps import FILE, step

Pixels = NDArray[np.uint8]

IMAGE_SUFFIXES = frozenset(
    {".bmp", ".dib", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm"}
    | {".tif", ".tiff", ".webp"}
)
"""What a folder's files are taken for images by; a file named by itself is tried whatever its suffix is."""


class UnreadableImageError(UserError):
    """One image of several cannot be read; the others can go on."""

    exit_code = 1


def find_images(path: Path, recursive: bool = False) -> list[Path]:
    """Return the image files of a folder in the order of their names, or the one file given.

    Files with other suffixes and hidden files are passed over, and subfolders unless `recursive`. Raises
    `UserError` when the path does not exist or a folder holds no image.
    """
    if not path.exists():
        raise UserError(f"{path}: no such image or folder")
    if not path.is_dir():
        return [path]
    images = _images_in(path, "**/*" if recursive else "*")
    if not images:
        reason = f"{path}: holds no image ({' '.join(sorted(IMAGE_SUFFIXES))})"
        deeper = 0 if recursive else len(_images_in(path, "**/*"))
        hint = f"; its subfolders hold {deeper}, which --recursive reads" if deeper else ""
        raise UserError(f"{reason}{hint}")
    return images


def _images_in(folder: Path, pattern: str) -> list[Path]:
    found = [
        entry
        for entry in folder.glob(pattern)
        if entry.suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith(".") for part in entry.relative_to(folder).parts)
        and not entry.is_dir()
    ]
    return sorted(found, key=lambda entry: entry.relative_to(folder).as_posix())


@step(FILE)
def read_image(path: Path) -> Pixels:
    """Return the picture as (H, W, 3) uint8 BGR.

    Grey, palette and CMYK pictures are converted; deeper ones are scaled, see `_eight_bit`; transparency is
    laid on the ground from which what is visible stands out most; an EXIF rotation is applied; of several
    frames or pages the first is taken. Raises `UnreadableImageError` for a file that is missing, empty,
    truncated, too large or not an image.
    """
    try:
        # Given a path, Pillow 13 maps uncompressed TIFF files that EXIF turns at a wrong size.
        with path.open("rb") as file, Image.open(file) as picture:
            return _as_bgr(picture, path)
    except UnidentifiedImageError:
        return _read_with_opencv(path)
    except Image.DecompressionBombError:
        raise UnreadableImageError(
            f"{path}: more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels; cut it into parts"
        ) from None
    except FileNotFoundError:
        raise UnreadableImageError(f"{path}: no such image") from None
    # Pillow's decoders raise any of these for damaged files, according to the format.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise UnreadableImageError(f"{path}: a damaged image: {error}") from None


def image_sizes(path: Path) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (width, height) of the picture that `read_image` gives and of the stored one, from its header.

    Raises `UnreadableImageError` for a file that is missing or not an image.
    """
    try:
        with Image.open(path) as picture:
            size, is_turned = picture.size, picture.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            other = size[::-1] if is_turned else size
            return (size, other) if picture.format == "TIFF" else (other, size)
    except (OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError):
        height, width = read_image(path).shape[:2]
        return (width, height), (width, height)


def _as_bgr(picture: Image.Image, path: Path) -> Pixels:
    stored = str(getattr(picture, "tile", ""))
    if ";16" in stored and not picture.mode.startswith("I"):
        # Pillow would keep the upper byte of each colour.
        turned = Image.fromarray(_read_with_opencv(path))
        turned.getexif().update(picture.getexif())
        return np.array(ImageOps.exif_transpose(turned))
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):
        return cv2.cvtColor(_eight_bit(np.asarray(picture)), cv2.COLOR_GRAY2BGR)  # type: ignore[return-value]
    if picture.has_transparency_data:
        picture = _opaque(picture.convert("RGBA"))
    rgb = np.asarray(picture.convert("RGB"))
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)  # type: ignore[return-value]


FULL_SCALES = (1, 255, 1023, 4095, 16383, 65535, 2**24 - 1, 2**31 - 1, 2**32 - 1)
"""Values that stand for white: of floats 1, and of cameras and scanners of 8, 10, 12, 14 and more bits, whose
files keep them in 16 or 32."""


def _eight_bit(values: NDArray[np.generic]) -> Pixels:
    """Scale values of more than 8 bits so that the smallest full scale that holds them all becomes 255.

    A signed integer below zero, as scans centred on zero have, moves the scale's beginning there.
    """
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    lowest, highest = numbers.min(initial=0.0), numbers.max(initial=0.0)
    if np.issubdtype(values.dtype, np.integer) and lowest < 0:
        numbers, highest = numbers - lowest, highest - lowest
    scales = FULL_SCALES if np.issubdtype(values.dtype, np.floating) else FULL_SCALES[1:]
    top = next((scale for scale in scales if highest <= scale * ROUNDED), highest)
    return np.clip(np.rint(numbers * (255.0 / top)), 0, 255).astype(np.uint8)


ROUNDED = 1.000001
"""White may have been rounded up to the next float32."""

GROUNDS = (255, 0, 128)
"""Grey values that transparent pictures may be laid on; the earlier where two show as much."""

ALIKE = 64
"""Grey values nearer to each other are hard to tell apart, for a detector too."""


def _opaque(picture: Image.Image) -> Image.Image:
    """Lay an RGBA picture on the ground to which least of what is visible is alike."""
    greys, alpha = np.asarray(picture.convert("L")), np.asarray(picture.getchannel("A"))
    weights = np.bincount(greys.ravel(), alpha.ravel().astype(np.float64), minlength=256)
    alike = [weights[max(0, ground - ALIKE) : ground + ALIKE].sum() for ground in GROUNDS]
    ground = GROUNDS[int(np.argmin(alike))]
    opaque = Image.new("RGBA", picture.size, (ground, ground, ground, 255))
    opaque.alpha_composite(picture)
    return opaque


def _read_with_opencv(path: Path) -> Pixels:
    """Read what Pillow cannot as it is, as colours of 16 bits."""
    encoded = np.fromfile(path, np.uint8)
    if not encoded.size:
        raise UnreadableImageError(f"{path}: an empty file")
    try:
        pixels = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise UnreadableImageError(f"{path}: a damaged image: {error.err}") from None
    if pixels is None:
        raise UnreadableImageError(f"{path}: {kind_of_file(path) or 'not an image'}")
    planes = np.atleast_3d(pixels)
    colours = _eight_bit(planes[:, :, :3]) if pixels.dtype != np.uint8 else planes[:, :, :3].astype(np.uint8)
    if planes.shape[2] != 4:
        return np.ascontiguousarray(np.broadcast_to(colours, (*colours.shape[:2], 3)))
    alpha = planes[:, :, 3:].astype(np.float64) * (1 if pixels.dtype == np.uint8 else 255 / 65535)
    rgba = np.dstack([colours[:, :, ::-1], alpha.astype(np.uint8)])
    return np.asarray(_opaque(Image.fromarray(rgba)).convert("RGB"))[:, :, ::-1].copy()
