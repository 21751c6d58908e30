"""Run single-operator models in Paddle: outputs and gradients, for test_paddle_operators.py.

In: a folder of NAME.onnx with NAME.npz (`input`, `weight`: what the output is multiplied with before it is
summed up). Out: NAME.result.npz with `output`, `gradient.INPUT` and one gradient a parameter, and
operators.json with all operator types that are known.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow" / "scripts"))

import numpy as np
import onnx
import paddle

from snapml_ocr.training.interpreter import Interpreter
from snapml_ocr.training.paddle_operators import OPERATORS

folder = Path(sys.argv[1])
for path in sorted(folder.glob("*.onnx")):
    given = np.load(path.with_suffix(".npz"))
    program = Interpreter(onnx.load(path), path.stem)
    x = paddle.to_tensor(given["input"], stop_gradient=False)
    output = program.run({program.input: x}, program.output)
    (output * paddle.to_tensor(given["weight"])).sum().backward()
    gradients = {program.input: x, **program.parameters}
    np.savez(
        path.with_suffix(".result.npz"),
        output=output.numpy(),
        **{f"gradient.{name}": one.grad.numpy() for name, one in gradients.items() if one.grad is not None},
    )
(folder / "operators.json").write_text(json.dumps(sorted(OPERATORS)))
