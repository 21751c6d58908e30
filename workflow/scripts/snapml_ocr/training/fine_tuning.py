"""From a base recognizer and labelled lines to a trained one: check, features, training, files."""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.evaluate.differences import DifferenceSums
from snapml_ocr.evaluate.recognition import line_scores
from snapml_ocr.files import scratch_folder, write_bytes, write_json, write_text
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import as_metadata
from snapml_ocr.ocr.line_input import input_length
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.onnx_files.model_file import require_valid, set_metadata, write_model
from snapml_ocr.plan.training_options import TrainingSettings
from snapml_ocr.runtime.feeds import OpenedModel
from snapml_ocr.training.added_characters import add_characters
from snapml_ocr.training.augmentation import contact_sheet, every_second_augmented
from snapml_ocr.training.interpreter import Interpreter, with_weights
from snapml_ocr.training.labelled_lines import (
    FEW_LINES,
    Checked,
    Line,
    check_lines,
    fingerprint,
    split_by_image,
    width_for,
    without_doubles,
)
from snapml_ocr.training.line_tensors import FeatureMaker, at_input_size, line_input
from snapml_ocr.training.paddle_folder import write_paddle_folder
from snapml_ocr.training.trainer import STATE_FILE, Trainer, TrainingData
from snapml_ocr.training.training_state import VERSION, TrainingState

MODEL_FILE, SUMMARY_FILE, WEIGHTS_FOLDER = "model.onnx", "summary.json", "weights"
"""The folder holds what takes the place of fetched weights: a Paddle model where possible, else ONNX."""

DICTIONARY_FILE = "dictionary.txt"

MOST_COMPARED = 64
"""Validation lines on which the written file is compared with the trained network in Paddle."""

MOST_READ_AGAIN = 500
"""Rehearsal lines that are read before and after, to count how many are read alike."""

Said = Callable[[str], None]


@dataclass(frozen=True)
class Base:
    """The recognizer to begin with, its dictionary, and the Paddle folder it was exported from, if any."""

    model: onnx.ModelProto
    dictionary: Dictionary
    normalisation: Normalisation
    label: str
    paddle: Path | None = None
    trained_dictionary: Dictionary | None = None
    """The characters that the Paddle model writes, when the ONNX model was cut to some of them."""


@dataclass(frozen=True)
class Material:
    """Lines as they were read; `validation` may be empty, and is then split off."""

    lines: Sequence[Line]
    validation: Sequence[Line]
    rehearsal: Iterable[Line]
    """Gone through once, so that thousands of rendered lines need not be in memory."""
    unreadable: Sequence[tuple[str, str, str]] = ()
    ignored: int = 0


@dataclass(frozen=True)
class Prepared:
    """What was checked before the first step."""

    model: onnx.ModelProto
    dictionary: Dictionary
    program: Interpreter
    shape: tuple[int, int]
    start: str
    training: list[Line]
    validation: list[Line]
    rehearsal: list[Line]
    checked: Checked
    key: str


def prepare(base: Base, material: Material, settings: TrainingSettings, say: Said = print) -> Prepared:
    """Check model, data and settings; raises `UserError` that says what is wrong with them."""
    model, dictionary = add_characters(base.model, base.dictionary, settings.characters, base.label)
    program = Interpreter(model, base.label)
    height = _height(model, base.label)
    width = settings.width or width_for([*material.lines, *material.validation], height)
    start, steps, classes = _measured(program, settings, height, width)
    if classes != len(dictionary.characters):
        dictionary.require_classes(classes, Path(base.label))
    checked = check_lines(
        [*material.lines, *material.validation], dictionary, steps, material.unreadable, material.ignored
    )
    say(f"data at {height}x{width}, {steps} steps:\n{checked.table()}")
    for image, text, reason in checked.skipped:
        say(f"  skipped: {image} {text!r}: {reason}")
    checked.require_few_bad(settings.bad_lines)
    if material.validation:
        held = {id(line) for line in material.validation}
        validation = [line for line in checked.lines if id(line) in held]
        training = [line for line in checked.lines if id(line) not in held]
    else:
        training, validation = split_by_image(checked.lines, settings.validation_share, settings.seed)
    training, doubles = without_doubles(training, validation)
    say(f"  training lines       {len(training)} ({doubles} that are in the validation set left out)")
    images = len({line.image for line in validation})
    say(f"  validation lines     {len(validation)}, of {images} other images")
    if not training or not validation:
        raise UserError("nothing is left to train on or to validate with")
    if len(training) < FEW_LINES:
        say(f"warning: {len(training)} lines; below {FEW_LINES}, letters may be read worse than before")
    others = material.rehearsal if settings.rehearsal else ()
    if settings.augmentation:
        others = every_second_augmented(others, settings.seed)
    rehearsal = [at_input_size(line, height, width) for line in others]
    content = hashlib.sha256(model.SerializeToString(deterministic=True))
    parts = [fingerprint(lines) for lines in (training, validation, rehearsal)]
    content.update(json.dumps([VERSION, *parts, settings.model_dump(), width]).encode())
    return Prepared(
        model,
        dictionary,
        program,
        (height, width),
        start,
        training,
        validation,
        rehearsal,
        checked,
        content.hexdigest(),
    )


