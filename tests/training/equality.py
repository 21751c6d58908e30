"""Compare the program that interprets a model with ONNX Runtime on real crops, for test_training.py.

In: a model and a .npy of line crops as input tensors. Out: JSON with the largest difference of the
probabilities, whether the best class of every step is the same, and whether writing the weights back
unchanged gives the same model.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow" / "scripts"))

import numpy as np
import onnx
import onnxruntime
import paddle

from snapml_ocr.training.interpreter import Interpreter, with_weights

model = onnx.load(sys.argv[1])
inputs = np.load(sys.argv[2])
program = Interpreter(model, "model")
with paddle.no_grad():
    found = program.run({program.input: paddle.to_tensor(inputs)}, program.output).numpy()
expected = onnxruntime.InferenceSession(sys.argv[1]).run(None, {program.input: inputs})[0]
again = with_weights(model, program.weights())
print(
    json.dumps(
        {
            "difference": float(np.abs(found - expected).max()),
            "argmax_equal": bool((found.argmax(-1) == expected.argmax(-1)).all()),
            "same_model": again.SerializeToString(deterministic=True)
            == model.SerializeToString(deterministic=True),
        }
    )
)
