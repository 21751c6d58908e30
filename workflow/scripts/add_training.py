"""Add a recognizer that is trained on own lines to the catalogue, and a configuration that builds it.

Reads the data and, where the base's dictionary is a file of the project, checks every line against it,
before anything is written. Example:

    python workflow/scripts/add_training.py --base ch_PP-OCRv4_rec_infer-en --data receipts --name my_receipts
    make build CONFIG=config/my_receipts.yaml

The options of train.py become keys of `training:`. Exit 0 added, 2 wrong usage or data.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from snapml_ocr.catalogue.build_file import build_file
from snapml_ocr.catalogue.entry import names_in, write_entry
from snapml_ocr.cli import Parser, flag, run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_named_dataset
from snapml_ocr.files import write_text
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan.configuration import Model, read_catalogue
from snapml_ocr.plan.document import read_document
from snapml_ocr.plan.training_options import Training, TrainingSettings
from snapml_ocr.plan.yaml_file import read_yaml
from snapml_ocr.training.labelled_lines import FEW_LINES, check_lines, read_lines

DEFAULT_CONFIG = Path("config/config.yaml")
ANY_NUMBER_OF_STEPS = 10**6
"""The steps of the input are known when the base model is there: train.py looks again."""


@dataclass(frozen=True)
class TrainingEntry:
    """The text of a catalogue entry with `base` and `training`."""

    base: str
    training: dict[str, Any]

    def as_yaml(self, name: str) -> str:
        """The entry as block text that ends with a line end."""
        document = {name: {"base": self.base, "training": self.training}}
        text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)
        return text


def main() -> None:
    """Parse, check, write."""
    args = parse_args()
    defaults = {name: field.default for name, field in TrainingSettings.model_fields.items()}
    changed = {name: getattr(args, name) for name in defaults if getattr(args, name) != defaults[name]}
    given = {"data": args.data, "validation": args.validation, "rehearsal_data": args.rehearsal_data}
    synthetic = {"words": args.words, "lines": args.lines} if args.words else None
    training = {
        **{key: value for key, value in given.items() if value},
        **({"synthetic": synthetic} if synthetic else {}),
        **changed,
    }
    checked: Training = read_document(Training, training, "options")
    known = read_catalogue(args.catalogue)
    base = known.get(args.base)
    if base is None or base.task != "recognition" or base.base:
        names = [name for name, model in known.items() if model.task == "recognition" and not model.base]
        raise UserError(f"--base {args.base}: no recognizer of {args.catalogue}; known: {', '.join(names)}")
    check(checked, base, args.bad_lines)
    write_entry(args.catalogue, args.name, TrainingEntry(args.base, training), replace=args.replace)
    print(f"added {args.name} to {args.catalogue}")
    target = args.build_file or Path("config") / f"{args.name}.yaml"
    if target.exists():
        print(f"{target} is there already and stays as it is")
    else:
        names = names_in(args.catalogue)
        text = build_file(args.name, "recognition", read_yaml(DEFAULT_CONFIG), args.catalogue, names)
        write_text(target, text)
    print(f"train and build it: make build CONFIG={target}")


def check(training: Training, base: Model, bad_lines: float) -> None:
    """Print what is in the data; raises `UserError` when too much of it cannot be learned."""
    datasets = map(open_named_dataset, (*training.data, *training.validation))
    lines, unreadable, ignored = read_lines(datasets)
    if not lines and training.synthetic:
        return
    assert base.dictionary is not None
    file = Path(base.charset.file if base.charset and base.charset.file else base.dictionary.name)
    if file.is_file():
        dictionary = Dictionary.read(file, space=base.use_space_char)
        dictionary = Dictionary((*dictionary.entries, *training.characters), dictionary.space)
    else:
        print(f"{file} is fetched when the model is built: whether it has all characters is checked then")
        dictionary = Dictionary(tuple({character for line in lines for character in line.text}))
    checked = check_lines(lines, dictionary, ANY_NUMBER_OF_STEPS, unreadable, ignored)
    print(checked.table())
    checked.require_few_bad(bad_lines)
    if len(checked.lines) < FEW_LINES and not training.synthetic:
        print(f"warning: {len(checked.lines)} lines; below {FEW_LINES}, letters may suffer")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, summarised=("training",), allow_abbrev=False)
    parser.add_argument("--base", required=True, help="a recognizer of the catalogue")
    parser.add_argument("--name", required=True, help="of the new entry")
    parser.add_argument(
        "--data", nargs="+", default=[], metavar="FOLDER[:LABELS]", help="labelled lines or images"
    )
    parser.add_argument("--validation", nargs="+", default=[], metavar="FOLDER[:LABELS]")
    parser.add_argument(
        "--rehearsal_data",
        nargs="+",
        default=[],
        metavar="FOLDER[:LABELS]",
        help="crops that are to be read as before; they need no labels (default: the sample images)",
    )
    parser.add_argument("--words", help="a text file: lines are rendered from its words")
    parser.add_argument("--lines", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--catalogue", type=Path, default=Path("config/models.yaml"), help="file to add to")
    parser.add_argument("--build_file", type=Path, help="configuration to write (default: config/NAME.yaml)")
    parser.add_argument("--replace", action="store_true", help="an entry of this name is written anew")
    training = parser.add_argument_group("training")
    for name, field in TrainingSettings.model_fields.items():
        kind = flag if isinstance(field.default, bool) else type(field.default)
        training.add_argument(f"--{name}", type=kind, default=field.default, help=field.description)
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
