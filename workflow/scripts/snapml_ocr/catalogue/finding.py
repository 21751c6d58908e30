"""What was found about a model, each with the evidence it rests on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from snapml_ocr.errors import UserError


@dataclass(frozen=True)
class Finding:
    """One line of the table that people read: what, its value, and how it is known."""

    what: str
    value: str
    how: str
    assumed: bool = False
    """Whether the files do not say it, so that a person has to know better."""


def as_table(findings: Sequence[Finding]) -> str:
    """Lay findings out in columns; assumptions are marked."""
    rows = [(one.what, one.value, f"{'ASSUMED: ' if one.assumed else ''}{one.how}") for one in findings]
    table: str = tabulate(rows, ("what", "value", "how it is known"), tablefmt="plain", disable_numparse=True)
    return table


Ask = Callable[[str, str, str], str]
"""Answers a question: (question, default answer, flag that answers it on the command line)."""


def ask_nobody(question: str, default: str, flag: str) -> str:
    """Refuse a question where nobody can answer it."""
    hint = f" (for example {default})" if default else ""
    raise UserError(f"{question.rstrip('?')}? The files do not tell; say {flag}{hint}")


def ask_terminal(question: str, default: str, flag: str) -> str:
    """Ask at the terminal; an empty answer takes the default. Raises `UserError` without either."""
    shown = f" [{default}]" if default else ""
    try:
        answer = input(f"{question}{shown} ({flag}): ").strip() or default
    except EOFError:  # Ctrl-D
        answer = ""
    if not answer:
        raise UserError(f"no answer; run it again with {flag}")
    return answer
