"""Measure a whole pipeline: images per second, and the share of each step in the time of one image.

    python workflow/scripts/benchmark_pipeline.py --name ppocrv4-en -i images
        --det_model_dir results/snapml/DET_640x640.onnx --rec_model_dir results/snapml/REC_48x320.onnx
        --rec_char_dict_path keys.txt --threads 2 --output results/latency/pipelines/ppocrv4-en.json

Takes the models and thresholds of inference.py. Reads every image once to warm up, then again and again for
--seconds: half of it with several under way, which gives images per second, half of it one by one with all
threads on one image. Writes one JSON document: rate, median, p90 and p99 milliseconds per image,
mean time and share of each step (models, and what is done before and after them), machine and versions.
Exit 0 written, 1 an image cannot be read, 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.benchmark.pipeline import measure_rate, measure_steps, pipeline_document
from snapml_ocr.cli import Parser, run
from snapml_ocr.files import write_json
from snapml_ocr.ocr.arguments import SUMMARISED, add_reader_arguments, open_reader, reader_arguments
from snapml_ocr.ocr.images import find_images
from snapml_ocr.plan.axes import SHIPPED
from snapml_ocr.plan.pipeline_file import read_pipeline_file


def main() -> None:
    """Measure and write."""
    args = parse_args()
    images = [image for path in args.image_path for image in find_images(path)]
    options, _ = reader_arguments(args)
    with open_reader(args, images=len(images)) as reader:
        measured = measure_rate(reader, images, args.seconds / 2)
    with open_reader(args, images=1) as reader:
        measured |= measure_steps(reader, images, args.seconds / 2)
    print(f"{args.name}: {measured['images_per_second']} images/s, one image {measured['median_ms']} ms")
    for step, time in measured["steps"].items():
        print(f"  {step}: {time['mean_ms']} ms, {time['share']:.0%}")
    stage = args.stage or (read_pipeline_file(args.pipeline).shipped if args.pipeline else SHIPPED)
    write_json(args.output, pipeline_document(args.name, stage, measured, options.threads))


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = Parser(__doc__, summarised=SUMMARISED)
    parser.add_argument("--name", required=True, help="of the pipeline, in the document")
    parser.add_argument("-i", "--image_path", type=Path, nargs="+", required=True, help="images or folders")
    add_reader_arguments(parser)
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="to measure for (default 4); each image once in any case"
    )
    parser.add_output(what="JSON document to write")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
