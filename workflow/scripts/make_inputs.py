"""Take real inputs for a model from a labelled dataset, the tensors on which its stages are compared.

Reads a dataset folder; writes one .npz archive of whole images letterboxed to the input (detection) or of
labelled lines cut out and fitted to it (recognition, classification), prepared as inference.py prepares
them. At most --max_samples, spread over all images, each of which is represented when they are no more than
that. The same dataset gives the same bytes.

Exit 0 written, 2 wrong usage or labels.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.plan.axes import TASKS

MAX_SAMPLES = 64
"""Outputs are kept too: a recognizer of 6625 classes gives 1 to 3 MB a sample, a 640x640 detector 1.6 MB."""


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("--task", choices=list(TASKS), required=True, help="of the model")
    parser.add_argument(
        "--pipeline", type=Path, metavar="FILE", help="pipeline file of a build: normalisation and size"
    )
    parser.add_argument("--dataset", type=Path, required=True, help="folder with images and labels")
    parser.add_argument(
        "--labels", type=Path, help="label file, relative to the folder; default: found by name"
    )
    parser.add_argument(
        "--height", type=int, help="input height in pixels; default: of --pipeline's first shape"
    )
    parser.add_argument("--width", type=int, help="input width in pixels")
    parser.add_argument("--normalisation", metavar="JSON", help="mean, std and channel_order")
    parser.add_argument("--max_samples", type=int, default=MAX_SAMPLES, help=f"default {MAX_SAMPLES}")
    parser.add_argument("output", type=Path, metavar="OUT.npz")
    args = parser.parse_args()
    if not args.pipeline and not (args.height and args.width and args.normalisation):
        parser.error("--height, --width and --normalisation are needed, or a --pipeline file")
    for name in ("height", "width", "max_samples"):
        if (given := getattr(args, name)) is not None and given < 1:
            parser.error(f"--{name} is at least 1")
    return args


def main() -> None:
    """Parse, prepare, write."""
    args = parse_args()

    from snapml_ocr.evaluate.dataset import open_to_measure
    from snapml_ocr.evaluate.model_inputs import write_inputs
    from snapml_ocr.evaluate.sampling import make_samples
    from snapml_ocr.ocr.normalisation import Normalisation
    from snapml_ocr.ocr.pipeline_model import PipelineModel
    from snapml_ocr.progress import Progress

    shape = (args.height, args.width)
    if args.pipeline:
        part = PipelineModel.open(args.pipeline, args.task).part
        shape = shape if all(shape) else (part.shapes[0][0], part.shapes[0][1])
        given = part.normalisation.model_dump_json()
    normalisation = Normalisation.from_json(args.normalisation or given)
    dataset = open_to_measure(args.dataset, args.labels)
    images = min(args.max_samples, len(dataset.images))
    with Progress(f"inputs {shape[0]}x{shape[1]}", images, "image") as progress:
        samples = list(make_samples(dataset, args.task, shape, args.max_samples, progress.advance))
    write_inputs(
        args.output,
        task=args.task,
        normalisation=normalisation,
        pixels=[sample.pixels for sample in samples],
        lengths=[sample.length for sample in samples],
        samples=[sample.described() for sample in samples],
    )


if __name__ == "__main__":
    run(main)
