"""Make small Paddle inference models with known traits, in the environment of envs/paddle.lock.

    python tests/make_small_models.py pdmodel|pir FOLDER JSON

JSON is an object of model names to traits: `classes`, `height` and `width` (null leaves them open), and
`kind`: `ctc` (convolutions), `lstm` (CRNN), `attention` (a step attends to the others), `fixed_steps` (as
many whatever the width), `baked` (inside, a shape is fixed that the input leaves open), `orientation`.
Each model gets a folder with `inference.*`. Weights are drawn from one seed.
"""

import json
import os
import sys
from pathlib import Path

os.environ["FLAGS_enable_pir_api"] = {"pdmodel": "0", "pir": "1"}[sys.argv[1]]  # noqa: SIM112

import paddle
from paddle import nn

CHANNELS = 16
STEP = 4
"""Columns a step."""
ATTENTION_STEPS = 25


class SmallModel(nn.Layer):
    def __init__(self, kind, classes, height, width):
        super().__init__()
        self.kind, self.baked = kind, (width or 100) // STEP
        self.features = nn.Sequential(
            nn.Conv2D(3, CHANNELS, 3, stride=2, padding=1),
            nn.BatchNorm2D(CHANNELS),
            nn.Hardswish(),
            nn.Conv2D(CHANNELS, CHANNELS, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.lstm = nn.LSTM(CHANNELS, CHANNELS // 2, direction="bidirectional") if kind == "lstm" else None
        self.query, self.key = nn.Linear(CHANNELS, CHANNELS), nn.Linear(CHANNELS, CHANNELS)
        self.head = nn.Linear(CHANNELS, classes)

    def forward(self, image):
        features = self.features(image)
        if self.kind == "orientation":
            pooled = nn.functional.adaptive_avg_pool2d(features, 1).flatten(1)
            return nn.functional.softmax(self.head(pooled))
        if self.kind == "fixed_steps":
            positions = paddle.arange(ATTENTION_STEPS * CHANNELS, dtype="float32")
            asked = positions.reshape([1, ATTENTION_STEPS, CHANNELS]) / (ATTENTION_STEPS * CHANNELS)
            rows = features.mean(axis=2)
            return nn.functional.softmax(
                self.head(nn.functional.softmax(asked @ rows) @ rows.transpose([0, 2, 1]))
            )
        rows = features.mean(axis=2)
        if self.kind == "baked":
            rows = rows.reshape([-1, CHANNELS, self.baked])
        steps = rows.transpose([0, 2, 1])
        if self.kind == "lstm":
            steps, _ = self.lstm(steps)
        if self.kind == "attention":
            weights = nn.functional.softmax(self.query(steps) @ self.key(steps).transpose([0, 2, 1]))
            steps = steps + weights @ steps
        return nn.functional.softmax(self.head(steps), axis=2)


def main() -> None:
    folder = Path(sys.argv[2])
    for name, traits in json.loads(sys.argv[3]).items():
        paddle.seed(0)
        model = SmallModel(traits["kind"], traits["classes"], traits["height"], traits["width"])
        model.eval()
        spec = paddle.static.InputSpec([None, 3, traits["height"], traits["width"]], "float32", "x")
        paddle.jit.save(model, str(folder / name / "inference"), input_spec=[spec])


if __name__ == "__main__":
    main()
