"""Spaces that a recognizer sees and does not write, recovered from what it computed and from the picture.

A recognizer may know of a space and yet prefer the blank in every step. Between two characters three things
speak for a space, and a logistic function weighs them:

    log_probability  log10 of the space class's probability, summed over the steps from the start of one
                     character to the start of the next; below a limit it says nothing
    gap              how much more empty paper there is between them than between most neighbours of the line,
                     in heights of the line
    pitch            distance of their first steps, as a multiple of the line's median distance

Its coefficients and thresholds are a `SpaceRule`, which a pipeline file carries; those of the default were
fitted by `benchmarks/fit_spaces.py` to lines rendered for that purpose. docs/ocr.md has the figures.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.ocr.ctc import Decoded
from snapml_ocr.ocr.dictionary import SPACE
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.plan.space_rule import SpaceRule

EDGE = 0.1
"""Part of the height left out above and below, where neighbouring lines and frames lie."""

PAPER, INK = 0.02, 0.8
"""Quantiles of the columns' contrast taken for empty paper and for ink."""

MIN_CONTRAST = 5
"""Grey values by which ink must differ from paper, so that noise on an empty crop is no ink."""


def insert_spaces(
    decoded: Decoded,
    space: NDArray[np.float32],
    grey: Pixels,
    columns_per_step: float,
    rule: SpaceRule,
) -> Decoded:
    """Return `decoded` with the spaces added that are likely; their probability is their confidence.

    `space` is the (T,) float32 probability of the space in each step, `grey` the (H, W) uint8 line as the
    recognizer saw it. Spaces that the recognizer wrote stay as they are, and none is added beside them.
    Scripts that are written without spaces get none.
    """
    seen = [index for index, character in enumerate(decoded.text) if character != SPACE]
    text, confidences = list(decoded.text), list(decoded.confidences)
    starts, ends = list(decoded.starts), list(decoded.ends)
    evidence = gap_evidence([starts[index] for index in seen], space, grey, columns_per_step, rule)
    chances = space_probabilities(evidence, rule)
    for left, right, chance in reversed(list(zip(seen, seen[1:], chances, strict=False))):
        is_written = right - left > 1
        if is_written or chance < rule.likely or _unspaced(text[left]) or _unspaced(text[right]):
            continue
        text.insert(right, SPACE)
        confidences.insert(right, float(chance))
        middle = (ends[left] + starts[right]) // 2
        starts.insert(right, middle)
        ends.insert(right, middle)
    return replace(
        decoded,
        text="".join(text),
        confidences=tuple(confidences),
        starts=tuple(starts),
        ends=tuple(ends),
    )


def gap_evidence(
    starts: Sequence[int],
    space: NDArray[np.float32],
    grey: Pixels,
    columns_per_step: float,
    rule: SpaceRule,
) -> NDArray[np.float64]:
    """Return the (N - 1, 3) evidence of the gaps between N characters: log probability, gap and pitch.

    `starts` are the characters' first steps, `space` the (T,) probability of the space in each step.
    """
    steps = np.asarray(starts, np.int64)
    if len(steps) < 2:
        return np.zeros((0, 3))
    height, width = grey.shape
    # Differences of running sums are the sums between two characters.
    believed = np.concatenate([[0.0], np.cumsum(space, dtype=np.float64)])[steps]
    columns = np.clip(np.floor((steps + 0.5) * columns_per_step).astype(int), 0, width)
    paper = np.concatenate([[0.0], np.cumsum(_emptiness(grey))])[columns]
    gaps, distances = np.diff(paper) / height, np.diff(steps)
    return np.stack(
        [
            np.log10(np.maximum(np.diff(believed), 10.0**rule.silence)),
            gaps - np.median(gaps),
            distances / max(1.0, float(np.median(distances))),
        ],
        axis=1,
    )


def space_probabilities(evidence: NDArray[np.float64], rule: SpaceRule) -> NDArray[np.float64]:
    """Return the (N,) probability that there is a space, for (N, 3) evidence."""
    weights = np.array([rule.log_probability, rule.gap, rule.pitch])
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-(evidence @ weights + rule.constant)))
    return chance


def _emptiness(grey: Pixels) -> NDArray[np.float64]:
    """Return how empty each column of a (H, W) line is: 1 for paper, 0 for ink, (1 - ink)^2 between."""
    edge = int(EDGE * grey.shape[0])
    inner = grey[edge : grey.shape[0] - edge]
    contrast = inner.max(axis=0).astype(np.float64) - inner.min(axis=0)
    ordered = np.sort(contrast)
    paper, ink = (float(ordered[int(part * (len(ordered) - 1))]) for part in (PAPER, INK))
    emptiness: NDArray[np.float64] = 1 - np.clip((contrast - paper) / (ink - paper + MIN_CONTRAST), 0, 1)
    return emptiness**2


def _unspaced(character: str) -> bool:
    """Whether a character is of East Asian writing, in which words follow one another without spaces."""
    return (
        0x2E80 <= ord(character) <= 0x9FFF or 0xF900 <= ord(character) <= 0xFFEF or ord(character) > 0x1FFFF
    )
