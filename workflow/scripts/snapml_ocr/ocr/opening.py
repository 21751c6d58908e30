"""From the options of a reader and a pipeline file to what `Reader` is opened with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snapml_ocr.ocr.detector import DetectorSettings
from snapml_ocr.ocr.normalisation import DETECTION, RECOGNITION, Normalisation
from snapml_ocr.ocr.pipeline_model import dictionary_of, models_of
from snapml_ocr.ocr.probability_map import BoxSettings
from snapml_ocr.ocr.reader import ReaderSettings
from snapml_ocr.ocr.recognizer import RecognizerSettings
from snapml_ocr.plan.axes import ROLES, STAGES
from snapml_ocr.plan.document import read_document
from snapml_ocr.plan.pipeline_file import PipelineFile, locate
from snapml_ocr.plan.reader_options import ReaderOptions

MODELS = {role: f"{role}s" if task.several else role for role, task in ROLES.items()}
"""The argument of `Reader` that takes the models of each role."""


def box_settings(options: ReaderOptions) -> BoxSettings:
    """The thresholds of a detector's post-processing."""
    return BoxSettings(
        threshold=options.det_db_thresh,
        box_threshold=options.det_db_box_thresh,
        unclip_ratio=options.det_db_unclip_ratio,
        dilation=options.use_dilation,
        score_mode=options.det_db_score_mode,
    )


def reader_settings(
    options: ReaderOptions,
    normalisations: Mapping[str, Normalisation | None],
    *,
    use_space_char: bool | None = None,
    right_to_left: bool | None = None,
) -> ReaderSettings:
    """Return the settings of a reader; `normalisations` by role, PP-OCR's where there is none."""
    return ReaderSettings(
        detector=DetectorSettings(
            boxes=box_settings(options),
            normalisation=normalisations.get("detector") or DETECTION,
            tile_below=options.tile_below,
        ),
        recognizer=RecognizerSettings(
            normalisation=normalisations.get("recognizer") or RECOGNITION,
            allowed=options.allowed_characters,
            retry_below=options.retry_below,
            space_recovery=options.space_recovery,
            bidi_order=options.bidi_order,
        ),
        classifier_normalisation=normalisations.get("classifier") or RECOGNITION,
        drop_score=options.drop_score,
        level=options.level,
        use_space_char=use_space_char,
        right_to_left=right_to_left,
    )


def arguments_of(
    path: Path, file: PipelineFile, stage: str | None, roles: tuple[str, ...] = tuple(ROLES)
) -> dict[str, Any]:
    """Return the models, shapes and dictionaries that `Reader` takes, of a pipeline file at a stage.

    Raises `UserError` for a stage that the file lacks, and for a model that is missing or another one.
    """
    stage = stage or file.shipped
    given: dict[str, Any] = {}
    for role, part in file.parts():
        if role not in roles:
            continue
        models = models_of(path, part, stage)
        given[MODELS[role]] = models if ROLES[role].several else models[0]
        if not STAGES[stage].is_per_shape:
            given[f"{ROLES[role].prefix}_shapes"] = [(height, width) for height, width in part.shapes]
        if dictionary := dictionary_of(part):
            given["dictionary"], given["space_rule"] = dictionary, part.spaces
            if STAGES[stage].original and part.trained_dictionary:
                given["trained_with"] = locate(path, part.trained_dictionary)
    return given


def normalisations_of(file: PipelineFile) -> dict[str, Normalisation]:
    """The normalisation of each role's model."""
    return {
        role: Normalisation(
            (part.normalisation.mean[0], part.normalisation.mean[1], part.normalisation.mean[2]),
            (part.normalisation.std[0], part.normalisation.std[1], part.normalisation.std[2]),
            part.normalisation.channel_order,
        )
        for role, part in file.parts()
    }


def options_of(file: PipelineFile, changes: Mapping[str, Any]) -> ReaderOptions:
    """The options of a pipeline file, some of them changed; raises `UserError` for values out of bounds."""
    return with_changes(file.settings.model_copy(update={"level": file.level}), changes)


def with_changes(options: ReaderOptions, changes: Mapping[str, Any]) -> ReaderOptions:
    """Options with some of them changed, checked again."""
    changed: ReaderOptions = read_document(
        ReaderOptions, {**options.model_dump(), **changes}, "reader options"
    )
    return changed
