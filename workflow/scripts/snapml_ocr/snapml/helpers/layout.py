"""Which shapes look the same in NCHW and NHWC memory."""

from collections.abc import Sequence


def is_layout_free(shape: Sequence[int]) -> bool:
    """Whether both layouts put the elements in the same order; other ranks than 4 have one layout."""
    return len(shape) != 4 or shape[1] == 1 or shape[2] * shape[3] == 1
