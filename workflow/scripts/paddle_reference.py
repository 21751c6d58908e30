"""Run a Paddle model on kept inputs: the reference every later stage is compared with.

Needs the environment of envs/paddle.lock. Reads a Paddle model folder and an archive of make_inputs.py;
writes an .npz with `outputs` (N, ...) float32, one for each input. Paddle's graph optimisations are off, on
one thread, so that the same inputs give the same bytes.

Exit 0 written, 2 wrong usage or a model that cannot be run.
"""

import argparse
from pathlib import Path

from snapml_ocr.cli import run


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="folder with inference.pdmodel or .json")
    parser.add_argument("--inputs", type=Path, required=True, help="archive of make_inputs.py")
    parser.add_argument("output", type=Path, metavar="OUT.npz")
    return parser.parse_args()


def main() -> None:
    """Parse, run the model on every input, write."""
    args = parse_args()

    import numpy as np

    from snapml_ocr.evaluate.arrays import write_arrays
    from snapml_ocr.evaluate.model_inputs import ModelInputs
    from snapml_ocr.progress import tracked
    from snapml_ocr.runtime.model import open_model

    inputs = ModelInputs(args.inputs)
    model = open_model(args.model, threads=1, optimise=False)
    indices = tracked(range(len(inputs)), "paddle reference", len(inputs), "input")
    outputs = np.stack([model.run(inputs.tensor(index))[0] for index in indices])
    meta = {"task": inputs.task, "height": inputs.height, "width": inputs.width, "outputs": len(outputs)}
    write_arrays(args.output, {"outputs": outputs}, meta)


if __name__ == "__main__":
    run(main)
