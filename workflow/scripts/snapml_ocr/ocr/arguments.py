"""The command-line options of everything that opens a reader."""

import argparse
from pathlib import Path

from snapml_ocr.cli import flag
from snapml_ocr.ocr.detector import DetectorSettings
from snapml_ocr.ocr.fixed_shape import parse_shape
from snapml_ocr.ocr.normalisation import DETECTION, RECOGNITION, Normalisation
from snapml_ocr.ocr.probability_map import BoxSettings
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.ocr.recognizer import RecognizerSettings


def add_reader_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the models and thresholds; those the tutorial has carry its names and defaults."""
    models = parser.add_argument_group("models")
    models.add_argument(
        "--det_model_dir",
        type=Path,
        nargs="+",
        action="extend",
        metavar="MODEL",
        help="detector; several input shapes may be given, the best one is chosen for each image",
    )
    models.add_argument(
        "--rec_model_dir",
        type=Path,
        nargs="+",
        action="extend",
        metavar="MODEL",
        help="recognizer; several widths may be given, each line goes to the narrowest that holds it",
    )
    models.add_argument(
        "--cls_model_dir", type=Path, metavar="MODEL", help="180-degree orientation classifier"
    )
    models.add_argument(
        "--rec_char_dict_path",
        type=Path,
        help="dictionary, one character a line; if omitted, the one that the recognizer carries",
    )
    models.add_argument(
        "--rec_trained_dict_path",
        type=Path,
        help="dictionary of an uncut recognizer, of which --rec_char_dict_path is the part to read",
    )
    models.add_argument(
        "--use_space_char",
        type=flag,
        metavar="BOOL",
        help="a space follows the dictionary; if omitted as the recognizer says, else True",
    )
    models.add_argument(
        "--right_to_left",
        type=flag,
        metavar="BOOL",
        help="lines begin at the right, as in Arabic; if omitted as the recognizer says, else False",
    )
    for name, what in (("det", "detectors"), ("rec", "recognizers"), ("cls", "classifiers")):
        models.add_argument(
            f"--{name}_shapes",
            type=parse_shape,
            nargs="+",
            action="extend",
            metavar="HxW",
            help=f"input shapes of dynamic {what}",
        )
        models.add_argument(
            f"--{name}_normalisation",
            type=Normalisation.from_json,
            metavar="JSON",
            help='{"mean": [..], "std": [..], "channel_order": "bgr"}; PP-OCR\'s if omitted',
        )
    models.add_argument("--threads", type=int, default=2, help="processor threads")
    boxes = parser.add_argument_group("detection")
    boxes.add_argument("--det_db_thresh", type=float, default=0.3, help="probability of a text pixel")
    boxes.add_argument("--det_db_box_thresh", type=float, default=0.5, help="mean probability of a box")
    boxes.add_argument("--det_db_unclip_ratio", type=float, default=1.5, help="how far boxes grow")
    boxes.add_argument(
        "--det_db_score_mode",
        choices=["fast", "slow"],
        default="fast",
        help="mean over the box or the region",
    )
    boxes.add_argument(
        "--use_dilation", type=flag, default=False, metavar="BOOL", help="join regions one pixel apart"
    )
    boxes.add_argument(
        "--tile_below",
        type=float,
        default=0.0,
        metavar="SCALE",
        help="cut images that would be shrunk below this scale into overlapping tiles; 0 never",
    )
    boxes.add_argument("--max_batch_size", type=int, default=10, help=_NO_EFFECT)
    reading = parser.add_argument_group("recognition")
    reading.add_argument(
        "--drop_score", type=float, default=0.6, help="lines with a lower score are left out"
    )
    reading.add_argument(
        "--second_look_below",
        type=float,
        default=0.9,
        metavar="SCORE",
        help="read lines with a lower score again, stretched, and take the surer reading; 0 never",
    )
    reading.add_argument(
        "--bidi_order",
        choices=["unicode", "paddleocr"],
        default="unicode",
        help="how right-to-left lines are put in order: by the bidirectional algorithm, or as PaddleOCR does",
    )
    reading.add_argument("--allowed_characters", help="only these are read, as 0123456789-")
    reading.add_argument(
        "--level", choices=["line", "word"], default="line", help="boxes of whole lines, or of their words"
    )
    reading.add_argument("--rec_batch_num", type=int, default=6, help=_NO_EFFECT)


_NO_EFFECT = "accepted for the tutorial's sake: SnapML models take one image at a time"


def open_reader(args: argparse.Namespace, *, images: int) -> Reader:
    """Open the models of the parsed arguments for reading so many images."""
    return Reader(
        args.det_model_dir or [],
        args.rec_model_dir or [],
        args.rec_char_dict_path,
        trained_with=args.rec_trained_dict_path,
        classifier=args.cls_model_dir,
        cls_shapes=args.cls_shapes or [],
        det_shapes=args.det_shapes or [],
        rec_shapes=args.rec_shapes or [],
        settings=reader_settings(args),
        threads=args.threads,
        images_at_once=max(1, min(args.threads, images)),
    )


def reader_settings(args: argparse.Namespace) -> ReaderSettings:
    """Return the settings of the parsed arguments."""
    return ReaderSettings(
        detector=DetectorSettings(
            boxes=BoxSettings(
                threshold=args.det_db_thresh,
                box_threshold=args.det_db_box_thresh,
                unclip_ratio=args.det_db_unclip_ratio,
                dilation=args.use_dilation,
                score_mode=args.det_db_score_mode,
            ),
            normalisation=args.det_normalisation or DETECTION,
            tile_below=args.tile_below,
        ),
        recognizer=RecognizerSettings(
            normalisation=args.rec_normalisation or RECOGNITION,
            allowed=args.allowed_characters,
            second_look_below=args.second_look_below,
            bidi_order=args.bidi_order,
        ),
        classifier_normalisation=args.cls_normalisation or RECOGNITION,
        drop_score=args.drop_score,
        level=args.level,
        use_space_char=args.use_space_char,
        right_to_left=args.right_to_left,
    )
