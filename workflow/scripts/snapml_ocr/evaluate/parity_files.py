"""The files a parity run leaves: the numbers, and the worst sample to look into."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from snapml_ocr.evaluate.arrays import write_arrays
from snapml_ocr.evaluate.model_inputs import ModelInputs
from snapml_ocr.evaluate.stage_parity import PairParity, Worst
from snapml_ocr.files import write_bytes, write_json
from snapml_ocr.plan.axes import STAGES


def write_parity(path: Path, model: str, inputs: ModelInputs, pairs: Sequence[PairParity]) -> None:
    """Write `path` and, beside it, `<stem>.worst.npz` and `<stem>.worst.png` of the pair furthest apart."""
    worst_pair = max(pairs, key=lambda pair: pair.worst.difference if pair.worst else -1.0)
    stages: dict[str, Any] = {}
    for pair in pairs:
        against = "against_original" if STAGES[pair.reference].original else "against_previous"
        stages.setdefault(pair.stage, {})[against] = {"reference": pair.reference, **pair.as_json()}
    result: dict[str, Any] = {
        "schema": 1,
        "model": model,
        "task": inputs.task,
        "height": inputs.height,
        "width": inputs.width,
        "samples": len(inputs),
        "images": len({sample["image"] for sample in inputs.samples}),
        "stages": stages,
    }
    if worst_pair.worst is not None:
        result["worst"] = _write_worst(path, inputs, worst_pair, worst_pair.worst)
    write_json(path, result)


def _write_worst(path: Path, inputs: ModelInputs, pair: PairParity, worst: Worst) -> dict[str, Any]:
    arrays, picture = path.with_suffix(".worst.npz"), path.with_suffix(".worst.png")
    sample = inputs.samples[worst.sample]
    about = {
        "stage": pair.stage,
        "reference": pair.reference,
        "sample": worst.sample,
        "image": sample["image"],
        "words": [word["text"] for word in sample["words"] if not word["ignore"]],
    }
    write_arrays(
        arrays,
        {"input": inputs.tensor(worst.sample), "reference": worst.reference, "other": worst.other},
        about,
    )
    seen = inputs.picture(worst.sample)
    if inputs.task == "detection":
        maps = [_grey(output, seen.shape[:2]) for output in (worst.reference, worst.other)]
        seen = np.concatenate([seen, *maps], axis=1)
    write_bytes(picture, cv2.imencode(".png", seen)[1].tobytes())
    return {**about, "arrays": arrays.name, "picture": picture.name}


def _grey(output: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """A (1, 1, h, w) probability map as a (H, W, 3) uint8 picture of `size` (H, W)."""
    levels = (np.nan_to_num(output[0, 0]).clip(0, 1) * 255).round().astype(np.uint8)
    enlarged = cv2.resize(levels, size[::-1], interpolation=cv2.INTER_NEAREST)
    return np.repeat(enlarged[:, :, None], 3, axis=2).astype(np.uint8)
