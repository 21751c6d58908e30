"""Numbers as people read them: three significant digits, units, intervals."""

import math

UNKNOWN = "\u2013"
"""What stands for a value that is not known: an en dash."""
TIMES = "\u00d7"
"""The multiplication sign."""


def significant(value: float, digits: int = 3) -> str:
    """`value` with so many significant digits, without exponent between 1e-3 and 1e6."""
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if magnitude < -3 or magnitude >= 6:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{value:.{max(digits - 1 - magnitude, 0)}f}"


def milliseconds(value: float) -> str:
    """`12.3 ms`."""
    return f"{significant(value)} ms"


def megabytes(size_bytes: float) -> str:
    """Decimal megabytes, as Lens Studio and file managers count: `4.75 MB`."""
    return f"{size_bytes / 1e6:.2f} MB" if size_bytes < 1e8 else f"{size_bytes / 1e6:.0f} MB"


def millions(count: float) -> str:
    """`2 302 M` or `16.3 M`."""
    value = count / 1e6
    return f"{value:,.0f} M".replace(",", " ") if value >= 100 else f"{significant(value)} M"


def percent(share: float) -> str:
    """`83%`; one decimal below ten per cent."""
    return f"{share:.0%}" if abs(share) >= 0.1 or share == 0 else f"{share:.1%}"


def score(value: float) -> str:
    """A score between 0 and 1."""
    return f"{value:.3f}"


def interval(low: float, high: float) -> str:
    """`0.790 to 0.870`."""
    return f"{score(low)} to {score(high)}"


def times(ratio: float) -> str:
    """`0.23 x`: how many times as much."""
    return f"{significant(ratio)} {TIMES}"


def count_of(number: int, singular: str, plural: str = "") -> str:
    """`1 layer`, `2 layers`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
