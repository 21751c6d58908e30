"""Find and read text in one image or every image of a folder.

    python workflow/scripts/inference.py --pipeline results/pipelines/ppocrv4-en.json -i photo.jpg

In: images, and the pipeline file of a build, or a detector (one file or several input shapes of it) and a
recognizer (one file or several widths), which win over the pipeline's. The recognizer's dictionary is the
file given, else the one in the model's metadata. Models are ONNX files, or Paddle model folders where
paddlepaddle is installed; dynamic models run at the shapes given by --det_shapes and --rec_shapes.

Out: --output_json FILE gets one JSON object per image (- is standard output), --output_dir DIR gets a
picture of each image with its boxes and, beside it, the text read. Without either, the text goes to
standard output.

Exit code 0: every image was read. 1: some images could not be read; they are named and the others are done.
2: wrong usage, or a model that cannot be used.
"""

import argparse
import os
import sys
import warnings
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Protocol

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import atomic_path
from snapml_ocr.ocr.arguments import SUMMARISED, add_reader_arguments, open_reader, reader_arguments
from snapml_ocr.ocr.images import find_images
from snapml_ocr.ocr.output import CropWriter, PictureWriter
from snapml_ocr.ocr.page import Page
from snapml_ocr.ocr.predictions import json_line, page_record
from snapml_ocr.progress import tracked


def main() -> int:
    """Read the images; return 1 when some could not be read."""
    warnings.simplefilter("ignore")  # Pillow's remarks about odd files; what cannot be read is reported below
    args = parse_args()
    images = [image for path in args.image_path for image in find_images(path, args.recursive)]
    if args.onnx_check:
        _, opened = reader_arguments(args)
        check_models([*opened.get("detectors", []), *opened.get("recognizers", [])])
    writers = page_writers(args, images)
    failed = 0
    with open_reader(args, images=len(images)) as reader, ExitStack() as stack:
        if args.output_json is not None:
            writers.append(JsonWriter(args, stack))
        for page in tracked(reader.read_many(images), "read", len(images), "image"):
            if page.error is not None:
                failed += 1
                print(f"error: {page.error}", file=sys.stderr)
            for writer in writers:
                writer.write(page)
            if not writers:
                print_page(page)
    if failed:
        print(f"{failed} of {len(images)} images could not be read", file=sys.stderr)
    return 1 if failed else 0


class PageWriter(Protocol):
    """Something that keeps pages, one at a time."""

    def write(self, page: Page) -> None:
        """Keep one page."""


class JsonWriter:
    """Writes a line a page to a file, which appears when the block of `stack` ends, or to standard output."""

    def __init__(self, args: argparse.Namespace, stack: ExitStack) -> None:
        self._words, self._characters = args.word_boxes, args.character_scores
        self._root: Path | None = args.image_root or _folder_read(args)
        self._file: IO[str] = sys.stdout
        if args.output_json != "-":
            part = stack.enter_context(atomic_path(Path(args.output_json)))
            self._file = stack.enter_context(part.open("w", encoding="utf-8", newline="\n"))

    def write(self, page: Page) -> None:
        """Write the line of one page."""
        if self._root is not None and page.source is not None and page.source.is_relative_to(self._root):
            page = replace(page, image=page.source.relative_to(self._root).as_posix())
        self._file.write(json_line(page_record(page, words=self._words, characters=self._characters)))
        if self._file is sys.stdout:
            self._file.flush()  # a program that reads the other end of a pipe sees each page as it is done


def page_writers(args: argparse.Namespace, images: list[Path]) -> list[PageWriter]:
    """Return the writers of pictures and crops that were asked for."""
    writers: list[PageWriter] = []
    if args.output_dir is not None:
        writers.append(PictureWriter(args.output_dir, images, args.vis_font_path, _folder_read(args)))
    if args.crops is not None:
        writers.append(CropWriter(args.crops, images, _folder_read(args)))
    return writers


def _folder_read(args: argparse.Namespace) -> Path | None:
    """The folder below which --recursive finds images, by which their names are told apart; else None."""
    folders = [path if path.is_dir() else path.parent for path in args.image_path]
    return Path(os.path.commonpath(folders)) if args.recursive else None


def print_page(page: Page) -> None:
    """Print what was read for a person to see."""
    print(f"{page.image}: {len(page.lines)} lines" if page.error is None else f"{page.image}: not read")
    for line in page.lines:
        corner = f"({line.quad[0, 0]:.0f}, {line.quad[0, 1]:.0f})"
        print(f"  {line.score:.2f}  {line.text}" if line.text else f"  {line.det_score:.2f}  {corner}")


def check_models(models: list[Path]) -> None:
    """Run ONNX's own checker; raises `UserError` for a model that breaks the standard."""
    import onnx

    for model in models:
        if model.suffix == ".onnx" and model.is_file():
            try:
                onnx.checker.check_model(str(model), full_check=True)
            except Exception as error:  # the checker, shape inference and the parser have no common class
                raise UserError(f"{model}: not a valid ONNX model: {error}") from None


def parse_args() -> argparse.Namespace:
    """Return the checked command line."""
    parser = Parser(__doc__.splitlines()[0], summarised=SUMMARISED)
    parser.add_argument(
        "-i", "--image_path", type=Path, nargs="+", required=True, metavar="IMAGE", help="images, or folders"
    )
    parser.add_argument("--recursive", action="store_true", help="folders with all that lies below them")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--run_detection", action="store_true", help="find boxes only")
    task.add_argument("--run_pipeline", action="store_true", help="find boxes and read them")
    task.add_argument("--run_recognition", action="store_true", help="each image is the crop of one line")
    add_reader_arguments(parser)
    parser.add_argument("--onnx_check", action="store_true", help="check the ONNX files before they are run")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--output_json", metavar="FILE", help="JSON, an object per image and line; - shows it"
    )
    output.add_argument(
        "--image_root",
        type=Path,
        metavar="DIR",
        help="name images by their path below it, not their file name",
    )
    output.add_argument("--output_dir", type=Path, metavar="DIR", help="for pictures with boxes and text")
    output.add_argument("--crops", type=Path, metavar="DIR", help="for the crop of every line")
    output.add_argument("--word_boxes", action="store_true", help="add the boxes of words to the JSON")
    output.add_argument(
        "--character_scores", action="store_true", help="add a score per character to the JSON"
    )
    output.add_argument("--vis_font_path", type=Path, metavar="FILE", help="font of the drawn text")
    args = parser.parse_args()
    if args.stage and not args.pipeline:
        parser.error(f"--stage {args.stage} needs the --pipeline file whose stage it is")
    if not (args.pipeline or args.run_detection or args.run_pipeline or args.run_recognition):
        parser.error("--run_detection, --run_pipeline, --run_recognition or a --pipeline file is needed")
    if args.run_recognition:
        args.det_model_dir = []
    elif not (args.det_model_dir or args.pipeline):
        parser.error("--det_model_dir is needed")
    if args.run_detection:
        args.rec_model_dir = []
    elif not (args.rec_model_dir or args.pipeline):
        parser.error("--rec_model_dir is needed")
    return args


if __name__ == "__main__":
    run(main)
