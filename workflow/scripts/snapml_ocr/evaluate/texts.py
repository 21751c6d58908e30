"""When two texts count as equal, and how far apart they are."""

from collections.abc import Callable

from rapidfuzz.distance import Levenshtein


def strict(text: str) -> str:
    """Every character counts."""
    return text


def alphanumeric(text: str) -> str:
    """Letters and digits of any script only, upper and lower case alike."""
    return "".join(character for character in text if character.isalnum()).casefold()


def without_spaces(text: str) -> str:
    """Everything but white space, as PaddleOCR compares by default."""
    return "".join(text.split())


COMPARISONS: dict[str, Callable[[str], str]] = {
    "strict": strict,
    "alphanumeric": alphanumeric,
    "without_spaces": without_spaces,
}
"""The names under which scores appear, and the form in which texts are compared."""


def similarity(truth: str, read: str) -> float:
    """1-NED of one pair: 1 - Levenshtein distance / length of the longer; 1.0 when both are empty."""
    return 1.0 - Levenshtein.normalized_distance(truth, read)
