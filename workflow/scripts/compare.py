"""Compare two ONNX models by running them on the same inputs.

Reads two ONNX files that take the same inputs; runs both on random input and, with --images, on pictures
resized to the input; compares names, then shapes, then values of every output. With --locate it also names
the first tensor inside the models where they diverge. Writes to standard output only (and --json FILE).

Exit 0 outputs are equal within --max_abs_diff, 1 they are not, 2 wrong usage.
"""

import argparse
from pathlib import Path
from typing import Any

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_json


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("first", type=Path, metavar="A.onnx", help="the reference")
    parser.add_argument("second", type=Path, metavar="B.onnx", help="the model under test")
    parser.add_argument("--images", type=Path, help="folder of pictures to run on, beside random input")
    parser.add_argument(
        "--max_images", type=int, default=8, help="pictures taken from the folder (default 8)"
    )
    parser.add_argument("--max_abs_diff", type=float, default=1e-4, help="tolerance (default 1e-4)")
    parser.add_argument(
        "--locate", action="store_true", help="name the first tensor where the models first diverge"
    )
    parser.add_argument(
        "--input_shape",
        action="append",
        default=[],
        metavar="[NAME=]N,C,H,W",
        help="shape of an input that both models leave open; the name may be left out for the only input",
    )
    parser.add_output("--json", what="also write the result here", required=False)
    return parser.parse_args()


def main() -> int:
    """Parse, compare, print."""
    args = parse_args()

    from snapml_ocr.evaluate.locate import locate
    from snapml_ocr.evaluate.model_differences import (
        compare_models,
        fixed_inputs,
        images_in,
        make_feeds,
        renamed,
    )
    from snapml_ocr.onnx_files.model_file import read_model
    from snapml_ocr.runtime.score_output import with_softmax

    first, second = (with_softmax(read_model(path)) for path in (args.first, args.second))
    inputs = fixed_inputs(first, second, _shapes(args.input_shape, first.graph.input[0].name))
    images = images_in(args.images, args.max_images) if args.images else []
    feeds = make_feeds(inputs, images)
    comparison = compare_models(first, second, feeds)
    equal = comparison.within(args.max_abs_diff)
    result: dict[str, Any] = {"equal": equal, "max_abs_diff": args.max_abs_diff, "inputs": len(feeds)}
    result["outputs"] = [
        {"name": output.name, "other_name": output.other_name, "reason": output.reason}
        | (output.differences.as_json() if output.differences else {})
        for output in comparison.outputs
    ]
    for output in result["outputs"]:
        print(_line(output))
    print(f"{'equal' if equal else 'DIFFERENT'} within {args.max_abs_diff:g} on {len(feeds)} inputs")
    if args.locate:
        divergence = locate(first, second, feeds[-1], renamed(feeds[-1], first, second))
        result["divergence"] = None if divergence is None else _described(divergence)
        print(_parting_text(result["divergence"]))
    if args.output:
        write_json(args.output, result)
    return 0 if equal else 1


def _shapes(items: list[str], only_input: str) -> dict[str, list[int]]:
    shapes = {}
    for item in items:
        name, _, sizes = item.rpartition("=")
        try:
            shapes[name or only_input] = [int(size) for size in sizes.split(",")]
        except ValueError:
            raise UserError(f"--input_shape {item}: expected sizes such as 1,3,640,640") from None
        if min(shapes[name or only_input]) < 1:
            raise UserError(f"--input_shape {item}: sizes are at least 1")
    return shapes


def _line(output: dict[str, Any]) -> str:
    name = (
        output["name"]
        if output["name"] == output["other_name"]
        else f"{output['name']} / {output['other_name']}"
    )
    if output["reason"]:
        return f"output {name}: {output['reason']}"
    psnr = "identical" if output["psnr_db"] is None else f"PSNR {output['psnr_db']:.1f} dB"
    decisions = "" if output["argmax_equal"] is None else f", equal argmax {output['argmax_equal']:.2%}"
    broken = f", {output['not_finite']} values not finite" if output["not_finite"] else ""
    return (
        f"output {name}: largest difference {output['max_abs']:.3g}, mean {output['mean_abs']:.3g}, {psnr},"
        f" cosine {output['cosine']:.6f}{decisions}{broken}"
    )


def _described(divergence: Any) -> dict[str, Any]:
    return {
        "tensor": str(divergence.tensor),
        "counterpart": str(divergence.counterpart) if divergence.counterpart else None,
        "max_abs": divergence.max_abs,
        "peak": divergence.peak,
        "agreeing_before": [list(pair) for pair in divergence.agreeing],
        "node_differences": divergence.constants,
    }


def _parting_text(divergence: dict[str, Any] | None) -> str:
    if divergence is None:
        return "every tensor has its counterpart: the models do not part"
    lines = [f"the models first diverge at {divergence['tensor']}"]
    if divergence["counterpart"]:
        lines.append(
            f"  in its place: {divergence['counterpart']}, apart by up to {divergence['max_abs']:.3g}"
            f" (values up to {divergence['peak']:.3g})"
        )
    else:
        lines.append("  no tensor of its size is in its place")
    lines += [f"  {sentence}" for sentence in divergence["node_differences"]]
    lines += [
        f"  before it agree: {first!r} and {second!r}" for first, second in divergence["agreeing_before"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    run(main)
