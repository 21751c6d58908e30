"""Accuracy on kept model inputs: the tensors are identical, so only the model can make a difference."""

from typing import Any

import numpy as np

from snapml_ocr.evaluate.detection import hmean, match
from snapml_ocr.evaluate.labels import Word
from snapml_ocr.evaluate.recognition import score_crops
from snapml_ocr.evaluate.score_sums import DECIMALS


class InputAccuracy:
    """Scores what a model says about evaluation inputs against their labels: one number per task."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._matched = self._detections = self._truths = 0
        self._texts: list[tuple[str, str]] = []
        self._turned: list[bool] = []

    def add(self, sample: int, described: dict[str, Any], decoded: Any) -> None:
        """Add the decoded output for the sample of a number."""
        if self._task == "detection":
            words = [
                Word(tuple((x, y) for x, y in word["outline"]), word["text"], word["ignore"])
                for word in described["words"]
            ]
            matching = match(words, np.asarray(decoded).tolist())
            self._matched += len(matching.pairs)
            self._detections += len(matching.detections)
            self._truths += len(matching.truths)
        elif self._task == "recognition":
            self._texts.append((described["words"][0]["text"], decoded))
        else:
            self._turned.append(decoded == sample % 2)

    def result(self) -> dict[str, float]:
        """Detection hmean, recognition scores, or the share of right orientations."""
        if self._task == "detection":
            return {"detection_hmean": round(hmean(self._matched, self._detections, self._truths), DECIMALS)}
        if self._task == "recognition":
            return {name: round(value, DECIMALS) for name, value in score_crops(self._texts).items()}
        return {"orientation": round(sum(self._turned) / max(1, len(self._turned)), DECIMALS)}
