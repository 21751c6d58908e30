"""A labelled dataset on disk: a folder with images and one of the known label files."""

import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.labels import ADJUSTMENTS, Kind, LabelledImage, Word, arranged
from snapml_ocr.evaluate.labels_icdar import PREFIXES, read_icdar
from snapml_ocr.evaluate.labels_json import read_json_labels
from snapml_ocr.evaluate.labels_text import (
    looks_like_paddle_detection,
    read_paddle_detection,
    read_paddle_recognition,
    read_text,
)
from snapml_ocr.ocr.images import image_sizes

LABEL_FILES = ("labels.json", "rec_labels.json", "Label.txt", "rec_gt.txt")
"""Names under which labels are found without being named, in this order; after them gt_*.txt."""

IMAGE_FOLDER = "images"
"""Images may lie beside the label file or in this folder beside it."""

MAX_OPENED = 500
"""Images, evenly spread, whose sizes are compared with their labels before anything is measured."""


@dataclass(frozen=True)
class Dataset:
    """Labelled images of one folder."""

    folder: Path
    label_file: Path
    kind: Kind
    images: list[LabelledImage] = field(repr=False)
    adjusted: dict[str, int] = field(default_factory=dict)
    """How often labels were put in order or aside when they were read, see `labels.arranged`."""

    def path_of(self, name: str) -> Path:
        """Where an image lies: in the folder, in its `images`, or named with the folder as PaddleOCR does.

        Raises `UserError` when it is in none of them.
        """
        return self._root_of(name) / name

    def require_frames(self) -> None:
        """Raise `UserError` when most outlines lie outside their images, as far as images are there.

        Labels are in the frame of the upright image, which is what EXIF makes of the stored one.
        """
        step = -(-len(self.images) // MAX_OPENED) or 1
        outlines = outside = turned = 0
        for image in self.images[::step]:
            words = [word for word in image.words if word.outline]
            try:
                size, stored = image_sizes(self.path_of(image.name)) if words else ((0, 0), (0, 0))
            except UserError:  # reading it says what is wrong
                continue
            outlines += len(words)
            outside += sum(not _lies_in(word, size) for word in words)
            turned += size != stored and any(not _lies_in(word, size) for word in words)
        if 2 * outside > outlines:
            raise UserError(
                f"{self.label_file}: {outside} of {outlines} outlines lie outside their image"
                + (", which EXIF turns: labels must be those of the upright image" if turned else "")
                + "; expected pixels of the image as it is read, x before y"
            )

    @property
    def image_root(self) -> Path:
        """The folder below which the labels name the images."""
        return self._root_of(self.images[0].name)

    def _root_of(self, name: str) -> Path:
        for parent in (self.folder, self.folder / IMAGE_FOLDER, self.folder.parent):
            with suppress(OSError):  # a name too long for the file system
                if (parent / name).is_file():
                    return parent
        raise UserError(
            f"{self.label_file}: its image {name!r} is neither in {self.folder} nor its images folder"
        )

    @property
    def categories(self) -> list[str]:
        """Categories that labels name, sorted."""
        return sorted({image.category for image in self.images if image.category is not None})


def open_to_measure(folder: Path, labels: Path | None = None, kind: Kind | None = None) -> Dataset:
    """`open_dataset`, but labels must lie on their images, and what was assumed goes to standard error."""
    dataset = open_dataset(folder, labels, kind)
    dataset.require_frames()
    for what, count in dataset.adjusted.items():
        print(f"{dataset.label_file}: {count} {ADJUSTMENTS[what]}", file=sys.stderr)
    return dataset


def open_dataset(folder: Path, labels: Path | None = None, kind: Kind | None = None) -> Dataset:
    """Read the labels of a folder of images.

    `labels` is a label file (or a folder of gt_*.txt), absolute, or relative to `folder`; without it one
    with a known name is looked for. `kind` is checked against what the labels hold. Raises `UserError` that
    names file and line when anything is wrong, also when there is no label at all.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such dataset folder")
    file = find_labels(folder) if labels is None else folder / labels
    if file.is_dir() or (file.name.startswith(PREFIXES) and file.suffix == ".txt"):
        found_kind, images = _icdar(folder, file)
    else:
        found_kind, images = _from_file(file)
    images, adjusted = arranged(file, images)
    if not images:
        raise UserError(f"{file}: no label in it")
    if kind is not None and kind != found_kind:
        raise UserError(f"{file}: its labels are of kind {found_kind}, the configuration says {kind}")
    return Dataset(folder, file, found_kind, images, adjusted)


def _lies_in(word: Word, size: tuple[int, int]) -> bool:
    """Whether the middle of an outline is a pixel of an image of (width, height) `size`."""
    return all(
        0 <= min(values) + max(values) <= 2 * most
        for values, most in zip(zip(*word.outline, strict=True), size, strict=True)
    )


def open_named_dataset(name: str) -> Dataset:
    """Open what FOLDER or FOLDER:LABELS names, the label file from the working folder; see `open_dataset`."""
    folder, _, labels = name.partition(":")
    return open_dataset(Path(folder), Path(labels).absolute() if labels else None)


def has_labels(folder: Path) -> bool:
    """Whether labels are found in a folder without being named."""
    try:
        return find_labels(folder).exists()
    except UserError:
        return False


def find_labels(folder: Path) -> Path:
    """Return the label file of a folder, or the folder of its gt_*.txt; raises `UserError` without any."""
    for name in LABEL_FILES:
        if (folder / name).is_file():
            return folder / name
    for parent in (folder, folder / IMAGE_FOLDER):
        if _icdar_files(parent):
            return parent
    raise UserError(f"{folder}: no labels; expected one of {', '.join(LABEL_FILES)} or gt_*.txt files in it")


def _from_file(file: Path) -> tuple[Kind, list[LabelledImage]]:
    text = read_text(file)
    if file.suffix == ".json":
        return read_json_labels(file, text)
    if looks_like_paddle_detection(file, text):
        return "end_to_end", read_paddle_detection(file, text)
    return "recognition", read_paddle_recognition(file, text)


def _icdar(folder: Path, labels: Path) -> tuple[Kind, list[LabelledImage]]:
    files = (_icdar_files(labels) or sorted(labels.glob("*.txt"))) if labels.is_dir() else [labels]
    images = folder / IMAGE_FOLDER
    return "end_to_end", read_icdar(files, images if images.is_dir() else folder)


def _icdar_files(folder: Path) -> list[Path]:
    return sorted(file for start in PREFIXES for file in folder.glob(f"{start}*.txt"))
