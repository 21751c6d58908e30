"""How much of a Lens a pipeline takes: the one answer that gates, report and bundle give."""

from collections.abc import Mapping
from typing import Any

LENS_MEGABYTES = 10.0
"""All SnapML assets of one Lens together (Lens Studio documentation, ML Component Overview)."""


def stored_megabytes(compatibility: Mapping[str, Mapping[str, Any]]) -> float:
    """Megabytes as Lens Studio stores them of one shape of each model, its largest.

    `compatibility` holds the content of compat.json files by `{model}_{H}x{W}`. More shapes of a model in one
    Lens cost their size each.
    """
    largest: dict[str, float] = {}
    for subject, document in compatibility.items():
        model = subject.rpartition("_")[0]
        largest[model] = max(largest.get(model, 0.0), float(document["size"]["stored_megabytes"]))
    return sum(largest.values())
