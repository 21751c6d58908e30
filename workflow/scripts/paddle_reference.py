"""Run a model as it was fetched on the evaluation inputs: what every later stage is compared with.

Reads a model and an archive of make_inputs.py; writes an .npz with `outputs` (N, ...) float32, one for each
input. A Paddle model folder needs the environment of envs/paddle.lock, an ONNX file the pipeline's. Graph
optimisations are off, on one thread, so that the same inputs give the same bytes. Of a recognizer that ends
in scores, their softmax; with a --cut_dictionary, the probabilities of its characters divided by their sum:
what a recognizer cut to them has to give.

Exit 0 written, 2 wrong usage or a model that cannot be run.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import Parser, flag, run
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument("--model", type=Path, help="folder of a Paddle model, or ONNX")
    parser.add_argument(
        "--pipeline", type=Path, metavar="FILE", help="pipeline file of a build, in the place of the others"
    )
    parser.add_argument("--inputs", type=Path, required=True, help="archive of make_inputs.py")
    parser.add_argument("--dictionary", type=Path, nargs="?", help="that a recognizer was trained with")
    parser.add_argument("--cut_dictionary", type=Path, nargs="?", help="the part of them that it is cut to")
    parser.add_argument("--use_space_char", type=flag, default=True, metavar="BOOL", help="default True")
    parser.add_argument("output", type=Path, metavar="OUT.npz")
    return parser.parse_args()


def main() -> None:
    """Parse, run the model on every input, write."""
    args = parse_args()

    import numpy as np

    from snapml_ocr.evaluate.arrays import write_arrays
    from snapml_ocr.evaluate.model_inputs import ModelInputs
    from snapml_ocr.ocr.pipeline_model import PipelineModel
    from snapml_ocr.progress import tracked
    from snapml_ocr.runtime.kept_classes import KeptClasses
    from snapml_ocr.runtime.model import open_model
    from snapml_ocr.runtime.score_output import WithSoftmax, gives_scores

    inputs = ModelInputs(args.inputs)
    pipeline = PipelineModel.open(args.pipeline, inputs.task) if args.pipeline else None
    path = args.model
    if pipeline and not path:
        path = pipeline.at(pipeline.original, inputs.shape)
    if not path:
        raise UserError("give a --model or a --pipeline file")
    model = open_model(path, threads=1, optimise=False)
    if inputs.task == "recognition" and len(inputs) and gives_scores(model.run(inputs.tensor(0))):
        model = WithSoftmax(model)
    if dictionaries := pipeline.dictionaries if pipeline else given_dictionaries(args):
        whole, cut = dictionaries
        model = KeptClasses(model, whole.classes_of(cut))
    indices = tracked(range(len(inputs)), "reference", len(inputs), "input")
    outputs = np.stack([model.run(inputs.tensor(index))[0] for index in indices])
    meta = {"task": inputs.task, "height": inputs.height, "width": inputs.width, "outputs": len(outputs)}
    write_arrays(args.output, {"outputs": outputs}, meta)


def given_dictionaries(args: argparse.Namespace) -> tuple[Dictionary, Dictionary] | None:
    """The dictionary that a recognizer was trained with, and what it is cut to."""
    if not args.cut_dictionary:
        return None
    whole, cut = (
        Dictionary.read(path, space=args.use_space_char) for path in (args.dictionary, args.cut_dictionary)
    )
    return whole, cut


if __name__ == "__main__":
    run(main)
