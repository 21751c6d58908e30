"""The options by which the output of one model is decoded; a pipeline file gives what they leave out."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from snapml_ocr.cli import flag
from snapml_ocr.evaluate.decoding import Decoder, decoder_for
from snapml_ocr.ocr.arguments import add_box_arguments, box_settings_of
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.pipeline_model import PipelineModel, dictionary_of


def add_decoder_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a pipeline file, a dictionary, and the thresholds of a detector."""
    parser.add_argument(
        "--pipeline", type=Path, metavar="FILE", help="pipeline file of a build; other options win"
    )
    parser.add_argument("--dictionary", type=Path, help="characters of a recognizer; default: its own")
    parser.add_argument("--use_space_char", type=flag, default=True, metavar="BOOL", help="default True")
    parser.add_argument("--right_to_left", type=flag, default=False, metavar="BOOL", help="default False")
    add_box_arguments(parser.add_argument_group("decoding of a detector"))


def decoder_of(
    args: argparse.Namespace,
    pipeline: PipelineModel | None,
    task: str,
    model: Path,
    metadata: Mapping[str, str],
) -> Decoder:
    """The decoder of those options; raises `UserError` for a recognizer without dictionary."""
    settings = box_settings_of(args, pipeline.file.settings if pipeline else None)
    dictionary = dictionary_of(pipeline.part) if pipeline else None
    if args.dictionary:
        dictionary = Dictionary.read(
            args.dictionary, space=args.use_space_char, right_to_left=args.right_to_left
        )
    return decoder_for(task, settings, dictionary, model, metadata)
