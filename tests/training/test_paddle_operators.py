"""Every operator gives in Paddle what ONNX Runtime gives, and gradients that finite differences confirm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from training_runs import in_paddle

from snapml_ocr.runtime.feeds import OpenedModel

Floats = NDArray[np.float32]

STEP = 4e-3
DIRECTIONS = 3


@dataclass(frozen=True)
class Case:
    """One node, its data input's shape, its weights, and what else it is fed."""

    operator: str
    shape: tuple[int, ...] = (2, 4, 6, 8)
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    opset: int = 11
    inputs: tuple[str, ...] = ()
    outputs: int = 1

    @property
    def name(self) -> str:
        told = "-".join(f"{key}_{value}" for key, value in self.attributes.items())
        return "".join(c if c.isalnum() or c in "-_" else "" for c in f"{self.operator}-{self.opset}-{told}")[
            :90
        ]


def lstm(**attributes: Any) -> Case:
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    weights = {"w": (directions, 12, 4), "r": (directions, 12, 3), "b": (directions, 24)}
    return Case("LSTM", (5, 2, 4), weights, attributes={"hidden_size": 3, **attributes})


def integers(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


WINDOW = {"kernel_shape": [3, 2], "strides": [2, 1]}
NORM = {"scale": (4,), "bias": (4,)}
STATISTICS = {"mean": np.linspace(-1, 1, 4), "variance": np.linspace(0.5, 2, 4)}
CASES = [
    *(Case(name) for name in ("Abs", "Erf", "Exp", "Identity", "LeakyRelu", "Neg", "Relu", "Sigmoid")),
    *(Case(name) for name in ("Softplus", "Tanh", "Elu", "GlobalAveragePool")),
    Case("HardSwish", opset=14),
    Case("Gelu", opset=20),
    Case("Gelu", attributes={"approximate": "tanh"}, opset=20),
    *(Case(name, weights={"w": (4, 1, 1)}) for name in ("Add", "Mul", "Sub")),
    Case("Div", fixed={"w": np.full((4, 1, 1), 1.7)}),
    Case("Pow", fixed={"w": np.full((1,), 2.0)}),
    Case("Sqrt", attributes={}),
    Case("Reciprocal"),
    Case("BatchNormalization", weights=NORM, fixed=STATISTICS, attributes={"epsilon": 1e-3}),
    Case("LayerNormalization", (2, 5, 4), NORM, attributes={"axis": -1}, opset=17),
    Case("Cast", attributes={"to": 1}),
    Case("Clip", fixed={"low": np.float32(-0.5082), "high": np.float32(0.8988)}),
    Case("Clip", attributes={"min": -0.5082, "max": 0.8988}, opset=9),
    Case("Concat", weights={}, inputs=("x", "x"), attributes={"axis": 1}),
    Case(
        "Conv", weights={"w": (6, 4, 3, 3), "b": (6,)}, attributes={"pads": [1, 0, 1, 2], "strides": [2, 1]}
    ),
    Case("Conv", weights={"w": (4, 1, 3, 3)}, attributes={"group": 4, "dilations": [1, 2]}),
    Case("Conv", weights={"w": (6, 4, 3, 3)}, attributes={"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    Case("Conv", weights={"w": (6, 4, 2, 2)}, attributes={"auto_pad": "SAME_LOWER"}),
    Case("Conv", (2, 4, 9), {"w": (6, 4, 3), "b": (6,)}, attributes={"pads": [1, 1]}),
    Case("MaxPool", attributes=WINDOW),
    Case("MaxPool", attributes={**WINDOW, "pads": [1, 0, 1, 1]}),
    Case("MaxPool", attributes={**WINDOW, "auto_pad": "SAME_UPPER"}),
    Case("AveragePool", attributes={**WINDOW, "pads": [1, 0, 1, 1]}),
    Case("AveragePool", attributes={**WINDOW, "pads": [1, 0, 1, 1], "count_include_pad": 1}),
    Case("AveragePool", attributes={**WINDOW, "ceil_mode": 1}),
    Case("Dropout"),
    Case("Expand", (2, 1, 3), fixed={"shape": integers(2, 4, 3)}),
    Case("Flatten", attributes={"axis": 2}),
    Case("Gather", fixed={"indices": integers(2, 0, -1)}, attributes={"axis": 1}),
    Case("Gemm", (5, 4), {"w": (3, 4), "b": (3,)}, attributes={"transB": 1, "alpha": 0.5, "beta": 2.0}),
    Case("HardSigmoid"),
    Case("HardSigmoid", attributes={"alpha": 0.1666667}),
    lstm(),
    lstm(direction="bidirectional"),
    Case("MatMul", (2, 5, 4), {"w": (4, 3)}),
    Case("ReduceMean", attributes={"axes": [-1]}),
    Case("ReduceMean", fixed={"axes": integers(2, 3)}, attributes={"keepdims": 0}, opset=18),
    Case("ReduceSum", fixed={"axes": integers(1)}, opset=13),
    Case("Reshape", fixed={"shape": integers(0, -1, 8)}),
    Case(
        "Slice",
        fixed={
            name: integers(*v)
            for name, v in {"starts": (1, -1), "ends": (99, -99), "axes": (2, 3), "steps": (2, -3)}.items()
        },
    ),
    Case("Slice", attributes={"starts": [1], "ends": [-1], "axes": [1]}, opset=9),
    Case("Softmax", attributes={"axis": 2}, shape=(2, 3, 4)),
    Case("Softmax", attributes={"axis": 1}, shape=(2, 3, 4)),
    Case("Softmax", attributes={"axis": 1}, shape=(2, 3, 4), opset=13),
    Case("LogSoftmax", attributes={"axis": -1}, shape=(2, 3, 4), opset=13),
    Case("Squeeze", (2, 4, 1, 8), attributes={"axes": [2]}),
    Case("Squeeze", (2, 4, 1, 8), fixed={"axes": integers(2)}, opset=13),
    Case("Tile", (2, 1, 3), fixed={"repeats": integers(1, 3, 2)}),
    Case("Transpose", attributes={"perm": [0, 2, 3, 1]}),
    Case("Unsqueeze", attributes={"axes": [1, -1]}, shape=(2, 3)),
    Case("Unsqueeze", fixed={"axes": integers(0, 2)}, shape=(2, 3), opset=13),
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything run in Paddle at once, since starting it takes longer than all cases."""
    folder = tmp_path_factory.mktemp("operators")
    for number, case in enumerate(CASES):
        arrays = arrays_of(case)
        onnx.save(model_of(case, arrays, as_inputs=False), folder / f"{number}.onnx")
        output = run(case, arrays)
        np.savez(folder / f"{number}.npz", input=arrays["x"], weight=weight_of(output.shape))
    done = in_paddle(Path(__file__).with_name("differentiate.py"), folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_operator_and_its_gradients_are_those_of_onnx(results: Path, number: int) -> None:
    case, found = CASES[number], np.load(results / f"{number}.result.npz")
    arrays = arrays_of(case)
    expected = run(case, arrays)
    assert np.abs(found["output"] - expected).max() <= 1e-5
    weight = weight_of(expected.shape)
    rng = np.random.default_rng(7)
    for name in ("x", *case.weights):
        gradient = found[f"gradient.{name}"]
        for _ in range(DIRECTIONS):
            direction = rng.choice([-1.0, 1.0], arrays[name].shape).astype(np.float32)
            higher, lower = (
                (run(case, {**arrays, name: arrays[name] + sign * STEP * direction}) * weight).sum(
                    dtype=float
                )
                for sign in (1, -1)
            )
            slope = (higher - lower) / (2 * STEP)
            assert (gradient * direction).sum() == pytest.approx(slope, rel=0.01, abs=0.02)


def test_every_operator_has_a_case(results: Path) -> None:
    known = json.loads((results / "operators.json").read_text())
    assert set(known) == {case.operator for case in CASES}


def arrays_of(case: Case) -> dict[str, Floats]:
    """Values that are farther than a step from each other and from where operators have kinks."""
    rng = np.random.default_rng(len(case.name))
    arrays = {}
    for name, shape in {"x": case.shape, **case.weights}.items():
        count = int(np.prod(shape))
        values = (rng.permutation(count) - count / 2 + 0.4) * max(0.021, 3.0 / count)
        if case.operator in {"Sqrt", "Reciprocal", "Pow"}:
            values = np.abs(values) + 0.5
        if case.operator in {"Exp", "LSTM", "Conv", "Gemm", "MatMul"}:
            values /= 4
        arrays[name] = values.reshape(shape).astype(np.float32)
    return arrays


def weight_of(shape: tuple[int, ...]) -> Floats:
    return np.random.default_rng(3).uniform(-1, 1, shape).astype(np.float32)


def run(case: Case, arrays: Mapping[str, Floats]) -> Floats:
    key = case.name + str(case.shape) + str(sorted(case.fixed)) + str(sorted(case.weights))
    if key not in _opened:
        _opened[key] = OpenedModel(model_of(case, arrays, as_inputs=True))
    output: Floats = next(iter(_opened[key].run(arrays).values()))
    return output


_opened: dict[str, OpenedModel] = {}


def model_of(case: Case, arrays: Mapping[str, Floats], *, as_inputs: bool) -> onnx.ModelProto:
    """The node alone; its weights are inputs for ONNX Runtime and initializers for Paddle."""
    fixed = {
        name: numpy_helper.from_array(
            value if np.asarray(value).dtype == np.int64 else np.float32(value), name
        )
        for name, value in case.fixed.items()
    }
    names = list(case.inputs or ("x", *case.weights, *case.fixed))
    if case.operator == "BatchNormalization":
        names = ["x", "scale", "bias", "mean", "variance"]
    node = helper.make_node(case.operator, names, ["y"], **case.attributes)
    inputs = ["x", *(case.weights if as_inputs else ())]
    values = [helper.make_tensor_value_info(name, 1, arrays[name].shape) for name in inputs]
    weights = [] if as_inputs else [numpy_helper.from_array(arrays[name], name) for name in case.weights]
    output = onnx.ValueInfoProto(name="y")
    graph = helper.make_graph([node], "one", values, [output], [*weights, *fixed.values()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.opset)], ir_version=8)
