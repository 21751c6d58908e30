"""Recommend input shapes for your own images: measure accuracy, overflow and latency over candidate shapes.

In: a folder of images or of text crops, and the models as exported with dynamic shapes. With labels in
the folder (labels.json, rec_labels.json and the other formats of evaluate.py) accuracy is measured too,
else the share of images that have to be shrunk stands for it. A budget of milliseconds or megabytes
limits the choice.

Out: a table on standard output, the curve of accuracy against latency with its Pareto front as a picture
(--plot FILE), everything as JSON (--json FILE), and the `shapes:` line for the configuration.

Exit code 0: a recommendation was made. 1: nothing is within the budget. 2: wrong usage.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from snapml_ocr.catalogue.graph import Graph
from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import CheckFailedError
from snapml_ocr.evaluate.shape_measurement import Sample, load_samples, measured, needed_width
from snapml_ocr.files import atomic_path, write_json
from snapml_ocr.ocr.arguments import SUMMARISED, add_reader_arguments, reader_arguments
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.ocr.shape_choice import (
    Candidate,
    best_within,
    detector_shapes,
    pareto_front,
    width_sets,
)
from snapml_ocr.plan.axes import EXPORTED
from snapml_ocr.plan.shape import Shape
from snapml_ocr.progress import tracked


def main() -> None:
    """Measure the candidates, print the table and the recommendation."""
    args = parse_args()
    samples = load_samples(args.image_path, args.samples)
    sets = candidate_sets(args, samples)
    candidates = [measure(args, shapes, samples) for shapes in tracked(sets, "measure", len(sets), "set")]
    front = pareto_front(candidates)
    best = best_within(candidates, milliseconds=args.max_ms, megabytes=args.max_mb, slack=args.slack)
    print_table(candidates, front, best)
    if args.output is not None:
        write_json(args.output, [asdict(one) | {"pareto": one in front} for one in candidates])
    if args.plot is not None:
        draw(args.plot, candidates, front, best)
    if best is None:
        raise CheckFailedError("no candidate is within the budget; raise --max_ms or --max_mb")
    print(f"shapes: [{', '.join(map(str, best.shapes))}]")


def parse_args() -> argparse.Namespace:
    """Return the checked command line."""
    parser = Parser("Recommend input shapes for your own images.", summarised=SUMMARISED)
    parser.add_argument("-i", "--image_path", type=Path, required=True, help="folder of images or crops")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--detector", action="store_true", help="shapes of the detector, for whole images")
    task.add_argument(
        "--recognizer", action="store_true", help="shapes of the recognizer, for crops of lines"
    )
    add_reader_arguments(parser)
    choice = parser.add_argument_group("choice")
    choice.add_argument("--long_sides", type=int, nargs="+", default=[480, 640, 960, 1280], metavar="N")
    choice.add_argument("--rec_height", type=int, help="height of the recognizer; default: the model's own")
    widths = [96, 128, 160, 240, 320, 480, 640, 832]
    choice.add_argument("--widths", type=int, nargs="+", default=widths, metavar="N")
    choice.add_argument("--most_shapes", type=int, default=3, help="recognizer widths in one set at most")
    choice.add_argument("--samples", type=int, default=200, help="images used at most, evenly spread")
    choice.add_argument("--max_ms", type=float, help="budget: milliseconds an image or crop")
    choice.add_argument("--max_mb", type=float, help="budget: megabytes of all model files together")
    choice.add_argument(
        "--slack", type=float, default=0.005, help="accuracy given away for speed; below what a sample tells"
    )
    choice.add_argument("--plot", type=Path, help="picture of the accuracy-latency curve (.png or .svg)")
    parser.add_output("--json", what="the table as JSON", required=False)
    args = parser.parse_args()
    if args.pipeline:
        args.stage = args.stage or EXPORTED
        return args
    if args.detector and (not args.det_model_dir or len(args.det_model_dir) > 1):
        parser.error("--detector needs one --det_model_dir, a model with dynamic shapes")
    if args.recognizer and (not args.rec_model_dir or len(args.rec_model_dir) > 1):
        parser.error("--recognizer needs one --rec_model_dir, a model with dynamic shapes")
    return args


def candidate_sets(args: argparse.Namespace, samples: list[Sample]) -> list[tuple[Shape, ...]]:
    """Return the sets of shapes to try."""
    sizes = [pixels.shape[:2] for pixels, _ in samples]
    if args.detector:
        return detector_shapes(sizes, sorted(args.long_sides))
    widths, height = sorted(args.widths), args.rec_height or own_height(args)
    needed = [needed_width(size, height) for size in sizes]
    return width_sets(needed, height, widths, args.most_shapes)


def own_height(args: argparse.Namespace) -> int:
    """Height of the recognizer's input: of the pipeline's shapes, of the model, or one at which it runs."""
    _, arguments = reader_arguments(args)
    if shapes := arguments.get("rec_shapes"):
        return int(shapes[0][0])
    model = Path(arguments["recognizers"][0])
    return Graph(model, str(model)).recognizer_height(max(args.widths))


def measure(args: argparse.Namespace, shapes: tuple[Shape, ...], samples: list[Sample]) -> Candidate:
    """Measure the models of the command line at one set of shapes."""
    options, arguments = reader_arguments(args)
    if args.recognizer:
        arguments.pop("detectors", None)
    model = Path(arguments["detectors" if args.detector else "recognizers"][0])
    files = model.iterdir() if model.is_dir() else [model]

    def open_reader(shapes: Sequence[Shape]) -> Reader:
        at = {"det_shapes" if args.detector else "rec_shapes": shapes}
        return Reader(**{**arguments, **at}, threads=options.threads, images_at_once=1)

    size = sum(file.stat().st_size for file in files)
    return measured(open_reader, shapes, samples, crops=args.recognizer, model_bytes=size)


def print_table(candidates: list[Candidate], front: list[Candidate], best: Candidate | None) -> None:
    """Print one line a candidate; * is on the Pareto front, > the recommendation."""
    print(f"{'':3}{'accuracy':>9}{'ms':>9}{'overflow':>10}{'MB':>7}  shapes")
    for one in sorted(candidates, key=lambda candidate: candidate.milliseconds):
        mark = ("*" if one in front else " ") + (">" if one is best else " ")
        score = "-" if one.accuracy is None else f"{one.accuracy:.3f}"
        shapes = " ".join(map(str, one.shapes))
        print(f"{mark:3}{score:>9}{one.milliseconds:9.1f}{one.overflow:10.1%}{one.megabytes:7.1f}  {shapes}")


def draw(path: Path, candidates: list[Candidate], front: list[Candidate], best: Candidate | None) -> None:
    """Draw accuracy over latency: every candidate, the front as a line, the recommendation filled."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "shapes"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    axes.plot(
        [one.milliseconds for one in candidates], [one.worth for one in candidates], "o", color="#999999"
    )
    axes.plot([one.milliseconds for one in front], [one.worth for one in front], "o-", color="#0072b2")
    for one in front:
        label = " ".join(map(str, one.shapes))
        point = (one.milliseconds, one.worth)
        axes.annotate(label, point, textcoords="offset points", xytext=(6, -12), fontsize=8)
    if best is not None:
        axes.plot([best.milliseconds], [best.worth], "*", color="#d55e00", markersize=16, label="recommended")
        axes.legend(loc="lower right")
    axes.set_xlabel("milliseconds an image")
    axes.set_ylabel("accuracy" if candidates[0].accuracy is not None else "share that is not shrunk")
    axes.grid(alpha=0.3)
    kind = path.suffix.lstrip(".") or "png"
    options: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {}
    with atomic_path(path) as part:
        figure.savefig(part, format=kind, dpi=120, **options)
    pyplot.close(figure)


if __name__ == "__main__":
    run(main)
