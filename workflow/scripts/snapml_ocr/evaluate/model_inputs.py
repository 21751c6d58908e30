"""Real inputs of a model, kept as an artifact: every stage is run on these very tensors.

An archive holds `pixels` (N, H, W, 3) uint8 BGR before normalisation and `lengths` (N,) int64, the columns
that are filled from the left; columns after them are zero after normalisation. Its `meta` is `{"task",
"height", "width", "normalisation", "samples": [{"image", "words": [{"outline", "text", "ignore"}]}]}`, with
outlines in pixels of the input; a crop has one word without outline.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.arrays import Arrays, write_arrays
from snapml_ocr.ocr.normalisation import Normalisation

Tensor: TypeAlias = NDArray[np.float32]
Pixels: TypeAlias = NDArray[np.uint8]


class ModelInputs:
    """Opens such an archive; the pixels are in memory, tensors are made one at a time."""

    def __init__(self, path: Path) -> None:
        archive = Arrays(path)
        try:
            self.task: str = archive.meta["task"]
            self.height: int = archive.meta["height"]
            self.width: int = archive.meta["width"]
            self.samples: list[dict[str, Any]] = archive.meta["samples"]
            self._normalisation = _normalisation(archive.meta["normalisation"])
        except (KeyError, TypeError):
            raise UserError(f"{path}: not an archive of model inputs; make it with make_inputs.py") from None
        self._pixels: Pixels = archive["pixels"]
        self._lengths: NDArray[np.int64] = archive["lengths"]
        if not len(self._pixels) == len(self._lengths) == len(self.samples) > 0:
            raise UserError(f"{path}: holds {len(self._pixels)} inputs for {len(self.samples)} samples")

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    def tensor(self, index: int) -> Tensor:
        """Input number `index` as the model takes it, (1, 3, H, W) float32."""
        tensor = self._normalisation.tensor(self._pixels[index])
        tensor[..., self._lengths[index] :] = 0.0
        return tensor

    def picture(self, index: int) -> Pixels:
        """Input number `index` to look at, (H, W, 3) uint8 BGR."""
        picture: Pixels = self._pixels[index]
        return picture


def write_inputs(
    path: Path,
    *,
    task: str,
    normalisation: Normalisation,
    pixels: Sequence[Pixels],
    lengths: Sequence[int],
    samples: Sequence[dict[str, Any]],
) -> None:
    """Write an archive of at least one input, all of one shape."""
    height, width = pixels[0].shape[:2]
    meta = {
        "task": task,
        "height": height,
        "width": width,
        "normalisation": {
            "mean": list(normalisation.mean),
            "std": list(normalisation.std),
            "channel_order": normalisation.channel_order,
        },
        "samples": list(samples),
    }
    write_arrays(path, {"pixels": np.stack(pixels), "lengths": np.asarray(lengths, np.int64)}, meta)


def _normalisation(document: dict[str, Any]) -> Normalisation:
    return Normalisation(tuple(document["mean"]), tuple(document["std"]), document["channel_order"])
