import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import write_picture
from onnx import helper
from small_models import convolutions, damaged, model_of, rounded_to_3_bits, save

from snapml_ocr.evaluate.locate import locate
from snapml_ocr.imports import source_dependencies
from snapml_ocr.runtime.feeds import random_feeds

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "compare.py"


def parting_of(first, second):
    feeds = random_feeds(first, 0)
    return locate(first, second, feeds, feeds)


def compare(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_models_that_differ_in_names_only_do_not_part():
    other = convolutions()
    for node in other.graph.node:
        node.name = f"other_{node.name}"
        node.input[:] = [f"{name}_" if name in "abcdef" else name for name in node.input]
        node.output[:] = [f"{name}_" if name in "abcdef" else name for name in node.output]

    assert parting_of(convolutions(), other) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.5, 8))
def test_a_scale_carried_through_the_model_is_no_parting(seed, scale):
    assert parting_of(convolutions(seed), convolutions(seed, scale=scale)) is None


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.5, 8), st.sampled_from([(4, "a", "first"), (2, "f", "second")]))
def test_the_node_whose_weights_were_damaged_is_named_through_a_rewrite(seed, scale, where):
    channels, tensor, node = where
    other = damaged(
        convolutions(seed, scale=scale), rounded_to_3_bits, lambda values: values.shape[:1] == (channels,)
    )

    divergence = parting_of(convolutions(seed), other)

    assert divergence.tensor.name == tensor
    assert divergence.tensor.node.name == node
    assert divergence.counterpart.node.name == node
    assert any("constant 'w" in sentence for sentence in divergence.constants)


def test_a_wrong_factor_at_the_end_is_named():
    def scaled(factor):
        nodes = [
            helper.make_node("Relu", ["x"], ["a"], name="relu"),
            helper.make_node("Mul", ["a", "k"], ["out"], name="factor"),
        ]
        return model_of(nodes, {"k": [factor]})

    divergence = parting_of(scaled(1.5), scaled(1.6))

    assert divergence.tensor.node.name == "factor"


def test_a_wrong_attribute_is_named():
    def strided(offset):
        nodes = [
            helper.make_node("Relu", ["x"], ["a"], name="relu"),
            helper.make_node("MaxPool", ["a"], ["out"], name="pool", kernel_shape=[2, 2], pads=offset),
        ]
        return model_of(nodes, {})

    divergence = parting_of(strided([0, 0, 1, 1]), strided([1, 1, 0, 0]))

    assert divergence.tensor.node.name == "pool"
    assert divergence.constants == ["attribute pads: [0, 0, 1, 1] became [1, 1, 0, 0]"]


def test_compare_exits_zero_for_equal_models(tmp_path):
    one, other = save(tmp_path / "a.onnx", convolutions()), save(tmp_path / "b.onnx", convolutions(scale=2.0))
    write_picture(tmp_path / "images" / "a.png")

    done = compare(one, other, "--images", tmp_path / "images", "--locate")

    assert done.returncode == 0, done.stderr
    assert "equal within 0.0001 on 2 inputs" in done.stdout
    assert "do not part" in done.stdout


def test_compare_exits_one_and_names_the_tensor_for_models_that_differ(tmp_path):
    one = save(tmp_path / "a.onnx", convolutions())
    other = save(
        tmp_path / "b.onnx",
        damaged(convolutions(), rounded_to_3_bits, lambda values: values.shape == (2, 4, 3, 3)),
    )

    done = compare(one, other, "--locate", "--json", tmp_path / "result.json")

    assert done.returncode == 1
    assert "the models first diverge at 'f' (node 5, Conv 'second')" in done.stdout
    assert (tmp_path / "result.json").exists()


def test_compare_reports_an_output_of_another_shape(tmp_path):
    one = save(tmp_path / "a.onnx", convolutions())
    nodes = [helper.make_node("Relu", ["x"], ["out"])]
    other = save(tmp_path / "b.onnx", model_of(nodes, {}))

    done = compare(one, other)

    assert done.returncode == 1
    assert "shape (1, 2, 8, 8) became (1, 3, 8, 8)" in done.stdout


def test_compare_takes_open_sizes_from_the_other_model_or_the_command_line(tmp_path):
    dynamic = convolutions()
    dynamic.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"
    one, fixed = save(tmp_path / "a.onnx", dynamic), save(tmp_path / "b.onnx", convolutions())

    assert compare(one, fixed).returncode == 0
    assert compare(one, one, "--input_shape", "1,3,8,8").returncode == 0
    assert "--input_shape" in compare(one, one).stderr


@pytest.mark.parametrize("content", [b"", b"no model"])
def test_compare_exits_two_for_a_file_that_is_no_model(tmp_path, content):
    (tmp_path / "a.onnx").write_bytes(content)

    done = compare(tmp_path / "a.onnx", save(tmp_path / "b.onnx", convolutions()))

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "a.onnx" in done.stderr


def test_compare_exits_two_for_models_with_other_inputs(tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["out"])]
    wide = save(tmp_path / "a.onnx", model_of(nodes, {}, inputs=(1, 3, 8, 16)))

    done = compare(wide, save(tmp_path / "b.onnx", model_of(nodes, {})))

    assert done.returncode == 2
    assert "different shapes" in done.stderr


def test_real_models_part_where_a_weight_was_damaged(real_simplified):
    model = onnx.load(real_simplified("ch_ppocr_mobile_v2_cls_infer", 48, 192))
    large = [
        index
        for index, node in enumerate(model.graph.node)
        if node.op_type == "Conv" and any(tensor.name == node.input[1] for tensor in model.graph.initializer)
    ]
    node = model.graph.node[large[len(large) // 2]]
    name = node.input[1]
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    other = onnx.ModelProto()
    other.CopyFrom(model)
    copy = next(one for one in other.graph.initializer if one.name == name)
    copy.CopyFrom(onnx.numpy_helper.from_array(rounded_to_3_bits(onnx.numpy_helper.to_array(tensor)), name))
    feeds = {"x": np.random.default_rng(0).uniform(-1, 1, (1, 3, 48, 192)).astype(np.float32)}

    divergence = locate(model, other, feeds, feeds)

    assert divergence.tensor.name == node.output[0]
    assert any(name in sentence for sentence in divergence.constants)


def test_comparing_needs_nothing_of_how_models_are_made():
    modules = [path.parts for path in source_dependencies(SCRIPT, SCRIPT.parent)]

    assert not any("convert" in parts or "snapml" in parts for parts in modules)
