"""The command-line options of everything that opens a reader."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from snapml_ocr.cli import flag
from snapml_ocr.ocr.normalisation import Normalisation
from snapml_ocr.ocr.opening import (
    MODELS,
    arguments_of,
    box_settings,
    normalisations_of,
    options_of,
    reader_settings,
    with_changes,
)
from snapml_ocr.ocr.probability_map import BoxSettings
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.plan.axes import ROLES, STAGES
from snapml_ocr.plan.pipeline_file import read_pipeline_file
from snapml_ocr.plan.reader_options import DETECTION, RECOGNITION, ReaderOptions, options_of_task
from snapml_ocr.plan.shape import Shape

_NO_EFFECT = "accepted for the tutorial's sake: SnapML models take one image at a time"
DETAILS = "details of models"
SUMMARISED = (DETAILS, DETECTION, RECOGNITION)
"""Groups of options that a short --help only names."""


def add_reader_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the models and options; those that the tutorial has carry its names and defaults."""
    models, details = parser.add_argument_group("models"), parser.add_argument_group(DETAILS)

    def add_files(name: str, what: str, group: Any = models, **form: Any) -> None:
        group.add_argument(name, type=Path, help=what, **form)

    add_files(
        "--pipeline",
        "pipeline file of a build; flags win",
        metavar="FILE",
    )
    models.add_argument(
        "--stage",
        choices=list(STAGES),
        metavar="STAGE",
        help=f"{', '.join(STAGES)}; default: the shipped",
    )
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "metavar": "MODEL"}
    for role, task in ROLES.items():
        what = f"{role}, or one for each of several shapes" if task.several else f"{role}: {task.purpose}"
        add_files(f"--{task.prefix}_model_dir", what, **(several if task.several else {"metavar": "MODEL"}))
    add_files(
        "--rec_char_dict_path",
        "dictionary, one character per line; default: the recognizer's own",
        details,
        metavar="FILE",
    )
    add_files(
        "--rec_trained_dict_path",
        "dictionary of an uncut recognizer, of which the other is a part",
        details,
        metavar="FILE",
    )
    for name, what in (
        ("use_space_char", "a space follows the dictionary"),
        ("right_to_left", "lines begin at the right"),
    ):
        details.add_argument(
            f"--{name}", type=flag, metavar="BOOL", help=f"{what}; default: as the recognizer says"
        )
    for role, task in ROLES.items():
        details.add_argument(
            f"--{task.prefix}_shapes",
            type=Shape.parse,
            nargs="+",
            action="extend",
            metavar="HxW",
            help=f"input shapes of dynamic {role}s",
        )
        details.add_argument(
            f"--{task.prefix}_normalisation",
            type=Normalisation.from_json,
            metavar="JSON",
            help='{"mean": [..], "std": [..], "channel_order": "bgr"}; default: PP-OCR\'s',
        )
    groups = {"models": models}
    for name, field in ReaderOptions.model_fields.items():
        assert isinstance(field.json_schema_extra, dict)
        group = str(field.json_schema_extra["group"])
        if group not in groups:
            groups[group] = parser.add_argument_group(group)
        default = "all" if field.default is None else field.default
        aliases = [f"--{alias}"] if (alias := field.json_schema_extra.get("alias")) else []
        groups[group].add_argument(
            f"--{name}",
            *aliases,
            dest=name,
            help=f"{field.description} ({default})",
            **_form_of(field.annotation),
        )
    groups["detection"].add_argument("--max_batch_size", type=int, default=10, help=_NO_EFFECT)
    groups["recognition"].add_argument("--rec_batch_num", type=int, default=6, help=_NO_EFFECT)


def add_box_arguments(group: argparse._ArgumentGroup) -> None:
    """Add the options by which the output of a detector is decoded."""
    for name, default in options_of_task(ReaderOptions(), "detection").items():
        field = ReaderOptions.model_fields[name]
        said = f"{field.description} ({default})"
        group.add_argument(f"--{name}", help=said, **_form_of(field.annotation))


def box_settings_of(args: argparse.Namespace, options: ReaderOptions | None = None) -> BoxSettings:
    """What `add_box_arguments` read, and for the rest those of `options`."""
    names = options_of_task(ReaderOptions(), "detection")
    changes = {name: given for name in names if (given := getattr(args, name)) is not None}
    return box_settings(with_changes(options or ReaderOptions(), changes))


def _form_of(annotation: Any) -> dict[str, Any]:
    """How argparse reads a value of this type."""
    if annotation is bool:
        return {"type": flag, "metavar": "BOOL"}
    if annotation in (int, float):
        return {"type": annotation, "metavar": "N"}
    choices = [one for one in get_args(annotation) if isinstance(one, str)]
    return {"choices": choices} if choices else {"metavar": "TEXT"}


def open_reader(args: argparse.Namespace, *, images: int) -> Reader:
    """Open the models of the parsed arguments for reading so many images."""
    options, arguments = reader_arguments(args)
    at_once = max(1, min(options.threads, images))
    return Reader(**arguments, threads=options.threads, images_at_once=at_once)


def reader_arguments(args: argparse.Namespace) -> tuple[ReaderOptions, dict[str, Any]]:
    """The options that hold, and the arguments for `Reader`: what the flags say, else the pipeline file.

    Raises `UserError` as `arguments_of` does.
    """
    changes = {
        name: given for name in ReaderOptions.model_fields if (given := getattr(args, name)) is not None
    }
    arguments: dict[str, Any] = {}
    normalisations: Mapping[str, Normalisation] = {}
    options = ReaderOptions()
    if args.pipeline:
        file = read_pipeline_file(args.pipeline)
        roles = tuple(role for role in ROLES if not _given(args, role))
        options, normalisations = options_of(file, changes), normalisations_of(file)
        arguments = arguments_of(args.pipeline, file, args.stage, roles)
    else:
        options = with_changes(options, changes)
    for role, task in ROLES.items():
        if (models := getattr(args, f"{task.prefix}_model_dir")) is not None:
            if models:
                arguments[MODELS[role]] = models
            else:
                arguments.pop(MODELS[role], None)
        if shapes := getattr(args, f"{task.prefix}_shapes"):
            arguments[f"{task.prefix}_shapes"] = shapes
    if args.rec_char_dict_path:
        arguments["dictionary"] = args.rec_char_dict_path
    if args.rec_trained_dict_path:
        arguments["trained_with"] = args.rec_trained_dict_path
    arguments["settings"] = settings_of(args, options, normalisations)
    return options, arguments


def settings_of(
    args: argparse.Namespace, options: ReaderOptions, normalisations: Mapping[str, Normalisation]
) -> ReaderSettings:
    """The settings of the parsed arguments, with a pipeline's normalisations where no flag gives another."""
    given = {role: getattr(args, f"{task.prefix}_normalisation") for role, task in ROLES.items()}
    return reader_settings(
        options,
        {role: given[role] or normalisations.get(role) for role in ROLES},
        use_space_char=args.use_space_char,
        right_to_left=args.right_to_left,
    )


def _given(args: argparse.Namespace, role: str) -> bool:
    """Whether the flags say which models play a role, also that none does."""
    return getattr(args, f"{ROLES[role].prefix}_model_dir") is not None
