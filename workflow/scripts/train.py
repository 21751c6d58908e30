r"""Fine-tune an ONNX recognizer on labelled lines, and write one that takes its place.

Reads an ONNX recognizer with dynamic shapes and folders of line crops or labelled images, in every label
format that the project reads. Writes into --output_dir: model.onnx, summary.json, metrics.csv, curves.svg,
augmentation.png and last.npz, the state that --resume goes on from. It needs the environment of
envs/training.lock:

    python workflow/scripts/in_environment.py envs/training.lock \
        workflow/scripts/train.py results/onnx/MODEL.onnx --data FOLDER --output_dir OUT

Exit 0 written, 1 the base model was not surpassed and no model is written, 2 wrong usage or data, 130 stopped
by a signal with the state saved.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from snapml_ocr.cli import Parser, flag, run
from snapml_ocr.errors import UserError
from snapml_ocr.plan.document import read_document
from snapml_ocr.plan.training_options import TrainingSettings

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE_IMAGES = PROJECT / "images"


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__, summarised=("training",), allow_abbrev=False)
    parser.add_argument("model", type=Path, help="ONNX recognizer with dynamic shapes")
    parser.add_argument(
        "--data",
        nargs="+",
        action="extend",
        default=[],
        metavar="FOLDER[:LABELS]",
        help="labelled lines or images",
    )
    parser.add_argument(
        "--synthetic", default="", metavar="JSON", help='{"words": FILE, "lines": 1000, "fonts": []}'
    )
    parser.add_argument("--validation", nargs="+", action="extend", default=[], metavar="FOLDER[:LABELS]")
    parser.add_argument(
        "--rehearsal_data",
        nargs="+",
        action="extend",
        metavar="FOLDER[:LABELS]",
        default=[],
        help="lines whose texts are not looked at",
    )
    parser.add_argument("--output_dir", type=Path, required=True)
    parser.add_argument("--resume", action="store_true", help="go on from the state in --output_dir")
    parser.add_argument("--rec_char_dict_path", type=Path, help="dictionary, when the model carries none")
    parser.add_argument("--use_space_char", type=flag, metavar="BOOL", help="a space follows the dictionary")
    parser.add_argument("--right_to_left", type=flag, metavar="BOOL", help="lines begin at the right")
    parser.add_argument("--normalisation", metavar="JSON", help="mean, std and channel_order")
    parser.add_argument("--paddle_dir", type=Path, help="the Paddle model it was exported from, to train too")
    parser.add_argument(
        "--trained_dictionary", type=Path, help="that Paddle model's, when the export was cut"
    )
    parser.add_argument("--threads", type=int, default=1, help="default 1; another number, other bytes")
    training = parser.add_argument_group("training")
    for name, field in TrainingSettings.model_fields.items():
        kind = flag if isinstance(field.default, bool) else type(field.default)
        told = f"{field.description} (default: {field.default})"
        training.add_argument(f"--{name}", type=kind, default=field.default, help=told)
    return parser.parse_args()


def main() -> None:
    """Parse, read, train, say what came of it."""
    args = parse_args()
    given = {name: getattr(args, name) for name in TrainingSettings.model_fields}
    settings: TrainingSettings = read_document(TrainingSettings, given, "options")
    if not (args.data or args.synthetic):
        raise UserError("give --data FOLDER, --synthetic or both")
    # As many threads as asked for, also on a busy machine: sums in another order give other bytes.
    os.environ |= {"OMP_NUM_THREADS": str(args.threads), "MKL_DYNAMIC": "FALSE", "OMP_DYNAMIC": "FALSE"}

    from snapml_ocr.evaluate.dataset import open_dataset, open_named_dataset
    from snapml_ocr.ocr.dictionary import Dictionary
    from snapml_ocr.ocr.dictionary_metadata import from_metadata
    from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
    from snapml_ocr.onnx_files.model_file import read_model
    from snapml_ocr.training.device import choose_device
    from snapml_ocr.training.fine_tuning import Base, Material, fine_tune
    from snapml_ocr.training.labelled_lines import Line, read_lines, rehearsal_lines

    choose_device(settings.device)
    model = read_model(args.model)
    known = {"space": args.use_space_char, "right_to_left": args.right_to_left}
    if args.rec_char_dict_path:
        given = {name: value for name, value in known.items() if value is not None}
        dictionary = Dictionary.read(args.rec_char_dict_path, **given)
    else:
        metadata = {entry.key: entry.value for entry in model.metadata_props}
        dictionary = from_metadata(metadata, args.model, **known)
    whole = (
        Dictionary.read(args.trained_dictionary, space=dictionary.space) if args.trained_dictionary else None
    )
    base = Base(
        model,
        dictionary,
        Normalisation.from_json(args.normalisation) if args.normalisation else RECOGNITION,
        str(args.model),
        args.paddle_dir,
        whole,
    )
    lines, unreadable, ignored = read_lines(map(open_named_dataset, args.data))
    validation, more, more_ignored = read_lines(map(open_named_dataset, args.validation))
    rehearsal: Iterable[Line] = ()
    if settings.rehearsal:
        rehearsal = (line for name in args.rehearsal_data for line in rehearsal_lines(name))
        if settings.rehearsal_lines:
            labels = open_dataset(SAMPLE_IMAGES).images
            words = [word for image in labels for line in image.words for word in line.text.split()]
            signs = synthetic().SyntheticLines(words, settings.rehearsal_lines, on_signs=True)
            rehearsal = chain(rehearsal, signs.drawn("", settings.seed))
    if args.synthetic:
        lines += (
            synthetic().SyntheticLines.from_json(args.synthetic).render(settings.characters, settings.seed)
        )
    material = Material(lines, validation, rehearsal, [*unreadable, *more], ignored + more_ignored)
    summary = fine_tune(base, material, settings, args.output_dir, resume=args.resume, say=say)
    before, after = summary["base"], summary["trained"]
    for name in before:
        print(f"validation {name}: {before[name]:.4f} before, {after[name]:.4f} after")
    found = summary["against_paddle"]
    print(f"the file against the trained network in Paddle: at most {found['max_abs']:.1e} in probability")
    print(f"{args.output_dir / 'model.onnx'}: the weights of step {summary['best_step']}")


def synthetic() -> Any:
    """Return the module that renders lines, with the sample images' lettering at its side."""
    sys.path.append(str(PROJECT / "tools" / "sample_images"))
    from snapml_ocr.training import synthetic_lines

    return synthetic_lines


def say(text: str) -> None:
    """Tell the user at once, also through a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    run(main)
