import numpy as np
import onnx_ir as ir
import pytest
from snapml_graphs import model, node, operators, weights

from snapml_ocr.errors import CheckFailedError
from snapml_ocr.snapml import fixer
from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import Log, NodePass, run_to_fixed_point
from snapml_ocr.snapml.rules.rule import NOTHING_TO_DO, Explanation, NodeRule

NOTHING = Explanation("", "", "", "", "", "")


class Wrong(NodeRule):
    """Takes Tanh for Sigmoid."""

    op_types = ("Tanh",)
    explanation = NOTHING

    def refusal(self, node):
        return None

    def replacement(self, op, node):
        return op.Sigmoid(node.inputs[0])


class Invalid(Wrong):
    """Gives an operator that does not exist."""

    def replacement(self, op, node):
        return op.NoSuchOperator(node.inputs[0])


class Restless(Wrong):
    """Never has enough."""

    def replacement(self, op, node):
        return op.Tanh(node.inputs[0])


class Picky(Wrong):
    """Refuses."""

    def refusal(self, node):
        return "not this one" if node.inputs[0].name == "x" else NOTHING_TO_DO


def as_pass(rule):
    return NodePass("rule", rule(FixOptions()))


def tanh_model():
    return model([node("Tanh", ["x"], "a"), node("Tanh", ["a"])], {"x": (1, 2, 3, 4)})


def test_a_wrong_rule_is_caught_by_the_comparison(monkeypatch):
    monkeypatch.setattr(fixer, "all_passes", lambda options: [as_pass(Wrong)])
    with pytest.raises(CheckFailedError, match="outputs moved by"):
        fixer.fix(tanh_model())


def test_a_rule_that_leaves_an_invalid_model_is_caught_by_name():
    with pytest.raises(CheckFailedError, match="after rule rule the model is not valid ONNX"):
        run_to_fixed_point(ir.from_proto(tanh_model()), [as_pass(Invalid)], Log())


def test_rules_that_do_not_come_to_rest_are_caught():
    with pytest.raises(CheckFailedError, match="fixed point"):
        run_to_fixed_point(ir.from_proto(tanh_model()), [as_pass(Restless)], Log())


def test_refusals_are_those_of_the_last_round_and_name_the_node():
    log = Log()
    run_to_fixed_point(ir.from_proto(tanh_model()), [as_pass(Picky)], log)
    assert [(one.node, one.operator, one.reason) for one in log.refusals] == [
        ("Tanh_a", "Tanh", "not this one")
    ]
    assert not log.changes


def test_the_log_names_every_change_by_rule_and_node():
    graph = model(
        [node("Conv", ["x", "w"], "a", strides=[2, 1]), node("HardSigmoid", ["a"])],
        {"x": (1, 2, 6, 6)},
        constants={"w": weights(0, 2, 2, 3, 3)},
    )
    changes = fixer.fix(graph).log.changes
    assert ("equal_strides", "Conv_a", ("Conv",), ("Conv", "MaxPool")) in [
        (one.rule, one.node, one.before, one.after) for one in changes
    ]
    assert {one.rule for one in changes} >= {"equal_strides", "hard_sigmoid", "fold_affine_up"}


def test_results_have_the_same_bytes_every_time():
    graph = model(
        [node("Conv", ["x", "w"], "a"), node("HardSigmoid", ["a"], "b"), node("Mul", ["a", "b"])],
        {"x": (1, 2, 6, 6)},
        constants={"w": weights(0, 2, 2, 3, 3)},
    )
    first, second = (fixer.fix(graph).model.SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_shared_weights_several_inputs_and_outputs_stay_right():
    graph = model(
        [
            node("Conv", ["a", "w"], "c"),
            node("Conv", ["b", "w"], "d", strides=[1, 2]),
            node("HardSigmoid", ["c"], "e"),
            node("MatMul", ["d", "v"], "f"),
        ],
        {"a": (1, 2, 4, 4), "b": (1, 2, 4, 8)},
        outputs=("e", "f"),
        constants={"w": weights(0, 2, 2, 1, 1), "v": weights(1, 4, 3)},
    )
    result = fixer.fix(graph)
    assert result.random_difference < 1e-6
    assert operators(result.model)
    assert np.isfinite(result.random_difference)
