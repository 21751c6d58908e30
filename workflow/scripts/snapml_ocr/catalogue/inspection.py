"""Look at a model whose files are there, and say what its catalogue entry has to be."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from snapml_ocr.catalogue.dictionaries import Known, in_catalogue
from snapml_ocr.catalogue.dictionary_choice import Choice, choose_dictionary, is_right_to_left
from snapml_ocr.catalogue.entry import Entry
from snapml_ocr.catalogue.finding import Ask, Finding
from snapml_ocr.catalogue.graph import Graph
from snapml_ocr.catalogue.inference_yml import NAME as INFERENCE_YML
from snapml_ocr.catalogue.inference_yml import InferenceYml, read_inference_yml
from snapml_ocr.catalogue.inspector import ModelInspector
from snapml_ocr.convert.environment import command_in
from snapml_ocr.convert.onnx_source import ADDED, import_onnx
from snapml_ocr.convert.paddle_files import PaddleFiles, find_paddle_files
from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of
from snapml_ocr.ocr.dictionary_metadata import from_metadata, has_dictionary
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.onnx_files.model_file import metadata_of, opset_of, write_model
from snapml_ocr.plan.axes import FORMATS
from snapml_ocr.plan.configuration import DictionaryFile, Model, read_catalogue
from snapml_ocr.plan.shape import Shape
from snapml_ocr.runtime.model import ONNX_NAME
from snapml_ocr.weights.download import RetryPolicy
from snapml_ocr.weights.fetch import fetch
from snapml_ocr.weights.file_spec import FileSpec
from snapml_ocr.weights.sources import parse_source

SCRIPTS = Path(__file__).parents[2]
LOCKS = SCRIPTS.parents[1] / "envs"


@dataclass(frozen=True)
class Request:
    """What its user says of a model."""

    source: str
    """As the catalogue writes it."""
    name: str
    catalogue: Path
    ask: Ask
    shapes: Sequence[Shape] = ()
    height: int | None = None
    opset: int | None = None
    normalisation: Normalisation | None = None
    dictionary: Path | None = None


@dataclass(frozen=True)
class Inspected:
    """What was found."""

    entry: Entry
    dictionary: Choice | None
    findings: Sequence[Finding]


def inspect(request: Request, folder: Path, scratch: Path) -> Inspected:
    """Export the model in `folder`, run it, and find out everything that its entry says.

    Raises `UserError` when the model is of no use here, or when something is not known and nobody answers.
    """
    yml = folder / INFERENCE_YML
    declared = read_inference_yml(yml) if yml.exists() else InferenceYml()
    findings: list[Finding] = []
    model = scratch / "model.onnx"
    if (folder / ONNX_NAME).is_file():
        format, files = "onnx", [folder / ONNX_NAME]
        declared = _imported(files[0], model, request, declared, findings)
    else:
        paddle = find_paddle_files(folder)
        format, files = paddle.format, [paddle.graph, paddle.weights]
        findings.append(Finding("format", format, f"{paddle.graph.name} is there"))
        _export(paddle, model, request)
    inspector = ModelInspector(
        request.source, Graph(model, request.source), declared, request.ask, request.height, findings
    )
    if declared.model_name:
        inspector.note("model name", declared.model_name, "inference.yml: Global")
    seen = inspector.behaviour(request.shapes)
    shapes = inspector.shapes(seen, request.shapes)
    normalisation = inspector.normalisation(seen.task, request.normalisation)
    choice = None
    if seen.task == "recognition":
        choice = choose_dictionary(
            inspector,
            request.name,
            seen.classes,
            given=request.dictionary,
            beside=folder,
            others=lambda: _dictionaries_of(request.catalogue, scratch),
        )
    elif request.dictionary:
        raise UserError(
            f"--dictionary: {request.source} does {seen.task}, only recognizers have a dictionary"
        )
    entry = Entry(
        task=seen.task,
        format=format,
        source=request.source,
        files={path.name: sha256_of(path) for path in files},
        normalisation=normalisation,
        shapes=[str(shape) for shape in shapes],
        dictionary=choice.reference if choice else None,
        use_space_char=choice.use_space_char if choice else True,
        right_to_left=choice is not None and is_right_to_left(inspector, choice),
        opset=request.opset,
        remarks=inspector.remarks,
    )
    return Inspected(entry, choice, inspector.findings)


def _imported(
    path: Path, output: Path, request: Request, declared: InferenceYml, findings: list[Finding]
) -> InferenceYml:
    """Import an ONNX file as a build does; returns what is declared, with the dictionary of its metadata."""
    if request.opset:
        raise UserError("--opset: an ONNX model keeps its own; the SnapML step brings it down")
    try:
        model = import_onnx(path, name=request.name)
    except UserError as error:
        raise UserError(str(error).replace(str(path), request.source)) from None
    write_model(model, output)
    metadata = metadata_of(model)
    made = f"{model.producer_name} {model.producer_version}".strip() or "a producer that it does not name"
    findings.append(Finding("format", "onnx", f"an ONNX file of opset {opset_of(model)}, made by {made}"))
    if ADDED in metadata:
        how = "run on zeros, its first output has steps that do not sum to 1"
        findings.append(Finding("output", f"scores, gets a {metadata[ADDED]}", how))
    if not has_dictionary(metadata):
        return declared
    entries = from_metadata(metadata, path).entries
    return replace(declared, characters=entries, characters_from="the file's metadata: character")


def _export(files: PaddleFiles, output: Path, request: Request) -> None:
    """Export the model as a build does; raises `UserError` with the exporter's reason and the source."""
    form = FORMATS[files.format]
    command = [*command_in(LOCKS / f"{form.environment}.lock"), str(SCRIPTS / "export.py")]
    command += [str(files.graph.parent), str(output), "--opset", str(request.opset or form.opset)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        told = finished.stderr.strip().splitlines() or ["the exporter gave no reason"]
        raise UserError(told[-1].removeprefix("error: ").replace(str(files.graph.parent), request.source))


def _dictionaries_of(catalogue: Path, scratch: Path) -> list[Known]:
    """The dictionaries of the catalogue's models, fetched where that is needed and possible."""

    def bring_one(model: Model, dictionary: DictionaryFile) -> Path | None:
        built = Path("results/dictionaries") / model.name / dictionary.name
        if built.is_file() and sha256_of(built) == dictionary.sha256:
            return built
        target = scratch / "dictionaries" / model.name
        wanted = [FileSpec(dictionary.name, dictionary.sha256)]
        sources = [parse_source(text) for text in dictionary.sources]
        try:
            fetch(model.name, sources, wanted, target, mirror=None, retries=RetryPolicy(attempts=1))
        except UserError as error:
            print(f"the dictionary of {model.name} is not considered: {error}", file=sys.stderr)
            return None
        return target / dictionary.name

    return in_catalogue(read_catalogue(catalogue), bring_one) if catalogue.exists() else []
