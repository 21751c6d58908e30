"""Tell ahead of time what float16 does to a SnapML model, which Lens Studio stores at about half its size.

Reads a model and an archive of make_inputs.py; writes a JSON file with the largest activations on these
inputs against the float16 limit, the range of the weights, and, for weights rounded to float16 and for
weights and activations rounded, parity with the float32 model and accuracy on the same inputs. With
--weights_model and --activations_model the rounded models are written too, to run them through
inference.py. Schema: docs/evaluation.md.

Exit 0 written (whatever the numbers are; gate.py judges them), 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.decoder_arguments import add_decoder_arguments, decoder_of
from snapml_ocr.ocr.pipeline_model import PipelineModel


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument(
        "model", type=Path, nargs="?", metavar="MODEL.onnx", help="default: the shipped of --pipeline"
    )
    parser.add_argument("--inputs", type=Path, required=True, help="archive of make_inputs.py")
    parser.add_argument("--name", default="", help="name of the model in the result")
    parser.add_argument("--weights_model", type=Path, help="write the model with rounded weights here")
    parser.add_argument(
        "--activations_model", type=Path, help="write the one that also rounds activations here"
    )
    add_decoder_arguments(parser)
    parser.add_output(what="JSON file to write")
    return parser.parse_args()


def main() -> None:
    """Parse, run, write."""
    args = parse_args()

    from snapml_ocr.evaluate.float16_models import with_float16_activations, with_float16_weights
    from snapml_ocr.evaluate.float16_report import float16_report
    from snapml_ocr.evaluate.model_inputs import ModelInputs
    from snapml_ocr.files import write_bytes, write_json
    from snapml_ocr.onnx_files.model_file import metadata_of, read_model
    from snapml_ocr.progress import Progress
    from snapml_ocr.runtime.score_output import with_softmax

    inputs = ModelInputs(args.inputs)
    pipeline = PipelineModel.open(args.pipeline, inputs.task) if args.pipeline else None
    path = args.model
    if pipeline and not path:
        path = pipeline.at(pipeline.file.shipped, inputs.shape)
    if not path:
        raise UserError("give MODEL.onnx or a --pipeline file")
    model = read_model(path)
    decoder = decoder_of(args, pipeline, inputs.task, path, metadata_of(model))
    float16_weights = with_float16_weights(model)
    variants = {
        "weights": float16_weights,
        "weights_and_activations": with_float16_activations(float16_weights),
    }
    with Progress(f"float16 {args.output.stem}", len(inputs), "input") as progress:
        read = {name: with_softmax(variant) for name, variant in variants.items()}
        result = float16_report(with_softmax(model), read, inputs, decoder, progress.advance)
    for path, variant in zip((args.weights_model, args.activations_model), variants.values(), strict=True):
        if path is not None:
            write_bytes(path, variant.SerializeToString(deterministic=True))
    write_json(args.output, {"model": args.name or (pipeline.part.model if pipeline else ""), **result})


if __name__ == "__main__":
    run(main)
