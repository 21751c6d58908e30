"""Measure how long one model takes at one input shape, stage beside stage.

    python workflow/scripts/benchmark_latency.py --model_name DET --height 640 --width 640
        --stage paddle=results/weights/DET --stage onnx=results/onnx/DET.onnx
        --stage simplified=results/simplified/DET_640x640.onnx --stage snapml=results/snapml/DET_640x640.onnx
        --threads 1,2 --output results/latency/DET_640x640.json

Reads model files: .onnx, or folders of Paddle models (these need the environment of envs/paddle.lock).
Writes one JSON document: per stage and thread count median, p90, p99, spread, load time and peak memory;
ratios between stages with 95% intervals; time per operator type before and after the SnapML fixes; the
machine's peak, its versions, and whether it was too noisy to conclude.
Exit 0 written (also when noisy, with a warning), 1 written but stages could not be measured, which are named,
2 wrong usage or no stage runs.
"""

import argparse
import sys

from snapml_ocr.benchmark.stage_times import measure_latency
from snapml_ocr.cli import Parser, named_path, run
from snapml_ocr.files import write_json

SECONDS = 1.2


def main() -> int:
    """Measure and write; return 1 when some stage could not be measured."""
    args = parse_args()
    document = measure_latency(
        args.model_name,
        height=args.height,
        width=args.width,
        stages=dict(args.stage),
        threads=args.threads,
        seconds=args.seconds,
    )
    write_json(args.output, document)
    for ratio in document["ratios"]:
        print(
            f"{ratio['stage']} against {ratio['against']}, threads {ratio['threads']}:"
            f" {ratio['ratio']:.3f} times as long [{ratio['low']:.3f}, {ratio['high']:.3f}]"
        )
    if document["noise"]["too_noisy"]:
        print("warning: this machine was too noisy to quote times from:", file=sys.stderr)
        for reason in document["noise"]["reasons"]:
            print(f"  {reason}", file=sys.stderr)
    failed = [
        f"{stage}, threads {threads}: {numbers['error']}"
        for stage, entry in document["stages"].items()
        for threads, numbers in entry["by_threads"].items()
        if "error" in numbers
    ]
    for line in failed:
        print(f"error: not measured: {line}", file=sys.stderr)
    return 1 if failed else 0


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = Parser(__doc__)
    parser.add_argument("--model_name", required=True, help="name in the document")
    parser.add_argument("--height", type=int, required=True, help="of the input, pixels")
    parser.add_argument("--width", type=int, required=True, help="of the input, pixels")
    parser.add_argument(
        "--stage",
        type=named_path,
        action="append",
        required=True,
        metavar="NAME=PATH",
        help="a stage and its model, repeated; each is compared with the one before it",
    )
    parser.add_argument("--threads", type=_thread_counts, default=[1, 2], help="counts to try, as in 1,2")
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help=f"of timed runs per stage (default {SECONDS}); six rounds are made in any case",
    )
    parser.add_output(what="JSON document to write")
    return parser.parse_args()


def _thread_counts(text: str) -> list[int]:
    try:
        counts = [int(part) for part in text.split(",")]
    except ValueError:
        counts = []
    if not counts or min(counts) < 1 or len(set(counts)) < len(counts):
        raise argparse.ArgumentTypeError(f"{text!r}: expected different counts from 1 on, as in 1,2")
    return counts


if __name__ == "__main__":
    run(main)
