"""What every rewrite rule has: an explanation, a pattern, a condition that may refuse, a replacement."""

from dataclasses import dataclass
from typing import Any, ClassVar

import onnx_ir as ir
from onnxscript.rewriter.pattern import MatchResult, RewriteRuleClassBase

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


class Rule(RewriteRuleClassBase):  # type: ignore[misc]
    """A pattern rule; subclasses give `explanation`, `pattern`, `check` and `rewrite`."""

    explanation: ClassVar[Explanation]

    def __init__(self, options: FixOptions, name: str, root: str) -> None:
        """`root` is the operator of the last node of the pattern, the only one it is tried at."""
        super().__init__(name=name)
        self.options = options
        self.root = root


class NodeRule(Rule):
    """A rule whose pattern is one node of a given operator.

    Subclasses give `op_types` and the two methods below.
    """

    op_types: ClassVar[tuple[str, ...]]

    def __init__(self, options: FixOptions, name: str, op_type: str) -> None:
        super().__init__(options, name, op_type)

    def refusal(self, node: ir.Node) -> str | None:
        """Return None to rewrite `node`, `NOTHING_TO_DO`, or the reason why it must stay as it is."""
        raise TypeError(f"{type(self).__name__} has no refusal()")

    def replacement(self, op: Any, node: ir.Node) -> ir.Value:
        """Return the value that takes the place of the output of `node`."""
        raise TypeError(f"{type(self).__name__} has no replacement()")

    def pattern(self, op: Any, x: Any) -> Any:
        """Match the operator whatever its other inputs and attributes are."""
        operator = getattr(op, self.root)
        return operator(x, _allow_other_inputs=True, _allow_other_attributes=True, _outputs=["result"])

    def check(self, context: Any, x: ir.Value, result: ir.Value) -> MatchResult:
        """Ask `refusal`."""
        outcome = MatchResult()
        reason = self.refusal(_producer(result))
        return outcome if reason is None else outcome.fail(reason)

    def rewrite(self, op: Any, x: ir.Value, result: ir.Value) -> ir.Value:
        """Ask `replacement`."""
        return self.replacement(op, _producer(result))


def _producer(value: ir.Value) -> ir.Node:
    node = value.producer()
    assert node is not None  # a matched value always has one
    return node
