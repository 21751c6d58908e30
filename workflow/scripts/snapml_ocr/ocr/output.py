"""Write pictures of pages and crops of lines to a folder."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2

from snapml_ocr.errors import UserError
from snapml_ocr.files import write_bytes
from snapml_ocr.ocr.crops import crop_quad
from snapml_ocr.ocr.drawing import draw_page, load_font
from snapml_ocr.ocr.images import Pixels, read_image
from snapml_ocr.ocr.page import Page


class FileNames:
    """Names for what is written about each image: its own without the suffix.

    Images that share it, as a.jpg and a.png, keep their suffix; images of several folders below `root` keep
    their folder.
    """

    def __init__(self, images: Sequence[Path], root: Path | None) -> None:
        self._root = root
        self._stems = Counter(self._place(image).with_suffix("") for image in images)

    def of(self, image: Path) -> str:
        """Return the name for `image`, without a suffix of its own."""
        place = self._place(image)
        stem = place.with_suffix("")
        return (stem if self._stems[stem] <= 1 else place).as_posix()

    def _place(self, image: Path) -> Path:
        inside = self._root is not None and image.is_relative_to(self._root)
        return image.relative_to(self._root) if inside and self._root else Path(image.name)


class PictureWriter:
    """Writes `{image}.png` with boxes and texts for each page."""

    def __init__(
        self, folder: Path, images: Sequence[Path], font: Path | None = None, root: Path | None = None
    ) -> None:
        """Raise `UserError` when a picture would replace one of the images, or the font cannot be used."""
        self._folder, self._names, self._font = folder, FileNames(images, root), load_font(font)
        _refuse_to_replace(folder, images, self._names)

    def write(self, page: Page) -> None:
        """Draw a page; one that could not be read has no picture."""
        if page.error is None and page.source is not None:
            picture = draw_page(read_image(page.source), page.lines, self._font)
            write_png(self._folder / f"{self._names.of(page.source)}.png", picture)


class CropWriter:
    """Writes `{image}_{line}.png` for each line, numbered from 1 in reading order."""

    def __init__(self, folder: Path, images: Sequence[Path], root: Path | None = None) -> None:
        self._folder, self._names = folder, FileNames(images, root)

    def write(self, page: Page) -> None:
        """Write the crops of a page, turned as they were read."""
        if page.error is None and page.source is not None and page.lines:
            image = read_image(page.source)
            for number, line in enumerate(page.lines, start=1):
                name = f"{self._names.of(page.source)}_{number:03d}.png"
                write_png(self._folder / name, crop_quad(image, line.quad))


def write_png(path: Path, picture: Pixels) -> None:
    """Write a (H, W, 3) uint8 BGR picture atomically."""
    encoded, content = cv2.imencode(".png", picture)
    if not encoded:
        raise UserError(
            f"{path}: a picture of {picture.shape[1]}x{picture.shape[0]} cannot be written as PNG"
        )
    write_bytes(path, content.tobytes())


def _refuse_to_replace(folder: Path, images: Sequence[Path], names: FileNames) -> None:
    sources = {image.resolve() for image in images}
    for image in images:
        target = folder / f"{names.of(image)}.png"
        if target.resolve() in sources:
            raise UserError(f"{target}: the picture would replace an image; choose another --output_dir")
