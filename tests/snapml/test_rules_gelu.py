import math

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import model, node, operators, storages

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.runtime.feeds import run_all
from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import TARGETS, FixOptions, GeluForm
from snapml_ocr.snapml.rules.gelu import ERF_BOUND, GELU_BOUND

FEW = settings(max_examples=15, deadline=None)
ROUNDING = 2e-6
LINE = np.linspace(-12, 12, 4800, dtype=np.float32).reshape(1, 2, 40, 60)
PHI = 0.5 * (1 + np.vectorize(math.erf)(LINE.astype(np.float64) / math.sqrt(2)))

FORMS = {
    "divided, half last": [
        ("Div", ["x", "root"], "u"), ("Erf", ["u"], "e"), ("Add", ["e", "one"], "s"),
        ("Mul", ["x", "s"], "p"), ("Mul", ["p", "half"], "y"),
    ],
    "multiplied, half first": [
        ("Mul", ["x", "half"], "h"), ("Mul", ["x", "inverse"], "u"), ("Erf", ["u"], "e"),
        ("Add", ["one", "e"], "s"), ("Mul", ["h", "s"], "y"),
    ],
    "half on the sum": [
        ("Div", ["x", "root"], "u"), ("Erf", ["u"], "e"), ("Add", ["e", "one"], "s"),
        ("Mul", ["half", "s"], "g"), ("Mul", ["g", "x"], "y"),
    ],
    "divided by two": [
        ("Div", ["x", "root"], "u"), ("Erf", ["u"], "e"), ("Add", ["e", "one"], "s"),
        ("Mul", ["x", "s"], "p"), ("Div", ["p", "two"], "y"),
    ],
}  # fmt: skip
NUMBERS = {
    "root": np.float32(math.sqrt(2)),
    "inverse": np.float32(math.sqrt(0.5)),
    "one": np.float32(1),
    "half": np.float32(0.5),
    "two": np.float32(2),
}


def gelu_model(form: str, storage: str = "raw") -> onnx.ModelProto:
    nodes = [node(*one) for one in FORMS[form]]
    read = {name for one in nodes for name in one.input}
    numbers = {name: value for name, value in NUMBERS.items() if name in read}
    return model(nodes, {"x": LINE.shape}, constants=numbers, storage=storage)


def runs_everywhere(proto):
    verdict = check(proto)
    return verdict.importable and all(verdict.count(target) == len(verdict.layers) for target in TARGETS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("storage", ["raw", "node"])
def test_every_spelling_of_gelu_becomes_seven_layers_within_the_bound(form, storage):
    fixed = fix(gelu_model(form, storage))
    assert sorted(operators(fixed.model)) == sorted(
        ["Mul", "BatchNormalization", "Sigmoid", "BatchNormalization", "Mul", "Sigmoid", "Mul"]
    )
    assert runs_everywhere(fixed.model)
    error = np.abs(run_all(fixed.model, {"x": LINE})["y"] - LINE * PHI).max()
    assert error <= GELU_BOUND + ROUNDING
    assert fixed.log.approximations == {"gelu": {"places": 1, "largest_error": GELU_BOUND}}
    assert not fix(fixed.model).log.changes


@FEW
@given(slope=st.floats(0.05, 3.0), factor=st.floats(-3, 3).filter(lambda one: abs(one) > 0.01))
def test_gelu_with_other_slope_and_factor_keeps_its_numbers(slope, factor):
    graph = model(
        [
            node("Mul", ["x", "k"], "u"),
            node("Erf", ["u"], "e"),
            node("Add", ["e", "one"], "s"),
            node("Mul", ["x", "s"], "p"),
            node("Mul", ["p", "f"]),
        ],
        {"x": LINE.shape},
        constants={"k": np.float32(slope), "one": np.float32(1), "f": np.float32(factor)},
    )
    fixed = fix(graph)
    assert "Erf" not in operators(fixed.model)
    moved = np.abs(run_all(fixed.model, {"x": LINE})["y"] - run_all(graph, {"x": LINE})["y"]).max()
    assert moved <= abs(factor) * (2 * GELU_BOUND / (slope * math.sqrt(2)) + 12 * ROUNDING)


@FEW
@given(storage=storages)
def test_erf_alone_is_a_tanh_within_the_bound(storage):
    fixed = fix(model([node("Erf", ["x"])], {"x": LINE.shape}, storage=storage))
    assert "Tanh" in operators(fixed.model)
    assert runs_everywhere(fixed.model)
    exact = np.vectorize(math.erf)(LINE.astype(np.float64))
    assert np.abs(run_all(fixed.model, {"x": LINE})["y"] - exact).max() <= ERF_BOUND + ROUNDING


@pytest.mark.parametrize(
    ("operator", "attributes", "opset", "approximate"),
    [
        ("Gelu", {}, 20, True),
        ("Gelu", {"approximate": "tanh"}, 20, False),
        ("Mish", {}, 18, False),
        ("Softplus", {}, 11, False),
        ("HardSwish", {}, 14, False),
    ],
)
def test_relatives_of_gelu_run_on_every_target(operator, attributes, opset, approximate):
    graph = model([node(operator, ["x"], **attributes)], {"x": LINE.shape}, opset=opset)
    fixed = fix(graph)
    assert runs_everywhere(fixed.model)
    assert bool(fixed.log.approximations) == approximate
    before, after = run_all(graph, {"x": LINE})["y"], run_all(fixed.model, {"x": LINE})["y"]
    assert np.abs(before - after).max() <= (GELU_BOUND if approximate else 0) + ROUNDING


def test_large_inputs_do_not_overflow():
    x = np.array([-3e4, -90, 90, 3e4] * 10, np.float32).reshape(1, 2, 4, 5)
    graph = model(
        [node("Gelu", ["x"], "g"), node("Mish", ["x"], "m"), node("Add", ["g", "m"])],
        {"x": x.shape},
        opset=20,
    )
    found = run_all(fix(graph).model, {"x": x})["y"]
    assert np.allclose(found, run_all(graph, {"x": x})["y"], rtol=1e-5)


def test_native_gelu_is_snaps_operator_compared_by_its_definition():
    fixed = fix(gelu_model("divided, half last"), FixOptions(gelu=GeluForm.NATIVE))
    assert operators(fixed.model) == ["GeluSnap"]
    assert {entry.domain for entry in fixed.model.opset_import} == {""}
    assert not fixed.model.functions
    assert fixed.unrunnable
    assert max(fixed.random_difference, fixed.approximation_difference) < 1e-6
    verdict = check(fixed.model)
    assert verdict.layers[0].status["cpu"] == "undocumented"
    assert "documented_snap_code" in verdict.import_reasons[0]
    again = fix(fixed.model)
    assert not again.log.changes
    assert again.model.SerializeToString(deterministic=True) == fixed.model.SerializeToString(
        deterministic=True
    )


def test_native_gelu_of_a_model_without_one_is_refused():
    graph = model([node("Relu", ["x"])], {"x": (1, 2, 4, 5)})
    with pytest.raises(UserError, match="--gelu native: the model has no GELU"):
        fix(graph, FixOptions(gelu=GeluForm.NATIVE))


def test_an_approximation_that_moves_outputs_too_far_is_refused():
    with pytest.raises(CheckFailedError, match="the approximations moved outputs by"):
        fix(gelu_model("divided, half last"), max_approximation_diff=1e-9)
