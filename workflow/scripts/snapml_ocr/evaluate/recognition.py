"""Scores of reading crops of one line each: exact accuracy and 1-NED."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from snapml_ocr.evaluate.texts import COMPARISONS, alphanumeric, similarity


@dataclass(frozen=True)
class ReadCrop:
    """The score of one crop."""

    correct: dict[str, bool]
    """Whether the text is equal, by comparison (see `texts.COMPARISONS`)."""
    similarity: float
    """1-NED of the texts as they are."""
    similarity_alphanumeric: float
    """1-NED of the texts reduced to letters and digits, upper and lower case alike."""


def score_crop(truth: str, read: str) -> ReadCrop:
    """Score one crop that says `truth` and was read as `read`."""
    return ReadCrop(
        correct={name: form(truth) == form(read) for name, form in COMPARISONS.items()},
        similarity=similarity(truth, read),
        similarity_alphanumeric=similarity(alphanumeric(truth), alphanumeric(read)),
    )


def score_crops(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Mean scores of (truth, read) pairs: accuracy by comparison, `one_minus_ned`, also alphanumerically."""
    crops = [score_crop(truth, read) for truth, read in pairs]
    count = len(crops) or 1
    scores = {name: sum(crop.correct[name] for crop in crops) / count for name in COMPARISONS}
    scores["one_minus_ned"] = sum(crop.similarity for crop in crops) / count
    scores["one_minus_ned_alphanumeric"] = sum(crop.similarity_alphanumeric for crop in crops) / count
    return scores


def line_scores(truths: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """Strict and alphanumeric accuracy, and edits divided by the number of characters of the truths."""
    scores = score_crops(zip(truths, texts, strict=True))
    edits = sum(Levenshtein.distance(truth, text) for truth, text in zip(truths, texts, strict=True))
    return {
        "character_error_rate": edits / max(1, sum(map(len, truths))),
        "strict": scores["strict"],
        "alphanumeric": scores["alphanumeric"],
    }
