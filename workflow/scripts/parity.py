"""Compare the stages of one model on identical, real input tensors.

Reads an archive of make_inputs.py, the reference outputs of paddle_reference.py made from it, and a model
file per stage. Writes a JSON file with, for each stage against Paddle and against the stage before:
differences, equal argmax, equal texts or boxes. Beside it, for the pair that is furthest apart,
`<stem>.worst.npz` (input and both outputs) and `<stem>.worst.png` to look at. Schema: docs/evaluation.md.

Exit 0 written (whatever the numbers are; gate.py judges them), 2 wrong usage.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, named_path, run
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.decoder_arguments import add_decoder_arguments, decoder_of
from snapml_ocr.ocr.pipeline_model import PipelineModel
from snapml_ocr.plan.axes import ORIGINAL


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("--inputs", type=Path, required=True, help="archive of make_inputs.py")
    parser.add_argument("--reference", type=Path, required=True, help="archive of paddle_reference.py")
    parser.add_argument(
        "--stage",
        action="append",
        default=[],
        type=named_path,
        metavar="NAME=MODEL.onnx",
        help="a stage; repeat, in order; default: those of --pipeline",
    )
    parser.add_argument("--original", help=f"name of the reference's stage (default {ORIGINAL})")
    parser.add_argument("--model", default="", help="name of the model in the result")
    parser.add_argument("--threads", type=int, default=1, help="default 1")
    add_decoder_arguments(parser)
    parser.add_output(what="JSON file to write")
    return parser.parse_args()


def main() -> None:
    """Parse, run every stage on every input, write."""
    args = parse_args()
    from snapml_ocr.evaluate.arrays import Arrays
    from snapml_ocr.evaluate.model_inputs import ModelInputs
    from snapml_ocr.evaluate.parity_files import write_parity
    from snapml_ocr.evaluate.stage_parity import compare_stages
    from snapml_ocr.progress import Progress
    from snapml_ocr.runtime.model import open_model

    inputs = ModelInputs(args.inputs)
    pipeline = PipelineModel.open(args.pipeline, inputs.task) if args.pipeline else None
    stages = dict(args.stage) or (pipeline.converted(inputs.shape) if pipeline else {})
    if len(stages) < max(1, len(args.stage)):
        raise UserError("--stage: give at least one, each name once, or a --pipeline file")
    reference = Arrays(args.reference)["outputs"]
    if len(reference) != len(inputs):
        raise UserError(
            f"{args.reference}: {len(reference)} outputs for the {len(inputs)} inputs of {args.inputs};"
            " make it again from these inputs"
        )
    models = {name: open_model(path, threads=args.threads, optimise=False) for name, path in stages.items()}
    last = list(stages)[-1]
    decoder = decoder_of(args, pipeline, inputs.task, stages[last], models[last].metadata)
    with Progress(f"parity {args.output.stem}", len(inputs), "input") as progress:
        pairs = compare_stages(
            inputs,
            args.original or (pipeline.original if pipeline else ORIGINAL),
            lambda index: reference[index][None],
            models,
            decoder,
            advance=progress.advance,
        )
    write_parity(args.output, args.model or (pipeline.part.model if pipeline else ""), inputs, pairs)


if __name__ == "__main__":
    run(main)
