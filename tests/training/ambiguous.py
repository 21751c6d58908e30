"""Train on one line that is `a` as often as the new character `€`, for test_added_characters.py.

Out: JSON with the scores of `a` and `€` in the step that holds the character.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow" / "scripts"))

import numpy as np
import onnx

from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan.training_options import TrainingSettings
from snapml_ocr.training.interpreter import Interpreter
from snapml_ocr.training.trainer import Trainer, TrainingData
from snapml_ocr.training.training_state import TrainingState

MODEL = """<ir_version: 8, opset_import: ["" : 11]>
net (float[n, 3, 1, w] x) => (float[n, w, 4] y)
<float[4, 3, 1, 1] weight = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}>
{ a = Conv(x, weight) b = Squeeze<axes: ints = [2]>(a) c = Transpose<perm: ints = [0, 2, 1]>(b)
  y = Softmax<axis: int = 2>(c) }"""

line = np.zeros((1, 3, 1, 3), np.float32)
line[0, [0, 1, 0], 0, [0, 1, 2]] = 1  # the character stands in the middle of three steps
lines, full = np.repeat(line, 2, axis=0), np.ones(2)
settings = TrainingSettings(
    characters="€", rehearsal=0, steps=100, evaluate_every=100, batch_size=2, learning_rate=0.1
)
data = TrainingData(lines[None], ["a", "€"], lines, ["a", "€"], lines[:0], full, full[:0])
program = Interpreter(onnx.parser.parse_model(MODEL), "model")
with tempfile.TemporaryDirectory() as folder:
    trainer = Trainer(
        program,
        program.input,
        Dictionary(("a", "€")),
        data,
        settings=settings,
        state=TrainingState(""),
        folder=Path(folder),
        say=lambda _: None,
    )
    weights = trainer.run().weights
scores = np.einsum("kc,nchw->nwk", weights["weight"][:, :, 0, 0], line)[0, 1]
print(json.dumps({"a": float(scores[1]), "€": float(scores[2])}))
