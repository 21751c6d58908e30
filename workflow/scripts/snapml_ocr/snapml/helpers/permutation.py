"""Which axes of a transposition matter: unit axes do not, and neighbours that stay together are one."""

from collections.abc import Sequence
from dataclasses import dataclass

import onnx_ir as ir

from snapml_ocr.snapml.helpers.values import ints


@dataclass(frozen=True)
class Core:
    """A transposition reduced to what it does: sizes before, and the permutation of them."""

    sizes: tuple[int, ...]
    permutation: tuple[int, ...]

    @property
    def result(self) -> tuple[int, ...]:
        """The sizes after it."""
        return tuple(self.sizes[axis] for axis in self.permutation)


def core_of(shape: Sequence[int], permutation: Sequence[int]) -> Core:
    """Drop axes of size 1 and join axes that stay neighbours in the same order.

    (1, 40, 3, 8, 15) by (2, 0, 3, 1, 4) is (40, 24, 15) by (1, 0, 2): 3 and 8 stay together.
    """
    kept = [axis for axis in permutation if shape[axis] != 1]
    groups: list[list[int]] = []
    for axis in kept:
        follows = groups and all(shape[between] == 1 for between in range(groups[-1][-1] + 1, axis))
        if follows and groups[-1][-1] < axis:
            groups[-1].append(axis)
        else:
            groups.append([axis])
    by_position = sorted(groups)
    sizes = []
    for group in by_position:
        size = 1
        for axis in group:
            size *= shape[axis]
        sizes.append(size)
    return Core(tuple(sizes), tuple(by_position.index(group) for group in groups))


def without_units(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes that are not 1."""
    return tuple(size for size in shape if size != 1)


def permutation_of(node: ir.Node, rank: int) -> tuple[int, ...]:
    """Return the permutation; without one the axes are reversed (ONNX specification)."""
    return ints(node, "perm", tuple(reversed(range(rank))))


def is_layout_free(shape: Sequence[int]) -> bool:
    """Whether NCHW and NHWC memory have the same order of elements; ranks other than 4 have one layout."""
    return len(shape) != 4 or shape[1] == 1 or shape[2] * shape[3] == 1
