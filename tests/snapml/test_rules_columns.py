import numpy as np
import onnx
import pytest
from snapml_graphs import model, node, operators, weights

from snapml_ocr.errors import UserError
from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import TARGETS, FixOptions, OutputForm

SCORES = FixOptions(output=OutputForm.SCORES)


def recognizer(classes: int = 7, steps: int = 6, heads: int = 0) -> onnx.ModelProto:
    """A head as PP-OCR has it: convolution, rows, (attention,) fully connected layer, Softmax."""
    width = 4
    nodes = [
        node("Conv", ["x", "w"], "c"),
        node("Squeeze", ["c"], "s", axes=[2]),
        node("Transpose", ["s"], "r", perm=[0, 2, 1]),
    ]
    constants = {"w": weights(0, 8, 3, 1, 1), "v": weights(1, 8, classes), "b": weights(2, classes)}
    last = "r"
    if heads:
        for name in "qkv":
            constants[f"w{name}"] = weights(ord(name), 8, heads * width)
            nodes += [
                node("MatMul", ["r", f"w{name}"], f"{name}1"),
                node("Reshape", [f"{name}1", "split"], f"{name}2"),
                node("Transpose", [f"{name}2"], name, perm=[0, 2, 3, 1] if name == "k" else [0, 2, 1, 3]),
            ]
        constants["split"] = np.array([1, steps, heads, width])
        constants["joined"] = np.array([1, steps, heads * width])
        nodes += [
            node("MatMul", ["q", "k"], "a1"),
            node("Softmax", ["a1"], "a2", axis=3),
            node("MatMul", ["a2", "v"], "a3"),
            node("Transpose", ["a3"], "a4", perm=[0, 2, 1, 3]),
            node("Reshape", ["a4", "joined"], "a5"),
            node("MatMul", ["a5", "wo"], "a6"),
            node("Add", ["r", "a6"], "a7"),
        ]
        constants["wo"] = weights(9, heads * width, 8)
        constants["vo"] = constants.pop("v")
        last = "a7"
    nodes += [
        node("MatMul", [last, "vo" if heads else "v"], "m"),
        node("Add", ["m", "b"], "n"),
        node("Softmax", ["n"], axis=2),
    ]
    return model(nodes, {"x": (1, 3, 1, steps)}, constants=constants)


def test_a_recognizer_that_gives_scores_needs_no_transposition():
    source = recognizer()
    fixed = fix(source, SCORES)
    assert operators(fixed.model) == ["Conv", "Conv"]
    verdict = check(fixed.model)
    assert all(verdict.count(target) == len(verdict.layers) for target in TARGETS)
    assert [dim.dim_value for dim in fixed.model.graph.output[0].type.tensor_type.shape.dim] == [1, 7, 1, 6]
    assert {entry.key: entry.value for entry in fixed.model.metadata_props}["output"] == "scores"
    assert not fix(fixed.model, SCORES).log.changes


def test_scores_of_a_model_without_a_softmax_over_classes_are_refused():
    with pytest.raises(UserError, match="--output scores: the model does not end in a Softmax"):
        fix(model([node("Relu", ["x"])], {"x": (1, 3, 1, 6)}), SCORES)


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_attention_of_any_number_of_heads_runs_on_android(heads):
    source = recognizer(heads=heads)
    fixed = fix(source, max_abs_diff=1e-6)
    assert "MatMul" not in operators(fixed.model)
    verdict = check(fixed.model)
    assert verdict.count("android_gpu") == len(verdict.layers)
    moving = [one for one in operators(fixed.model) if one in ("Reshape", "Transpose")]
    assert len(moving) <= 7  # five in the attention, two around the last Softmax
    assert not fix(fixed.model).log.changes


def test_attention_stays_where_only_the_processor_matters():
    fixed = fix(recognizer(heads=2), FixOptions(targets=("cpu",)))
    assert operators(fixed.model).count("MatMul") == 2
