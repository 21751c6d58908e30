"""Building nodes outside of a pattern rule, in the same words: `op.Relu(x)`."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import onnx_ir as ir
from onnx_ir.tape import Tape


class NodeBuilder:
    """Collects nodes and initializers; what is built is put into a graph by `passes.insert_nodes`."""

    def __init__(self) -> None:
        self._tape = Tape()

    def __getattr__(self, operator: str) -> Callable[..., Any]:
        return partial(self.op, operator)

    def op(self, operator: str, *inputs: ir.Value | None, **attributes: Any) -> Any:
        """Build one node; return its output, or all of them when `_outputs=` asks for more than one.

        `_domain=` names another domain than ONNX's own.
        """
        count, domain = attributes.pop("_outputs", 1), attributes.pop("_domain", "")
        if count == 1:
            return self._tape.op(operator, inputs, attributes, domain=domain)
        return self._tape.op_multi_out(operator, inputs, attributes, num_outputs=count)

    def initializer(self, tensor: ir.TensorProtocol, name: str) -> ir.Value:
        """Return a constant."""
        return self._tape.initializer(tensor, name)

    @property
    def nodes(self) -> Sequence[ir.Node]:
        """The nodes built so far."""
        return self._tape.nodes

    @property
    def initializers(self) -> Sequence[ir.Value]:
        """The constants made so far."""
        return self._tape.initializers
