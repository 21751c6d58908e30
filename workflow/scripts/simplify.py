r"""Simplify one exported model at one fixed input shape.

In: an ONNX model whose one image input has open dimensions. Out: an ONNX model in which every tensor has a
fixed shape and whose outputs equal the original's within --max_abs_diff, on random input and on
--probe_images; the same files give the same bytes. --report writes the largest difference and the operators
before and after as JSON. Example:

    python workflow/scripts/simplify.py MODEL.onnx MODEL_640x640.onnx --height 640 --width 640 \
        --probe_images images/*.jpg

Exit 0 written, 1 outputs differ or a shape stays open, 2 the model cannot be used or wrong usage; then
nothing is written.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import onnx

from snapml_ocr.cli import Parser, run
from snapml_ocr.convert.child import run_in_child, signal_name
from snapml_ocr.convert.simplifier import difference, simplify
from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.files import write_json
from snapml_ocr.ocr.probe import probe_tensor
from snapml_ocr.onnx_files.model_file import read_model, write_model
from snapml_ocr.plan.axes import default_tolerance

MAX_SECONDS = 600
MAX_MEMORY_BYTES = 8 * 2**30
"""Models may come from anywhere: what takes more than this is no model for a Lens."""


def main() -> int:
    """Simplify as the command line says, within bounds."""
    args = parse_args()
    code = run_in_child(
        lambda: run(lambda: work(args)),
        seconds=MAX_SECONDS,
        memory_bytes=MAX_MEMORY_BYTES,
        label=str(args.model),
    )
    if code < 0:
        raise UserError(f"{args.model}: the simplifier was ended by {signal_name(code)}; too little memory?")
    return code


def work(args: argparse.Namespace) -> None:
    """Simplify, compare, and write when the outputs are equal."""
    probes = [probe_tensor(image, args.height, args.width) for image in args.probe_images]
    model = read_model(args.model)
    simplified = simplify(model, height=args.height, width=args.width, label=str(args.model))
    label = f"{args.model} at {args.height}x{args.width}"
    if args.max_abs_diff is None:
        args.max_abs_diff = default_tolerance(len(simplified.graph.output[0].type.tensor_type.shape.dim))
    largest = difference(model, simplified, probes, label=label)
    print(f"{args.output.name}: largest difference {largest:.3g}, at most {args.max_abs_diff:g} allowed")
    if not largest <= args.max_abs_diff:
        raise CheckFailedError(
            f"{label}: simplifying changes outputs by {largest:.3g},"
            f" at most {args.max_abs_diff:g} is allowed (--max_abs_diff)"
        )
    write_model(simplified, args.output)
    if args.report:
        write_json(args.report, report(model, simplified, largest, args))


def report(
    model: onnx.ModelProto, simplified: onnx.ModelProto, largest: float, args: argparse.Namespace
) -> dict[str, Any]:
    """Return what the build report needs to know about this step."""
    return {
        "model": args.model.stem,
        "shape": [args.height, args.width],
        "max_abs_diff": largest,
        "tolerance": args.max_abs_diff,
        "probe_images": [image.name for image in args.probe_images],
        "operators_before": operators(model),
        "operators_after": operators(simplified),
    }


def operators(model: onnx.ModelProto) -> dict[str, int]:
    """Return how many nodes of each operator the main graph has, by name."""
    return dict(sorted(Counter(node.op_type for node in model.graph.node).items()))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__, allow_abbrev=False)
    parser.add_argument("model", type=Path, help="exported ONNX model")
    parser.add_argument("output", type=Path, help="ONNX file to write")
    parser.add_argument("--height", type=int, required=True, help="pixels")
    parser.add_argument("--width", type=int, required=True, help="pixels")
    parser.add_argument(
        "--max_abs_diff", type=float, help="largest change of an output (default: the build's for its task)"
    )
    parser.add_argument("--probe_images", type=Path, nargs="*", default=[], help="real images to compare on")
    parser.add_argument("--report", type=Path, help="JSON file with what was found")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
