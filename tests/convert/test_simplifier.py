import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from convert.graphs import IMAGE, constant, huge, model_of, small_network
from snapml_ocr.convert.simplifier import difference, simplify
from snapml_ocr.convert.static_shapes import dynamic_tensors, infer_all_shapes
from snapml_ocr.errors import CheckFailedError, UserError


def simplified(model, height=16, width=24):
    return simplify(model, height=height, width=width, label="m.onnx")


def shapes(model):
    values = [*model.graph.input, *model.graph.value_info, *model.graph.output]
    return {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values}


@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40))
def test_every_tensor_is_static_and_outputs_are_equal_at_any_shape(height, width):
    model = small_network()
    result = simplified(model, height, width)
    assert dynamic_tensors(result) == []
    assert shapes(result)["x"] == [1, 3, height, width]
    assert [node.op_type for node in result.graph.node] == ["Conv", "Relu", "Reshape"]
    probe = np.full((1, 3, height, width), 0.5, np.float32)
    assert difference(model, result, [probe], label="m.onnx") <= 1e-5


def test_simplifying_twice_gives_the_same_bytes():
    first, second = (simplified(small_network()).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_the_given_model_stays_as_it_was():
    model = small_network()
    before = model.SerializeToString(deterministic=True)
    simplified(model)
    assert model.SerializeToString(deterministic=True) == before


@pytest.mark.parametrize("opset", [11, 12, 14, 17])
def test_the_opset_stays(opset):
    model = model_of([helper.make_node("Relu", ["x"], ["y"])], opset=opset)
    assert simplified(model).opset_import[0].version == opset


def test_metadata_stays_and_the_stage_is_noted():
    model = small_network()
    model.metadata_props.add(key="snapml_ocr.stage", value="onnx")
    model.metadata_props.add(key="other", value="kept")
    result = simplified(model)
    assert [(entry.key, entry.value) for entry in result.metadata_props] == [
        ("other", "kept"),
        ("snapml_ocr.stage", "simplified"),
    ]


def test_shapes_that_were_noted_wrongly_do_not_survive():
    nodes = [helper.make_node("Relu", ["x"], ["r"]), helper.make_node("Relu", ["r"], ["y"])]
    model = model_of(nodes, inputs=[("x", (1, 3, 16, 24))], output_shape=(1, 3, 99, 99))
    model.graph.value_info.append(helper.make_tensor_value_info("r", TensorProto.FLOAT, (1, 3, 7, 7)))
    found = shapes(infer_all_shapes(model))
    assert found["r"] == found["y"] == [1, 3, 16, 24]


def test_a_tensor_that_stays_dynamic_is_named():
    nodes = [
        helper.make_node("NonZero", ["x"], ["places"]),
        helper.make_node("Cast", ["places"], ["y"], to=1),
    ]
    with pytest.raises(CheckFailedError, match="2 tensors have no fixed shape, the first is 'places'"):
        simplified(model_of(nodes, output_shape=("a", "b")))


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ([("x", (1, 3, 16, 100))], r"exported as 1x3x16x100, 1x3x16x24 was asked for"),
        ([("x", ("n", 3, 48, "w"))], r"exported as \?x3x48x\?"),
        ([("x", ("n", 1, "h", "w"))], r"is a grey image \(\?x1x\?x\?\)"),
        ([("x", ("n", 3, "h"))], "rank 3, expected 4"),
        ([("x", IMAGE), ("z", IMAGE)], r"has 2 \(x, z\)"),
    ],
)
def test_a_shape_the_model_does_not_allow_is_refused_clearly(inputs, reason):
    model = model_of([helper.make_node("Sum", [name for name, _ in inputs], ["y"])], inputs=inputs)
    with pytest.raises(UserError, match=f"^m.onnx: .*{reason}"):
        simplified(model)


@pytest.mark.parametrize(("height", "width"), [(0, 10), (-1, 10), (10, 8193), (10**9, 10**9)])
def test_impossible_sizes_are_refused(height, width):
    with pytest.raises(UserError, match="is not between 1 and 8192 pixels"):
        simplified(small_network(), height, width)


def test_an_input_that_is_no_float_image_is_refused():
    model = model_of([helper.make_node("Cast", ["x"], ["y"], to=1)])
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    with pytest.raises(UserError, match="input x is UINT8"):
        simplified(model)


def test_a_model_with_sizes_of_another_shape_baked_in_is_refused():
    model = model_of(
        [helper.make_node("Reshape", ["x", "s"], ["y"])], [constant("s", [1, 3, 3200])], output_shape="abc"
    )
    with pytest.raises(UserError, match="was it exported for another shape"):
        difference(model, simplified(model, 32, 320), [], label="m.onnx at 32x320")


@pytest.mark.parametrize("kind", ["constant of shape", "resize", "pad"])
def test_tensors_without_end_are_refused_before_they_are_made(kind):
    with pytest.raises(UserError, match="tensor 'big' would have"):
        simplified(huge(kind))


def test_a_difference_is_found():
    model = small_network()
    changed = simplified(model)
    place = next(
        i for i, tensor in enumerate(changed.graph.initializer) if tensor.data_type == TensorProto.FLOAT
    )
    weights = onnx.numpy_helper.to_array(changed.graph.initializer[place]) + np.float32(0.01)
    name = changed.graph.initializer[place].name
    changed.graph.initializer[place].CopyFrom(onnx.numpy_helper.from_array(weights, name))
    assert difference(model, changed, [], label="m.onnx") > 1e-3


def test_contradicting_shapes_are_refused():
    nodes = [helper.make_node("MatMul", ["x", "k"], ["y"])]
    model = model_of(nodes, [constant("k", np.ones((7, 7)), np.float32)], inputs=[("x", (1, 3, 16, 24))])
    with pytest.raises(UserError, match="contradict"):
        infer_all_shapes(model)


def test_inferred_shapes_are_in_the_order_of_the_nodes():
    model = simplified(small_network())
    produced = [name for node in model.graph.node for name in node.output]
    noted = [value.name for value in model.graph.value_info if value.name in produced]
    assert noted == [name for name in produced if name in noted]
