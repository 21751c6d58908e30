"""Describe ONNX files: operators, opset, size, checksum, parameters and multiply-adds.

    python workflow/scripts/inspect_model.py onnx=results/onnx/DET.onnx
        simplified=results/simplified/DET_640x640.onnx snapml=results/snapml/DET_640x640.onnx
        --height 640 --width 640 --output results/inspect/DET_640x640.json

Reads one or more models, each given as PATH or NAME=PATH (the name is its key in the result; without one it
is the file's name without suffix). --height and --width are put into models of dynamic shape before
multiply-adds are counted. Writes one JSON object by name, and one line a model on the screen.
Exit 0 written, 2 wrong usage or no ONNX model.
"""

import argparse
from pathlib import Path

from snapml_ocr.benchmark.graph_facts import GraphFacts, describe_graph
from snapml_ocr.cli import Parser, named_path, run
from snapml_ocr.errors import UserError
from snapml_ocr.files import write_json


def main() -> None:
    """Describe and write."""
    args = parse_args()
    if (args.height is None) != (args.width is None):
        raise UserError("--height and --width: give both or neither")
    shape = None if args.height is None else (1, 3, args.height, args.width)
    models: dict[str, Path] = dict(args.models)
    if len(models) < len(args.models):
        raise UserError("two models have the same name; give them as NAME=PATH")
    facts = {name: describe_graph(path, shape) for name, path in models.items()}
    for name, each in facts.items():
        print(one_line(name, each))
    if args.output:
        write_json(args.output, {name: each.as_json() for name, each in facts.items()})


def one_line(name: str, facts: GraphFacts) -> str:
    """What a person wants to know first."""
    macs = "unknown" if facts.macs is None else f"{facts.macs / 1e6:.0f} M"
    return (
        f"{name}: opset {facts.opset}, {facts.nodes} nodes, {facts.size_bytes / 1e6:.2f} MB,"
        f" {facts.parameters / 1e6:.2f} M parameters, {macs} multiply-adds, sha256 {facts.sha256[:12]}"
    )


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = Parser(__doc__)
    parser.add_argument("models", nargs="*", type=_named_model, metavar="[NAME=]MODEL.onnx")
    parser.add_argument(
        "--stage", type=_named_model, action="append", default=[], metavar="NAME=PATH", help="a model as well"
    )
    parser.add_argument("--height", type=int, help="pixels, for models of dynamic shape")
    parser.add_argument("--width", type=int, help="pixels, for models of dynamic shape")
    parser.add_output(what="JSON document to write", required=False)
    args = parser.parse_args()
    args.models += args.stage
    if not args.models:
        parser.error("give a model")
    return args


def _named_model(text: str) -> tuple[str, Path]:
    return named_path(text if "=" in text else f"{Path(text).stem}={text}")


if __name__ == "__main__":
    run(main)
