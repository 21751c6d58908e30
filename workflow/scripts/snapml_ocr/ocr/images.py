"""Read any picture people have into one form: (H, W, 3) uint8 BGR, upright, opaque."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from snapml_ocr.errors import UserError

Pixels = NDArray[np.uint8]

IMAGE_SUFFIXES = frozenset(
    {".bmp", ".dib", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm"}
    | {".tif", ".tiff", ".webp"}
)
"""What a folder's files are taken for images by; a file named by itself is tried whatever its suffix is."""


class UnreadableImageError(UserError):
    """One image of several cannot be read; the others can go on."""

    exit_code = 1


def find_images(path: Path) -> list[Path]:
    """Return the image files of a folder in the order of their names, or the one file given.

    Files with other suffixes, hidden files and sub-folders are passed over. Raises `UserError` when the
    path does not exist or a folder holds no image.
    """
    if not path.exists():
        raise UserError(f"{path}: no such image or folder")
    if not path.is_dir():
        return [path]
    images = sorted(
        (
            entry
            for entry in path.iterdir()
            if entry.suffix.lower() in IMAGE_SUFFIXES
            and not entry.name.startswith(".")
            and not entry.is_dir()
        ),
        key=lambda entry: entry.name,
    )
    if not images:
        raise UserError(f"{path}: holds no image ({' '.join(sorted(IMAGE_SUFFIXES))})")
    return images


def read_image(path: Path) -> Pixels:
    """Return the picture as (H, W, 3) uint8 BGR.

    Grey, palette, CMYK, 16-bit and floating-point pictures are converted, transparency is laid on white
    (text on a transparent ground is dark as a rule), an EXIF rotation is applied, of several frames or
    pages the first is taken. Raises `UnreadableImageError` for a file that is missing, empty, truncated,
    too large or not an image.
    """
    try:
        with Image.open(path) as picture:
            return _as_bgr(picture)
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
            width, height = picture.size
            turned = picture.getexif().get(ExifTags.Base.Orientation, 1) >= 5
    except (OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError):
        height, width = read_image(path).shape[:2]
        turned = False
    return ((height, width) if turned else (width, height)), (width, height)


def _as_bgr(picture: Image.Image) -> Pixels:
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):
        return cv2.cvtColor(_eight_bit(np.asarray(picture)), cv2.COLOR_GRAY2BGR)  # type: ignore[return-value]
    if picture.has_transparency_data:
        transparent = picture.convert("RGBA")
        picture = Image.new("RGBA", transparent.size, "white")
        picture.alpha_composite(transparent)
    rgb = np.asarray(picture.convert("RGB"))
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)  # type: ignore[return-value]


def _eight_bit(values: NDArray[np.generic]) -> Pixels:
    """Scale 16-bit integers (0 to 65535) or floats (0 to 1, else 0 to 255) to 8 bits."""
    if np.issubdtype(values.dtype, np.integer):
        return (np.clip(values.astype(np.int64), 0, 65535) >> 8).astype(np.uint8)
    floats = np.nan_to_num(values.astype(np.float64))
    top = 1.0 if floats.max(initial=0.0) <= 1.0 else 255.0
    return np.clip(np.rint(floats * (255.0 / top)), 0, 255).astype(np.uint8)


def _read_with_opencv(path: Path) -> Pixels:
    """Read the formats that Pillow lacks, as 16-bit colour TIFF."""
    encoded = np.fromfile(path, np.uint8)
    if not encoded.size:
        raise UnreadableImageError(f"{path}: an empty file")
    try:
        pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise UnreadableImageError(f"{path}: a damaged image: {error.err}") from None
    if pixels is None:
        raise UnreadableImageError(f"{path}: not an image")
    return pixels  # type: ignore[return-value]
