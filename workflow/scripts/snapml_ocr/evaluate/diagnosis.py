"""Where a difference in what is read comes from: the model's numbers, or what happens around the model.

Stages are compared twice: on identical tensors (parity) and on the user's images from end to end. Most
"accuracy dropped after conversion" is a difference in resizing or padding, which only the second comparison
sees.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from snapml_ocr.evaluate.gates import Check

VERDICTS = {
    (True, True): "nothing was lost: same numbers, same texts",
    (
        True,
        False,
    ): "the model's numbers agree on identical tensors, the texts do not: look at resizing, padding,"
    " input shapes and thresholds, or at values on the edge of one",
    (False, True): "the model's numbers moved beyond the gate, but no text changed",
    (
        False,
        False,
    ): "the model's numbers moved beyond the gate, and texts with them: look at the conversion of"
    " this stage (compare.py --locate)",
}


def diagnose(checks: Iterable[Check], accuracy: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each dataset and stage: whether tensors are the same (parity gates kept), and whether texts are."""
    moved = {check.stage for check in checks if check.gate == "parity" and not check.passed}
    results = []
    for dataset, document in accuracy.items():
        for stage, against in document["against_baseline"].items():
            same_tensors = stage not in moved
            same_texts = against["images_with_same_texts"] == against["images"]
            results.append(
                {
                    "dataset": dataset,
                    "stage": stage,
                    "same_tensors": same_tensors,
                    "same_texts": same_texts,
                    "images_with_other_texts": against["images"] - against["images_with_same_texts"],
                    "verdict": VERDICTS[same_tensors, same_texts],
                }
            )
    return results
