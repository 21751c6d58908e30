import time

import numpy as np
import onnx
import pytest
from onnx import helper
from snapml_graphs import model, node, weights

from snapml_ocr.errors import UserError
from snapml_ocr.snapml import summary
from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import TARGETS

ALL = dict.fromkeys(TARGETS, "available")
PICTURE = {"x": (1, 4, 6, 6)}
INTEGERS = {"output_type": onnx.TensorProto.INT64}
FLAT = {"x": (4, 6)}


def on(**different):
    return {**ALL, **different}


def nowhere(status):
    return dict.fromkeys(TARGETS, status)


NO_NPU = on(iphone_npu="not available")

CASES = [
    ("conv", [node("Conv", ["x", "w"])], PICTURE, {"w": (3, 4, 3, 3)}, {}, ALL),
    (
        "strides",
        [node("Conv", ["x", "w"], strides=[2, 1])],
        PICTURE,
        {"w": (3, 4, 3, 3)},
        {},
        nowhere("not available"),
    ),
    (
        "dilations",
        [node("Conv", ["x", "w"], dilations=[2, 1])],
        PICTURE,
        {"w": (3, 4, 3, 3)},
        {},
        nowhere("not available"),
    ),
    (
        "padding",
        [node("Conv", ["x", "w"], pads=[2, 2, 2, 2])],
        PICTURE,
        {"w": (3, 4, 1, 1)},
        {},
        {**nowhere("not available"), "iphone_npu": "available"},
    ),
    ("depthwise", [node("Conv", ["x", "w"], group=4)], PICTURE, {"w": (4, 1, 3, 3)}, {}, ALL),
    (
        "groups",
        [node("Conv", ["x", "w"], group=2)],
        PICTURE,
        {"w": (4, 2, 3, 3)},
        {},
        {**nowhere("undocumented"), "android_gpu": "not available"},
    ),
    (
        "auto_pad",
        [node("Conv", ["x", "w"], auto_pad="SAME_UPPER")],
        PICTURE,
        {"w": (3, 4, 3, 3)},
        {},
        nowhere("undocumented"),
    ),
    ("conv1d", [node("Conv", ["x", "w"])], {"x": (1, 4, 9)}, {"w": (3, 4, 3)}, {}, nowhere("undocumented")),
    (
        "deconv stride",
        [node("ConvTranspose", ["x", "w"], strides=[2, 1])],
        PICTURE,
        {"w": (4, 3, 2, 2)},
        {},
        nowhere("not available"),
    ),
    (
        "deconv output_padding",
        [node("ConvTranspose", ["x", "w"], strides=[2, 2], output_padding=[1, 1])],
        PICTURE,
        {"w": (4, 3, 2, 2)},
        {},
        nowhere("undocumented"),
    ),
    ("same sizes", [node("Add", ["x", "x"])], PICTURE, {}, {}, ALL),
    ("constant per channel", [node("Mul", ["x", "c"])], PICTURE, {"c": (1, 4, 1, 1)}, {}, ALL),
    ("constant operand of its own size", [node("Max", ["x", "c"])], PICTURE, {"c": PICTURE["x"]}, {}, NO_NPU),
    (
        "constant of rank 3",
        [node("Mul", ["x", "c"])],
        PICTURE,
        {"c": (4, 1, 1)},
        {},
        nowhere("not available"),
    ),
    (
        "broadcast along rows",
        [node("Add", ["x", "b"])],
        {"x": (1, 4, 6, 6), "b": (1, 1, 1, 6)},
        {},
        {},
        nowhere("undocumented"),
    ),
    (
        "broadcast along pixels",
        [node("Add", ["x", "b"])],
        {"x": (1, 4, 6, 6), "b": (1, 1, 6, 6)},
        {},
        {},
        ALL,
    ),
    (
        "max that broadcasts",
        [node("Max", ["x", "b"])],
        {**PICTURE, "b": (1, 4, 1, 1)},
        {},
        {},
        nowhere("not available"),
    ),
    ("sub", [node("Sub", ["x", "x"])], PICTURE, {}, {}, NO_NPU),
    (
        "smaller first operand",
        [node("Div", ["b", "x"])],
        {**PICTURE, "b": (1, 4, 1, 1)},
        {},
        {},
        nowhere("not available"),
    ),
    ("softmax of a matrix", [node("Softmax", ["x"], axis=1)], FLAT, {}, {}, ALL),
    ("softmax over C, H, W", [node("Softmax", ["x"], axis=1)], PICTURE, {}, {}, nowhere("not available")),
    ("softmax of opset 13", [node("Softmax", ["x"], axis=1)], PICTURE, {}, {"opset": 13}, ALL),
    ("softmax, other axis", [node("Softmax", ["x"], axis=3)], PICTURE, {}, {}, nowhere("not available")),
    ("mean over channels", [node("ReduceMean", ["x"], axes=[1])], PICTURE, {}, {}, NO_NPU),
    (
        "mean over C, H, W",
        [node("ReduceMean", ["x"], axes=[1, 2, 3])],
        PICTURE,
        {},
        {},
        on(iphone_npu="not available", android_gpu="not available"),
    ),
    ("mean over width", [node("ReduceMean", ["x"], axes=[3])], PICTURE, {}, {}, nowhere("not available")),
    ("argmax", [node("ArgMax", ["x"], axis=1)], PICTURE, {}, INTEGERS, NO_NPU),
    ("argmax, other axis", [node("ArgMax", ["x"], axis=2)], PICTURE, {}, INTEGERS, nowhere("not available")),
    ("concat over channels", [node("Concat", ["x", "x"], axis=1)], PICTURE, {}, {}, ALL),
    ("concat over width", [node("Concat", ["x", "x"], axis=3)], PICTURE, {}, {}, nowhere("not available")),
    ("transpose", [node("Transpose", ["x"], perm=[0, 2, 3, 1])], PICTURE, {}, {}, NO_NPU),
    (
        "transpose of rank 2",
        [node("Transpose", ["x"])],
        FLAT,
        {},
        {},
        {**nowhere("undocumented"), "iphone_npu": "not available"},
    ),
    ("gemm", [node("Gemm", ["x", "w", "b"])], FLAT, {"w": (6, 3), "b": (3,)}, {}, ALL),
    (
        "gemm, transposed",
        [node("Gemm", ["x", "w"], transB=1)],
        FLAT,
        {"w": (3, 6)},
        {},
        nowhere("undocumented"),
    ),
    ("matmul with weights", [node("MatMul", ["x", "w"])], FLAT, {"w": (6, 3)}, {}, nowhere("undocumented")),
    ("hard sigmoid", [node("HardSigmoid", ["x"])], PICTURE, {}, {}, nowhere("not available")),
    ("erf", [node("Erf", ["x"])], PICTURE, {}, {}, nowhere("undocumented")),
    ("identity", [node("Identity", ["x"])], PICTURE, {}, {}, nowhere("undocumented")),
    ("relu of rank 5", [node("Relu", ["x"])], {"x": (1, 1, 2, 3, 4)}, {}, {}, nowhere("not available")),
    ("exp", [node("Exp", ["x"])], PICTURE, {}, {}, NO_NPU),
]


