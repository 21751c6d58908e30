import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, operators, storages, weights

from snapml_ocr.snapml.checker import check

FEW = settings(max_examples=15, deadline=None)


@FEW
@given(
    direction=st.sampled_from(["forward", "reverse", "bidirectional"]),
    states=st.sampled_from(["absent", "zeros", "given"]),
    with_bias=st.booleans(),
    storage=storages,
    outputs=st.integers(1, 3),
)
def test_lstm_has_both_initial_states_from_constant_nodes(direction, states, with_bias, storage, outputs):
    directions, hidden, size, steps = (2 if direction == "bidirectional" else 1), 3, 4, 5
    constants = {
        "w": weights(0, directions, 4 * hidden, size),
        "r": weights(1, directions, 4 * hidden, hidden),
    }
    inputs = ["x", "w", "r"]
    if with_bias:
        constants["b"] = weights(2, directions, 8 * hidden)
    if states == "absent":
        inputs += ["b"] if with_bias else []
    else:
        for seed, name in ((3, "h0"), (4, "c0")):
            constants[name] = weights(seed, directions, 1, hidden) * np.float32(states == "given")
        inputs += ["b" if with_bias else "", "", "h0", "c0"]
    names = ["y", "h", "c"][:outputs]
    graph = model(
        [node("LSTM", inputs, names, hidden_size=hidden, direction=direction)],
        {"x": (steps, 1, size)},
        outputs=names,
        constants=constants,
        storage=storage,
    )
    result = fixed(graph)
    lstm = next(layer for layer in check(result).layers if layer.operator == "LSTM")
    assert (lstm.status["cpu"], lstm.status["iphone_npu"]) == ("available", "not available")
    made = {one.output[0] for one in result.graph.node if one.op_type == "Constant"}
    found = next(one for one in result.graph.node if one.op_type == "LSTM")
    assert set(found.input[5:7]) <= made


def test_the_outputs_of_a_bidirectional_lstm_become_a_sequence_through_safe_reshapes():
    graph = model(
        [
            node("LSTM", ["x", "w", "r"], "l", hidden_size=3, direction="bidirectional"),
            node("Transpose", ["l"], "t", perm=[0, 2, 1, 3]),
            node("Reshape", ["t", "s"]),
        ],
        {"x": (5, 1, 4)},
        constants={"w": weights(0, 2, 12, 4), "r": weights(1, 2, 12, 3), "s": np.array([0, 0, -1])},
    )
    result = fixed(graph)
    assert operators(result) == ["LSTM", "Transpose", "Reshape"]
    assert not [one for layer in check(result).layers for one in layer.findings if one.severity == "caveat"]
