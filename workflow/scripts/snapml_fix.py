"""Rewrite an ONNX model into the form SnapML takes.

Reads --input_path (ONNX, static shapes, float32), writes --output_path (opset 11) and, with --report, what
happened to every node. The outputs of both models are compared on random input, and on --probe_images when
the model takes one picture; nothing is written when they differ by more than --max_abs_diff. Approximations
are compared apart, by --max_approximation_diff. Exit 0 written, 1 outputs differ or the result is no valid
model, 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.files import write_bytes, write_json
from snapml_ocr.snapml.options import TARGETS, FixOptions, GeluForm, OutputForm, StrideForm, parse_targets


def main() -> None:
    """Parse, rewrite once, write once."""
    args = parse_args()
    options = FixOptions(
        parse_targets(args.targets),
        StrideForm(args.stride_form) if args.stride_form else None,
        GeluForm(args.gelu),
        OutputForm(args.output),
    )

    from snapml_ocr.ocr.probe import probe_tensor
    from snapml_ocr.onnx_files.model_file import read_model
    from snapml_ocr.plan.axes import default_tolerance
    from snapml_ocr.snapml import fix_report
    from snapml_ocr.snapml.fixer import fix
    from snapml_ocr.snapml.probes import probe_feeds

    model = read_model(args.input_path)
    probes = probe_feeds(model, args.probe_images, probe_tensor)
    if args.max_abs_diff is None:
        args.max_abs_diff = default_tolerance(len(model.graph.output[0].type.tensor_type.shape.dim))
    fixed = fix(model, options, probes, args.max_abs_diff, args.max_approximation_diff)
    document = fix_report.as_document(fixed, options)
    write_bytes(args.output_path, fixed.model.SerializeToString(deterministic=True))
    if args.report:
        write_json(args.report, document)
    nodes, probe = document["nodes"], fixed.probe_difference
    print(
        f"{args.output_path}: {nodes['before']} nodes became {nodes['after']}, largest difference "
        f"{fixed.random_difference:.2g} on random input"
        + (f", {probe:.2g} on pictures" if probe is not None else "")
    )
    for rule, entry in fixed.log.approximations.items():
        print(
            f"  not exact: {rule} in {entry['places']} places, each within {entry['largest_error']:g}; "
            f"together they moved outputs by {fixed.approximation_difference:.2g}"
        )
    if fixed.unrunnable:
        print("  GeluSnap is no ONNX operator: compared by its definition; no ONNX runtime opens the file")
    for refusal in fixed.log.refusals:
        print(f"  left alone by {refusal.rule}: {refusal.node}: {refusal.reason}")


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("--input_path", type=Path, required=True, help="ONNX model to read")
    parser.add_argument("--output_path", type=Path, required=True, help="ONNX model to write")
    parser.add_argument("--targets", default=",".join(TARGETS), help="where the model shall run")
    parser.add_argument("--report", type=Path, help="JSON file: what happened to every node")
    parser.add_argument("--probe_images", type=Path, nargs="+", default=[], help="pictures to compare on")
    parser.add_argument(
        "--max_abs_diff", type=float, help="largest allowed difference (default: the build's for its task)"
    )
    parser.add_argument(
        "--stride_form",
        choices=[str(form) for form in StrideForm],
        help="what unequal strides become; by default pool for the iPhone NPU, slice without it",
    )
    parser.add_argument(
        "--gelu",
        choices=[str(form) for form in GeluForm],
        default=str(GeluForm.TANH),
        help="what GELU becomes: sigmoids in the tanh form, within 9.5e-6, or the operator GeluSnap",
    )
    parser.add_argument(
        "--output",
        choices=[str(form) for form in OutputForm],
        default=str(OutputForm.KEEP),
        help="keep, or scores: (1, C, 1, T) of a recognizer, the Softmax left to the reader",
    )
    parser.add_argument(
        "--max_approximation_diff",
        type=float,
        default=0.1,
        help="largest difference that approximations (GELU, Erf) may make",
    )
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
