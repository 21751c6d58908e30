"""An ONNX recognizer as a Paddle program: the same graph, its weights parameters that can be trained."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np
import onnx
import paddle
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import opset_of
from snapml_ocr.training.paddle_operators import OPERATORS, Value, tensor

Floats = NDArray[np.float32]

LEARNED_INPUTS = {
    "Add": (0, 1),
    "BatchNormalization": (1, 2),  # not the statistics, which are frozen
    "Conv": (1, 2),
    "Div": (0, 1),
    "Gemm": (0, 1, 2),
    "LSTM": (1, 2, 3),
    "LayerNormalization": (1, 2),
    "MatMul": (0, 1),
    "Mul": (0, 1),
    "Sub": (0, 1),
}
"""Inputs at which a constant is a weight."""

LAYOUT = frozenset({"Concat", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"})
"""A constant that goes through these is still the weight that the exporter found in the Paddle model."""

_numbers = count()

SOFTMAX = frozenset({"LogSoftmax", "Softmax"})


class Interpreter:
    """A model whose float weights are Paddle parameters named as in the file, at any batch and width.

    Weights are the constants of more than one element that reach a learned input: numbers such as the 6 of
    a ReLU6, initial states of an LSTM and the statistics of a batch normalization stay as they are.
    """

    def __init__(self, model: onnx.ModelProto, label: str) -> None:
        """Raises `UserError` that begins with `label` and names the operators without a counterpart."""
        self._model, self._label = model, label
        self._opset = opset_of(model)
        constants = dict(_constants(model.graph))
        self._nodes: list[Any] = [node for node in model.graph.node if node.op_type != "Constant"]
        missing = sorted({node.op_type for node in self._nodes} - set(OPERATORS) - {"Shape"})
        if missing:
            raise UserError(
                f"{label}: cannot be trained: Paddle has no counterpart of {', '.join(missing)} here"
            )
        self._attributes = [
            {"opset": self._opset, **{one.name: helper.get_attribute_value(one) for one in node.attribute}}
            for node in self._nodes
        ]
        self._onnx: dict[int, ReferenceEvaluator] = {}
        self._plans: dict[tuple[frozenset[str], str], list[int]] = {}
        learned = _learned(self._nodes)
        self.parameters: dict[str, Any] = {}
        self._fixed: dict[str, Value] = {}
        for name in sorted(constants):
            array = constants[name]
            if name in learned and array.dtype == np.float32 and array.size > 1:
                self.parameters[name] = paddle.create_parameter(
                    array.shape,
                    "float32",
                    name=f"p{next(_numbers)}",  # Paddle wants names that no other program in the process has
                    default_initializer=paddle.nn.initializer.Assign(array),
                )
            else:
                self._fixed[name] = array
        self.input: str = next(one.name for one in model.graph.input if one.name not in constants)
        self.output = model.graph.output[0].name
        last = self._maker(self.output)
        while last.op_type == "Identity" and last.input[0] != self.input:
            last = self._maker(last.input[0])
        self.ends_in_softmax = last.op_type in SOFTMAX
        self.scores = last.input[0] if self.ends_in_softmax else self.output
        """The tensor before the last softmax, from which the loss is computed."""

    def run(self, values: Mapping[str, Any], wanted: str) -> Any:
        """Return the Paddle tensor `wanted`, computed from the tensors in `values` and the weights.

        Only what lies between is computed, so `values` may hold features in place of the model's input.
        """
        known: dict[str, Value] = {"": None, **self._fixed, **self.parameters, **values}
        needed = self._needed(frozenset(values), wanted)
        last_use = {name: index for index in needed for name in self._nodes[index].input}
        for index in needed:
            node = self._nodes[index]
            inputs = [known[name] for name in node.input]
            try:
                self._compute(index, inputs, known)
            except UserError as error:
                raise UserError(
                    f"{self._label}: cannot be trained: {node.name or node.op_type}: {error}"
                ) from None
            _forget(known, node, last_use, index)
        return tensor(known[wanted])

    def _compute(self, index: int, inputs: list[Value], known: dict[str, Value]) -> None:
        node = self._nodes[index]
        if node.op_type == "Shape":
            known[node.output[0]] = np.array(inputs[0].shape, np.int64)
        elif all(one is None or isinstance(one, np.ndarray) for one in inputs):
            if index not in self._onnx:
                single = helper.make_graph(
                    [node],
                    "one",
                    [helper.make_value_info(name, onnx.TypeProto()) for name in node.input if name],
                    [helper.make_value_info(node.output[0], onnx.TypeProto())],
                )
                opsets = [helper.make_opsetid("", self._opset)]
                self._onnx[index] = ReferenceEvaluator(helper.make_model(single, opset_imports=opsets))
            feeds = {name: one for name, one in zip(node.input, inputs, strict=True) if name}
            (known[node.output[0]],) = self._onnx[index].run(None, feeds)
        else:
            known[node.output[0]] = OPERATORS[node.op_type](self._attributes[index], *inputs)

    def _needed(self, given: frozenset[str], wanted: str) -> list[int]:
        """Positions of the nodes between the tensors `given` and `wanted`, in order."""
        key = (given, wanted)
        if key not in self._plans:
            needed, waiting = [], {wanted} - given
            for index in range(len(self._nodes) - 1, -1, -1):
                node = self._nodes[index]
                if waiting.intersection(node.output):
                    needed.append(index)
                    waiting |= set(node.input) - given
            if self.input in waiting:
                raise UserError(f"{self._label}: {wanted} depends on more than {', '.join(sorted(given))}")
            self._plans[key] = needed[::-1]
        return self._plans[key]

    def features(self, height: int, width: int) -> str:
        """Return the tensor where the sequence part begins: the last before the height was pooled away.

        It is the first tensor of height 1 (or of rank 3) through which everything passes. The model's input
        where there is none.
        """
        with paddle.no_grad():
            image = paddle.zeros([1, 3, height, width])
            known: dict[str, Value] = {"": None, **self._fixed, **self.parameters, self.input: image}
            last_use = {name: index for index, node in enumerate(self._nodes) for name in node.input}
            live = {self.input}
            for index, node in enumerate(self._nodes):
                self._compute(index, [known[name] for name in node.input], known)
                if any(name in live for name in node.input):
                    live.add(node.output[0])
                live = {name for name in live if last_use.get(name, -1) > index}
                _forget(known, node, last_use, index)
                value = known[node.output[0]]
                if live == {node.output[0]} and not isinstance(value, np.ndarray):
                    shape = value.shape
                    if len(shape) == 3 or (len(shape) == 4 and shape[2] == 1 and shape[3] > 1):
                        return str(node.output[0])
        return self.input

    def behind(self, start: str, wanted: str) -> list[str]:
        """Return the names of the parameters between two tensors, sorted."""
        nodes = [self._nodes[index] for index in self._needed(frozenset({start}), wanted)]
        return sorted({name for node in nodes for name in node.input} & set(self.parameters))

    def head(self) -> str:
        """Return the tensor that the last matrix product is fed."""
        name: str = self.scores
        is_product = False
        while not is_product:
            node = self._maker(name)
            is_product = node.op_type in {"Conv", "Gemm", "MatMul"}
            name = next(one for one in node.input if one not in self.parameters and one not in self._fixed)
        return name

    def has(self, operator: str) -> bool:
        """Whether the model has a node of this operator type."""
        return any(node.op_type == operator for node in self._nodes)

    def weights(self) -> dict[str, Floats]:
        """Return a copy of every parameter by name."""
        return {name: np.array(value.numpy()) for name, value in self.parameters.items()}

    def load(self, weights: Mapping[str, Floats]) -> None:
        """Set parameters by name."""
        for name, array in weights.items():
            self.parameters[name].set_value(array)

    def _maker(self, name: str) -> Any:
        for node in self._nodes:
            if name in node.output:
                return node
        raise UserError(f"{self._label}: no node makes {name!r}, the end of a recognizer")


def _forget(known: dict[str, Value], node: onnx.NodeProto, last_use: Mapping[str, int], index: int) -> None:
    """Drop the inputs that no later node is fed: all values of a model at once take hundreds of megabytes."""
    for name in set(node.input):
        if last_use[name] == index:
            del known[name]


def with_weights(model: onnx.ModelProto, weights: Mapping[str, Floats]) -> onnx.ModelProto:
    """Return a copy of `model` with other values for the constants in `weights`; all else stays."""
    trained = onnx.ModelProto()
    trained.CopyFrom(model)
    for name, holder in _tensors(trained.graph):
        if name in weights:
            old = numpy_helper.to_array(holder)
            new = numpy_helper.from_array(np.ascontiguousarray(weights[name].reshape(old.shape)), holder.name)
            holder.CopyFrom(new)
    return trained


def constants_of(model: onnx.ModelProto) -> dict[str, Floats]:
    """Return the float32 constants of a model by name."""
    return {name: array for name, array in _constants(model.graph) if array.dtype == np.float32}


def _tensors(graph: onnx.GraphProto) -> Iterator[tuple[str, onnx.TensorProto]]:
    for one in graph.initializer:
        yield one.name, one
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            yield node.output[0], node.attribute[0].t


def _constants(graph: onnx.GraphProto) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, holder in _tensors(graph):
        yield name, numpy_helper.to_array(holder)
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name != "value":
            value = helper.get_attribute_value(node.attribute[0])
            yield node.output[0], np.array(value, np.float32 if "float" in node.attribute[0].name else None)


def _learned(nodes: Iterable[onnx.NodeProto]) -> set[str]:
    """Names of tensors that reach a learned input, through nothing but changes of layout."""
    learned: set[str] = set()
    for node in reversed(list(nodes)):
        places: Iterable[int] = LEARNED_INPUTS.get(node.op_type, ())
        if node.op_type in LAYOUT and node.output[0] in learned:
            places = range(len(node.input))
        learned |= {node.input[place] for place in places if place < len(node.input)}
    return learned