@pytest.mark.parametrize(
    ("nodes", "inputs", "constants", "options", "expected"),
    [one[1:] for one in CASES],
    ids=[one[0] for one in CASES],
)
def test_status_of_a_layer_on_each_target(nodes, inputs, constants, options, expected):
    arrays = {name: weights(0, *shape) for name, shape in constants.items()}
    verdict = check(model(nodes, inputs, constants=arrays, **options))
    assert dict(verdict.layers[0].status) == expected


def resize(mode, scales, **attributes):
    return model(
        [node("Resize", ["x", "roi", "scales"], mode=mode, **attributes)],
        {"x": (1, 2, 4, 4)},
        constants={"roi": np.zeros(0, np.float32), "scales": np.array(scales, np.float32)},
    )


@pytest.mark.parametrize(
    ("graph", "status", "kinds"),
    [
        (
            resize(
                "nearest", [1, 1, 2, 2], coordinate_transformation_mode="asymmetric", nearest_mode="floor"
            ),
            ALL,
            [],
        ),
        (resize("nearest", [1, 1, 2, 2]), ALL, ["caveat"]),
        (resize("nearest", [1, 1, 2, 3]), nowhere("not available"), None),
        (
            resize("linear", [1, 1, 2, 2], coordinate_transformation_mode="align_corners"),
            NO_NPU,
            ["not_available"],
        ),
        (resize("linear", [1, 1, 2, 2]), ALL, ["caveat"]),
        (resize("cubic", [1, 1, 2, 2]), nowhere("undocumented"), ["undocumented"]),
    ],
)
def test_resize_modes_and_scales(graph, status, kinds):
    layer = check(graph).layers[0]
    assert dict(layer.status) == status
    if kinds is not None:
        assert [finding.severity for finding in layer.findings] == kinds


def reasons(graph):
    return " ".join(check(graph).import_reasons)


def test_a_symbolic_output_is_foreseen():
    graph = model([node("Relu", ["x"])], {"x": (1, 3)})
    graph.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "W"
    graph.graph.output[0].type.tensor_type.shape.dim[1].dim_param = "W"
    assert "every dimension is a positive number" in reasons(graph)


def test_a_five_dimensional_reshape_is_foreseen():
    graph = model([node("Reshape", ["x", "s"])], {"x": (1, 12)}, constants={"s": np.array([1, 1, 2, 2, 3])})
    assert "at most four dimensions" in reasons(graph)


def test_constant_ranks_are_foreseen():
    scalar = model([node("Add", ["x", "c"])], {"x": (1, 3)}, constants={"c": np.float32(3)}, storage="node")
    assert "one, two or four dimensions" in reasons(scalar)


def test_element_wise_layers_that_do_not_fit_are_foreseen():
    graph = model([node("Relu", ["x"], "a"), node("Add", ["a", "b"])], {"x": (1, 3), "b": (1, 3)})
    graph.graph.input[1].type.tensor_type.shape.dim[1].dim_value = 2
    del graph.graph.value_info[:]
    assert "operands of an element-wise layer fit together" in reasons(graph)