def fine_tune(
    base: Base,
    material: Material,
    settings: TrainingSettings,
    folder: Path,
    *,
    resume: bool = False,
    say: Said = print,
) -> dict[str, Any]:
    """Train and write model.onnx, summary.json, metrics.csv, curves.svg and augmentation.png into `folder`.

    Returns the summary. With `resume`, goes on from a state that the same model, data and settings left.
    Raises `CheckFailedError`, and writes no model, when the base model is not surpassed on the validation
    lines, and `Interrupted` when told to stop.
    """
    ready = prepare(base, material, settings, say)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).unlink(missing_ok=True)
    if settings.augmentation:
        crops = [line.crop for line in ready.training]
        _write_png(folder / "augmentation.png", contact_sheet(crops, np.random.default_rng(settings.seed)))
    state = _state(folder / STATE_FILE, ready.key, say) if resume else TrainingState(ready.key)
    with scratch_folder(folder, ".features") as scratch:
        data = _data(ready, base.normalisation, settings, scratch)
        trainer = Trainer(
            ready.program,
            ready.start,
            ready.dictionary,
            data,
            settings=settings,
            state=state,
            folder=folder,
            say=say,
        )
        base_texts = trainer.read(data.validation, as_base=True)
        rehearsal = data.rehearsal[:: -(-len(data.rehearsal) // MOST_READ_AGAIN) or 1]
        base_rehearsal = trainer.read(rehearsal, as_base=True)
        trainer.run()
        texts, rehearsal_texts = trainer.read(data.validation), trainer.read(rehearsal)
    write_text(folder / "metrics.csv", _table(state.history))
    write_text(folder / "curves.svg", _curves(state.history))
    summary = _summary(ready, settings, state, base_texts, texts)
    same = sum(one == other for one, other in zip(base_rehearsal, rehearsal_texts, strict=True))
    summary["rehearsal"] = {"lines": len(base_rehearsal), "read_as_before": same}
    before, after = summary["base"], summary["trained"]
    better = after["character_error_rate"] < before["character_error_rate"]
    summary["surpasses_base"] = better
    summary["paddle"] = None
    if better:
        trained = _finished(with_weights(ready.model, state.best), ready.dictionary, ready.key)
        require_valid(trained, base.label)
        summary["against_paddle"] = _against_paddle(ready, trained, base.normalisation)
        weights = folder / WEIGHTS_FOLDER
        shutil.rmtree(weights, ignore_errors=True)
        if base.paddle and not settings.characters:
            whole = base.trained_dictionary
            kept = whole.classes_of(base.dictionary) if whole else None
            summary["paddle"] = write_paddle_folder(base.paddle, base.model, trained, weights, kept)
        else:
            write_model(trained, weights / "inference.onnx")
        write_text(folder / DICTIONARY_FILE, "".join(f"{entry}\n" for entry in ready.dictionary.entries))
        write_json(folder / SUMMARY_FILE, summary)
        write_model(trained, folder / MODEL_FILE)
        return summary
    write_json(folder / SUMMARY_FILE, summary)
    raise CheckFailedError(
        f"{base.label}: no model is written: on {len(texts)} validation lines the character error rate is"
        f" {after['character_error_rate']:.4f} at best, and {before['character_error_rate']:.4f} of the base"
        " model; more lines, a lower learning rate or --part head may help"
    )


def _state(path: Path, key: str, say: Said) -> TrainingState:
    if path.is_file():
        state = TrainingState.read(path)
        if state.key == key:
            say(f"resumed at step {state.step}")
            return state
        say(f"{path} is of another model, data or settings: training begins anew")
    return TrainingState(key)


def _height(model: onnx.ModelProto, label: str) -> int:
    dims = model.graph.input[0].type.tensor_type.shape.dim
    if len(dims) != 4 or not dims[2].dim_value:
        raise UserError(f"{label}: no recognizer with an input of fixed height")
    if dims[0].dim_value or dims[3].dim_value:
        raise UserError(f"{label}: its batch or width is fixed; give the export with dynamic shapes")
    return int(dims[2].dim_value)


def _measured(
    program: Interpreter, settings: TrainingSettings, height: int, width: int
) -> tuple[str, int, int]:
    """Where training begins, and the steps and classes of the output for this input."""
    import paddle

    start = program.input
    if settings.part == "neck":
        start = program.features(height, width)
    elif settings.part == "head":
        start = program.head()
    with paddle.no_grad():
        image = paddle.zeros([2, 3, height, width])
        shape = program.run({program.input: image}, program.scores).shape
    if len(shape) != 3 or shape[0] != 2:
        raise UserError(f"an output of shape {shape}, expected (lines, steps, classes); is it a recognizer?")
    return start, int(shape[1]), int(shape[2])


def _data(
    ready: Prepared, normalisation: Normalisation, settings: TrainingSettings, scratch: Path
) -> TrainingData:
    maker = FeatureMaker(ready.model, ready.start, ready.shape, normalisation)
    views = 1 + settings.views if settings.augmentation else 1
    training = maker.views(ready.training, views, settings.seed, scratch, "training features", is_exact=False)
    validation = maker.views(ready.validation, 1, settings.seed, scratch, "validation features")[0]
    rehearsal = validation[:0]
    if ready.rehearsal:
        rehearsal = maker.views(
            ready.rehearsal, 1, settings.seed, scratch, "rehearsal features", is_exact=False
        )[0]
    texts = [line.text for line in ready.training]
    height, width = ready.shape
    lengths, rehearsal_lengths = (
        np.array([min(1.0, input_length(line.crop, height) / width) for line in lines])
        for lines in (ready.training, ready.rehearsal)
    )
    validation_texts = [line.text for line in ready.validation]
    return TrainingData(training, texts, validation, validation_texts, rehearsal, lengths, rehearsal_lengths)


def _against_paddle(
    ready: Prepared, trained: onnx.ModelProto, normalisation: Normalisation
) -> dict[str, Any]:
    """Differences of the written model in ONNX Runtime from the trained network, run in Paddle."""
    import paddle

    opened, sums = OpenedModel(trained), DifferenceSums()
    lines = ready.validation[:: -(-len(ready.validation) // MOST_COMPARED)]
    for line in lines:
        batch = line_input(line.crop, *ready.shape, normalisation)[None]
        with paddle.no_grad():
            expected = ready.program.run({ready.program.input: paddle.to_tensor(batch)}, ready.program.output)
        (found,) = opened.run({ready.program.input: batch}).values()
        sums.add(expected.numpy(), found)
    return {"lines": len(lines), **sums.result().as_json()}


def _finished(model: onnx.ModelProto, dictionary: Dictionary, key: str) -> onnx.ModelProto:
    known = {entry.key: entry.value for entry in model.metadata_props}
    content = {key: value for key, value in known.items() if "character" not in key}
    del model.metadata_props[:]
    set_metadata(model, {**content, **as_metadata(dictionary), "snapml_ocr.training": key})
    return model


def _summary(
    ready: Prepared,
    settings: TrainingSettings,
    state: TrainingState,
    base_texts: Sequence[str],
    texts: Sequence[str],
) -> dict[str, Any]:
    truths = [line.text for line in ready.validation]
    changes = [
        {"image": line.image, "text": line.text, "base": before, "trained": after}
        for line, before, after in zip(ready.validation, base_texts, texts, strict=True)
        if before != after and line.text in (before, after)
    ]
    return {
        "schema": 1,
        "settings": settings.model_dump(),
        "shape": list(ready.shape),
        "trained_from": ready.start,
        "lines": {
            "training": len(ready.training),
            "validation": len(ready.validation),
            "skipped": [list(one) for one in ready.checked.skipped],
        },
        "steps": state.step,
        "best_step": state.best_step,
        "base": {key: round(value, 6) for key, value in line_scores(truths, base_texts).items()},
        "trained": {key: round(value, 6) for key, value in line_scores(truths, texts).items()},
        "changes": changes,
    }


def _table(history: Sequence[Mapping[str, Any]]) -> str:
    target = io.StringIO()
    writer = csv.DictWriter(target, list(history[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    return target.getvalue()


def _curves(history: Sequence[Mapping[str, Any]]) -> str:
    """Scores of the validation lines over steps as an SVG picture; equal numbers give equal bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="share of lines or characters", ylim=(0, 1))
    for key in ("character_error_rate", "strict", "alphanumeric"):
        values = [row[key] for row in history]
        axes.plot([row["step"] for row in history], values, label=key.replace("_", " "))
    axes.legend()
    target = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "curves", "svg.fonttype": "none"}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()


def _write_png(path: Path, pixels: Any) -> None:
    encoded, content = cv2.imencode(".png", pixels)
    assert encoded
    write_bytes(path, content.tobytes())
