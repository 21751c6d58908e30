"""What decides on spaces that a recognizer saw and did not write: see `snapml_ocr.ocr.spaces`.

The defaults were fitted and chosen by `benchmarks/fit_spaces.py`.
"""

from pydantic import Field

from snapml_ocr.plan.document import Document, Share

TRAINED_LIKELY = 0.95
"""`likely` of recognizers that were trained on lines: labels have taught them to write spaces themselves, and
of those that the rule would add at 0.6 most are false (docs/training.md)."""


class SpaceRule(Document):
    """Coefficients of a logistic function of the evidence between two characters, and its thresholds."""

    log_probability: float = Field(
        1.79, description="weight of log10 of the space's probability, summed from one character to the next"
    )
    gap: float = Field(18.65, description="weight of the empty paper above the line's median, in heights")
    pitch: float = Field(1.66, description="weight of the distance, as a multiple of the line's median")
    constant: float = Field(-0.47, description="the constant term")
    silence: float = Field(
        -4.0, le=0, description="least log10 of a probability: recognizers differ in how small they make it"
    )
    likely: Share = Field(0.6, description="probability from which a space is inserted")
