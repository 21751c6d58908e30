"""What every rewrite rule has: an explanation, a pattern, a condition that may refuse, a replacement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import onnx_ir as ir
from onnxscript.rewriter.pattern import RewriteRuleClassBase

from snapml_ocr.snapml.options import FixOptions

NOTHING_TO_DO = ""
"""The refusal of a node that already has the wanted form; it is not reported."""


@dataclass(frozen=True)
class Explanation:
    """A rule in words; `docs/snapml.md` is made of these."""

    title: str
    before: str
    after: str
    why: str
    evidence: str
    exactness: str
    bound: float = 0.0
    """Largest error of an approximation; 0 for what is exact in real arithmetic."""


class Rule(RewriteRuleClassBase):  # type: ignore[misc]
    """A pattern rule; subclasses give `explanation`, `pattern`, `check` and `rewrite`."""

    explanation: ClassVar[Explanation]

    def __init__(self, options: FixOptions, name: str, root: str) -> None:
        """`root` is the operator of the last node of the pattern, the only one it is tried at."""
        super().__init__(name=name)
        self.options = options
        self.root = root


class NodeRule:
    """A rule about single nodes of some operators; what such a node alone needed goes when nothing reads it.

    Subclasses give `op_types`, `explanation` and `rewrite`.
    """

    op_types: ClassVar[tuple[str, ...]]
    explanation: ClassVar[Explanation]

    def __init__(self, options: FixOptions) -> None:
        self.options = options

    def rewrite(self, op: Any, node: ir.Node) -> ir.Value | Sequence[ir.Value] | str:
        """Return what takes the place of the outputs of `node`, `NOTHING_TO_DO`, or why it must stay."""
        reason = self.refusal(node)
        return self.replacement(op, node) if reason is None else reason

    def refusal(self, node: ir.Node) -> str | None:
        """Return None to rewrite `node`, `NOTHING_TO_DO`, or the reason why it must stay as it is."""
        raise TypeError(f"{type(self).__name__} has no refusal()")

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the value that takes the place of the output of `node`."""
        raise TypeError(f"{type(self).__name__} has no replacement()")
