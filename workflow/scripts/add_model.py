r"""Find out what a PaddleOCR model is, and add it to the catalogue.

In: where the model is: a folder with inference.pdmodel or inference.json and inference.pdiparams, a tar file
with them (a path or an https:// URL), or a source as the catalogue writes it (wheel:…). Out: an entry in
--catalogue, a dictionary under rec_char_dict/ where the model brings its own, and --build_file, a
configuration that builds it; on standard output what was found and how it is known. Example:

    python workflow/scripts/add_model.py /models/my_recognizer --name my_recognizer
    make build CONFIG=config/my_recognizer.yaml

The graph is exported and run, in the locked environments that builds use. What the files do not tell is
assumed where PP-OCR has one published value, and marked so; else it is asked for, or without a terminal an
error names the flag. Exit 0 added, 2 not usable or wrong usage; then nothing is written.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from snapml_ocr.catalogue.build_file import build_file
from snapml_ocr.catalogue.dictionaries import Known, in_catalogue
from snapml_ocr.catalogue.dictionary_choice import Choice, choose_dictionary, is_right_to_left
from snapml_ocr.catalogue.entry import Entry, names_in, write_entry
from snapml_ocr.catalogue.finding import as_table, ask_nobody, ask_terminal
from snapml_ocr.catalogue.graph import Graph
from snapml_ocr.catalogue.inference_yml import NAME as INFERENCE_YML
from snapml_ocr.catalogue.inference_yml import InferenceYml, read_inference_yml
from snapml_ocr.catalogue.sources import as_source, bring, name_from
from snapml_ocr.catalogue.survey import Survey
from snapml_ocr.cli import run
from snapml_ocr.convert.environment import command_in
from snapml_ocr.convert.paddle_files import PaddleFiles, find_paddle_files
from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of, write_bytes, write_text
from snapml_ocr.ocr.fixed_shape import parse_shape
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.plan.configuration import DictionaryFile, Model, read_catalogue
from snapml_ocr.plan.shape import Shape
from snapml_ocr.plan.yaml_file import read_yaml
from snapml_ocr.weights.download import Patience
from snapml_ocr.weights.fetch import MIRROR_VARIABLE, fetch
from snapml_ocr.weights.sources import parse_source
from snapml_ocr.weights.wanted import WantedFile, is_file_name

SCRIPTS = Path(__file__).parent
PROJECT = SCRIPTS.parent.parent
LOCKS = {"pdmodel": "export-pdmodel.lock", "pir": "paddle.lock"}
"""The environment of the export, by format."""

MANY_ENTRIES = 1000
"""Of a dictionary: from here on the last layer is a good part of a mobile recognizer."""


def main() -> None:
    """Look, tell, write."""
    args = parse_args()
    source = as_source(args.source, Path.cwd())
    name = args.name or name_from(source)
    if not is_file_name(name):
        raise UserError(f"--name {name!r}: expected letters, digits, dot, dash or underscore")
    if name in names_in(args.catalogue) and not args.replace:
        raise UserError(
            f"{args.catalogue}: has an entry {name} already; choose another --name or say --replace"
        )
    with tempfile.TemporaryDirectory(prefix="snapml-ocr-") as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        mirror = os.environ.get(MIRROR_VARIABLE) or None
        bring(source, name, folder, mirror=mirror, patience=Patience())
        entry, choice, table = look(source, name, folder, Path(scratch), args)
    print(table)
    write(name, entry, choice, args)


def look(
    source: str, name: str, folder: Path, scratch: Path, args: argparse.Namespace
) -> tuple[Entry, Choice | None, str]:
    """Find out everything the entry says; returns it with the dictionary and the table of findings."""
    files = find_paddle_files(folder)
    said = read_inference_yml(folder / INFERENCE_YML) if (folder / INFERENCE_YML).exists() else InferenceYml()
    graph = Graph(exported(files, scratch / "model.onnx", args.opset, source), source)
    ask = ask_terminal if sys.stdin.isatty() and not args.no_questions else ask_nobody
    survey = Survey(source, graph, said, ask, args.height)
    survey.note("format", files.format, f"{files.graph.name} is there")
    if said.model_name:
        survey.note("model name", said.model_name, "inference.yml: Global")
    shapes = [Shape(*shape) for shape in args.shapes]
    seen = survey.behaviour(shapes)
    shapes = survey.shapes(seen, shapes)
    normalisation = survey.normalisation(seen.task, args.normalisation)
    choice = None
    if seen.task == "recognition":
        choice = choose_dictionary(
            survey,
            name,
            seen.classes,
            given=args.dictionary,
            beside=folder,
            others=lambda: others(args.catalogue, scratch),
        )
    elif args.dictionary:
        raise UserError(f"--dictionary: {source} does {seen.task}, only recognizers have a dictionary")
    entry = Entry(
        task=seen.task,
        format=files.format,
        source=source,
        files={path.name: sha256_of(path) for path in (files.graph, files.weights)},
        normalisation=normalisation,
        shapes=[str(shape) for shape in shapes],
        dictionary=choice.reference if choice else None,
        use_space_char=choice.use_space_char if choice else True,
        right_to_left=choice is not None and is_right_to_left(survey, choice),
        opset=args.opset,
        remarks=survey.remarks,
    )
    return entry, choice, as_table(survey.findings)


def write(name: str, entry: Entry, choice: Choice | None, args: argparse.Namespace) -> None:
    """Write dictionary, entry and build file, and say what comes next."""
    if choice and choice.content is not None:
        path = Path(choice.reference.name)
        if path.exists() and path.read_bytes() != choice.content and not args.replace:
            raise UserError(f"{path}: is there with other content; choose another --name or say --replace")
        write_bytes(path, choice.content)
    write_entry(args.catalogue, name, entry, replace=args.replace)
    print(f"\nadded {name} to {args.catalogue}")
    target = args.build_file or Path("config") / f"{name}.yaml"
    if target.exists():
        print(f"{target} is there already and stays as it is")
    else:
        config = read_yaml(PROJECT / "config" / "config.yaml")
        write_text(target, build_file(name, entry.task, config, args.catalogue, names_in(args.catalogue)))
    if choice and len(choice.entries) >= MANY_ENTRIES:
        print(f"it knows {len(choice.entries)} characters; the key `charset` cuts it to those you need")
    print(f"build it: make build CONFIG={target}")


def exported(files: PaddleFiles, output: Path, opset: int | None, label: str) -> Path:
    """Export the model as a build does; raises `UserError` with the exporter's reason and `label`."""
    usual = read_yaml(PROJECT / "config" / "config.yaml")["convert"]["opset"][files.format]
    lock = PROJECT / "envs" / LOCKS[files.format]
    command = [*command_in(lock), str(SCRIPTS / "export.py"), str(files.graph.parent)]
    finished = subprocess.run(
        [*command, str(output), "--opset", str(opset or usual)], capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        told = finished.stderr.strip().splitlines() or ["the exporter gave no reason"]
        raise UserError(told[-1].removeprefix("error: ").replace(str(files.graph.parent), label))
    return output


def others(catalogue: Path, scratch: Path) -> list[Known]:
    """The dictionaries of the catalogue's models, fetched where that is needed and possible."""

    def bring_one(model: Model, dictionary: DictionaryFile) -> Path | None:
        built = Path("results/dictionaries") / model.name / dictionary.name
        if built.is_file() and sha256_of(built) == dictionary.sha256:
            return built
        target = scratch / "dictionaries" / model.name
        wanted = [WantedFile(dictionary.name, dictionary.sha256)]
        sources = [parse_source(text) for text in dictionary.sources]
        try:
            fetch(model.name, sources, wanted, target, mirror=None, patience=Patience(attempts=1))
        except UserError as error:
            print(f"the dictionary of {model.name} is not considered: {error}", file=sys.stderr)
            return None
        return target / dictionary.name

    if not catalogue.exists():
        return []
    return in_catalogue(read_catalogue(catalogue), bring_one)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("source", help="folder, tar file, URL of a tar file, or wheel:…")
    parser.add_argument("--name", default="", help="of the entry (default: the folder's or archive's)")
    parser.add_argument("--dictionary", type=Path, help="a recognizer's characters, one a line")
    parser.add_argument(
        "--shapes", type=parse_shape, nargs="+", default=[], metavar="HxW", help="input sizes to build"
    )
    parser.add_argument(
        "--height", type=int, help="a recognizer's input height, where its graph leaves it open"
    )
    parser.add_argument(
        "--normalisation", type=Normalisation.from_json, metavar="JSON", help="as inference.py takes it"
    )
    parser.add_argument("--opset", type=int, help="of the export, when the usual one does not do")
    parser.add_argument("--catalogue", type=Path, default=Path("config/models.yaml"), help="file to add to")
    parser.add_argument("--build_file", type=Path, help="configuration to write (default: config/NAME.yaml)")
    parser.add_argument("--replace", action="store_true", help="an entry of this name is written anew")
    parser.add_argument("--no_questions", action="store_true", help="an error instead of a question")
    parser.add_argument("--schema", help=argparse.SUPPRESS)  # the program knows the catalogue's form
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