def test_opset_batch_and_types_decide_about_the_import():
    newer = model([node("Relu", ["x"])], {"x": (1, 3)}, opset=13)
    assert "opset 13" in reasons(newer)
    assert "batch 2" in reasons(model([node("Relu", ["x"])], {"x": (2, 3, 4, 4)}))
    half = model([node("Relu", ["x"])], {"x": (1, 3)})
    half.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    half.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    assert "not float32" in reasons(half)


def test_an_invalid_model_is_refused_with_one_line():
    graph = model([node("Relu", ["x"])], {"x": (1, 3)})
    graph.graph.node[0].input[0] = "absent"
    with pytest.raises(UserError, match="not a valid ONNX model"):
        check(graph)


def test_unnamed_nodes_and_unused_inputs_are_caveats_and_no_reasons():
    graph = model([node("Relu", ["x"])], {"x": (1, 3), "unused": (1, 3)})
    graph.graph.node[0].name = ""
    verdict = check(graph)
    assert verdict.importable
    assert [finding.severity for finding in verdict.model_findings] == ["caveat"]
    assert [finding.found for finding in verdict.layers[0].findings] == ["no name"]


def test_sizes_count_for_the_model_and_for_the_lens():
    graph = model([node("Gemm", ["x", "w"])], {"x": (1, 1500)}, constants={"w": weights(0, 1500, 1000)})
    alone, together = check(graph), check(graph, other_bytes=15_000_000)
    assert alone.float32_megabytes == pytest.approx(6.0, abs=0.01)
    assert alone.stored_megabytes == pytest.approx(3.0, abs=0.01)
    assert not alone.model_findings
    assert "about 10.5 MB stored" in together.model_findings[0].found


def test_fifty_megabytes_are_checked_within_ten_seconds():
    layers, width = 12, 1024
    nodes = [node("Gemm", [f"v{index}", f"w{index}"], f"v{index + 1}") for index in range(layers)]
    constants = {f"w{index}": weights(index, width, width) for index in range(layers)}
    graph = model(nodes, {"v0": (1, width)}, outputs=(f"v{layers}",), constants=constants)
    assert graph.ByteSize() > 50_000_000
    started = time.monotonic()
    check(graph)
    assert time.monotonic() - started < 10


def test_an_operator_of_another_domain_is_undocumented():
    graph = model([node("Relu", ["x"], "a")], {"x": (1, 3)}, outputs=("a",))
    graph.graph.node[0].domain = "com.example"
    graph.opset_import.append(helper.make_opsetid("com.example", 1))
    layer = check(graph).layers[0]
    assert layer.findings[0].found == "com.example.Relu"
    assert set(layer.status.values()) == {"undocumented"}


def test_the_text_counts_and_groups_and_names_the_cure():
    graph = model(
        [node("Conv", ["x", "w"], "a", strides=[2, 1]), node("Conv", ["x", "w"], "b", strides=[1, 2])],
        PICTURE,
        outputs=("a", "b"),
        constants={"w": weights(0, 3, 4, 3, 3)},
    )
    text = summary.as_text("some.onnx", check(graph))
    assert "some.onnx: not known to be importable" in text
    assert "0 of 2 layers run on cpu (2 not available)" in text
    assert (
        "2 x Conv: equal strides and equal dilations in height and width (documented); fixed by equal_strides"
        in text
    )
    assert "Conv_a: strides (2, 1)" in text


def test_the_document_has_every_layer_and_what_decided():
    graph = model([node("Sqrt", ["x"])], PICTURE)
    document = summary.as_document(check(graph, ("cpu", "iphone_npu")))
    assert document["importable"] is True
    assert document["targets"]["iphone_npu"] == {
        "layers": 1,
        "available": 0,
        "not_available": 1,
        "undocumented": 0,
        "part": None,
    }
    layer = document["layers"][0]
    assert (layer["layer"], layer["status"]) == (
        "Square Root",
        {"cpu": "available", "iphone_npu": "not available"},
    )
    assert layer["findings"][0]["source"] == ["D1"]


def test_the_contiguous_part_of_a_target_is_the_one_with_the_most_multiply_adds():
    graph = model(
        [
            node("Conv", ["x", "w"], "a"),
            node("Sqrt", ["a"], "b"),
            node("Conv", ["b", "v"], "c", pads=[1, 1, 1, 1]),
            node("Relu", ["c"]),
        ],
        PICTURE,
        constants={"w": weights(0, 4, 4, 1, 1), "v": weights(1, 4, 4, 3, 3)},
    )
    document = summary.as_document(check(graph))
    assert document["targets"]["iphone_npu"]["part"] == {
        "first": "Conv_c",
        "last": "Relu_y",
        "layers": 2,
        "share": 0.9,
    }
    assert document["targets"]["cpu"]["part"]["share"] == 1.0


def test_approximations_are_told_by_the_checker_too():
    graph = model([node("Erf", ["x"])], PICTURE)
    document = summary.as_document(check(fix(graph).model))
    assert document["approximations"] == {"error_function": {"places": 1, "largest_error": 1.05e-5}}
