"""Write a pipeline file: what anything that reads text with the models of a build needs to know.

    python workflow/scripts/make_pipeline.py --plan JSON --output results/pipelines/NAME/STAGE.json
    python workflow/scripts/make_pipeline.py --merge results/pipelines/NAME/*.json --output FILE

The first form takes what the build plans for one stage, as JSON with paths from the current folder, and adds
what the files hold: checksums, dictionary, kind of output. The second puts the stages of one pipeline
together. Paths in the file are relative to it; the same files give the same bytes. Its form:
workflow/schemas/pipeline.schema.json.

Exit 0 written, 2 a file is missing or wrong usage.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import read_json, sha256_of, write_json
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan.axes import ROLES
from snapml_ocr.plan.document import read_document
from snapml_ocr.plan.pipeline_file import PipelineFile

OUTPUT = "output"
"""Key in a recognizer's metadata: whether it ends in probabilities, as most do, or in scores."""


def main() -> None:
    """Complete or merge, check, write."""
    args = parse_args()
    folder = args.output.parent
    document = merged(args.merge, folder) if args.merge else completed(json.loads(args.plan), folder)
    file: PipelineFile = read_document(PipelineFile, document, str(args.output))
    write_json(args.output, file.model_dump(by_alias=True, exclude={"settings": {"level"}}))


def completed(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The description of one stage with what its files hold."""
    for part in filter(None, map(document.get, ROLES)):
        files = [file for files in part["stages"].values() for file in files]
        if part.get("dictionary"):
            part["dictionary"] = list(Dictionary.read(Path(part["dictionary"])).entries)
            part[OUTPUT] = output_of(Path(files[0]["path"]))
            if part["trained_dictionary"]:
                part["trained_dictionary"] = moved(part["trained_dictionary"], Path(), folder)
        for file in files:
            path = Path(file["path"])
            if not path.is_file():
                raise UserError(f"{path}: no such file; build it first")
            file["sha256"] = sha256_of(path)
            file["path"] = moved(file["path"], Path(), folder)
    return document


def output_of(model: Path) -> str:
    """What a recognizer's metadata says of its output; of Paddle's formats, which have none, the usual."""
    if model.suffix != ".onnx":
        return "probabilities"
    import onnx

    metadata = {entry.key: entry.value for entry in onnx.load(model, load_external_data=False).metadata_props}
    return str(metadata.get(OUTPUT, "probabilities"))


def merged(paths: list[Path], folder: Path) -> dict[str, Any]:
    """The stages of several files of one pipeline in one; what else they say is the last one's."""
    documents = [read_json(path) for path in paths]
    for path, document in zip(paths, documents, strict=True):
        if document["name"] != documents[0]["name"]:
            raise UserError(
                f"{path}: is of pipeline {document['name']}, {paths[0]} of {documents[0]['name']}"
            )
        for part in filter(None, map(document.get, ROLES)):
            for file in (file for files in part["stages"].values() for file in files):
                file["path"] = moved(file["path"], path.parent, folder)
            if part["trained_dictionary"]:
                part["trained_dictionary"] = moved(part["trained_dictionary"], path.parent, folder)
    result: dict[str, Any] = documents[-1]
    for role in ROLES:
        if result[role]:
            parts = [document[role] for document in documents]
            result[role]["stages"] = {name: files for part in parts for name, files in part["stages"].items()}
            trained = [part["trained_dictionary"] for part in parts if part["trained_dictionary"]]
            result[role]["trained_dictionary"] = trained[0] if trained else None
    return result


def moved(path: str, start: Path, folder: Path) -> str:
    """A path relative to `start` as one relative to `folder`."""
    return Path(os.path.relpath(start / path, folder)).as_posix()


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    form = parser.add_mutually_exclusive_group(required=True)
    form.add_argument("--plan", metavar="JSON", help="what the build plans for one stage")
    form.add_argument(
        "--merge", type=Path, nargs="+", metavar="FILE", help="pipeline files, the shipped stage last"
    )
    parser.add_output(what="pipeline file to write")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
