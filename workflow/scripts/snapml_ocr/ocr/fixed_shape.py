"""A model together with the one input shape it is run at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.steps import MODEL, step
from snapml_ocr.runtime.model import RunnableModel, open_model


@dataclass(frozen=True)
class FixedShapeModel:
    """An opened model and the height and width of its input, in pixels."""

    model: RunnableModel
    height: int
    width: int
    path: Path

    @step(MODEL)
    def run(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the first output for a (1, 3, height, width) float32 tensor."""
        return self.model.run(tensor)


def open_at_shapes(
    paths: Sequence[Path], shapes: Sequence[tuple[int, int]], *, threads: int, default: tuple[int, int]
) -> list[FixedShapeModel]:
    """Open each model once and pair it with the (height, width) shapes it runs at, smallest area first.

    A fixed-shape model runs at its own shape and `shapes` must not contradict it; a dynamic one runs at
    every shape of `shapes` that it takes, or at `default` (its own height, where that is fixed) when
    there are none. Raises `UserError` for shapes that no model takes.
    """
    opened = [(path, open_model(path, threads=threads)) for path in paths]
    found: list[FixedShapeModel] = []
    for path, model in opened:
        _require_image_input(model, path)
        height, width = model.input_shape[2:]
        if height is not None and width is not None:
            wanted = [(height, width)] if not shapes or (height, width) in shapes else []
        elif shapes:
            wanted = [s for s in shapes if height in {None, s[0]} and width in {None, s[1]}]
        else:
            wanted = [(height or default[0], width or default[1])]
        found += [FixedShapeModel(model, *shape, path) for shape in wanted]
    unused = [shape for shape in shapes if shape not in {(one.height, one.width) for one in found}]
    if unused:
        given = ", ".join(f"{path.name} {_shape_text(model)}" for path, model in opened)
        raise UserError(f"shape {unused[0][0]}x{unused[0][1]}: no given model takes it ({given})")
    return sorted(found, key=lambda one: (one.height * one.width, one.height))


def _require_image_input(model: RunnableModel, path: Path) -> None:
    shape = model.input_shape
    if len(shape) != 4 or shape[0] not in {None, 1} or shape[1] not in {None, 3}:
        raise UserError(f"{path}: input {_shape_text(model)}, expected one colour image, 1x3xHEIGHTxWIDTH")


def _shape_text(model: RunnableModel) -> str:
    return "x".join("?" if size is None else str(size) for size in model.input_shape)
