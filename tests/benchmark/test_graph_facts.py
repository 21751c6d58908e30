import hashlib

import onnx
import pytest
from benchmark_graphs import convolution, saved

from snapml_ocr.benchmark.graph_facts import describe_graph
from snapml_ocr.errors import UserError

WITH_SUBGRAPH = """
<ir_version: 6, opset_import: ["" : 11]>
choice (bool c, float[2] x) => (float[2] y)
{
  y = If(c) <
    then_branch = then_part () => (float[2] a) { a = Relu(x) },
    else_branch = else_part () => (float[2] b) { b = Neg(x) }
  >
}
"""


def test_facts_are_those_of_the_file(tmp_path):
    path = saved(convolution(6, 8), tmp_path / "small.onnx")
    facts = describe_graph(path)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.size_bytes == path.stat().st_size
    assert (facts.opset, facts.nodes, facts.parameters) == (11, 2, 8 * 3 * 3 * 3)
    assert facts.operators == {"Conv": 1, "Relu": 1}
    assert facts.inputs == {"x": [1, 3, 6, 8]}
    assert facts.outputs == {"y": [1, 8, 6, 8]}


def test_a_weight_counts_the_same_as_initializer_and_as_constant_node(tmp_path):
    model = convolution(6, 8)
    weights = model.graph.initializer.pop()
    model.graph.node.insert(0, onnx.helper.make_node("Constant", [], ["w"], value=weights))
    facts = describe_graph(saved(model, tmp_path / "constant.onnx"))
    assert facts.parameters == 8 * 3 * 3 * 3
    assert facts.nodes == 2, "constants are no computation"


def test_operators_of_subgraphs_are_counted(tmp_path):
    path = saved(onnx.parser.parse_model(WITH_SUBGRAPH), tmp_path / "if.onnx")
    assert describe_graph(path).operators == {"If": 1, "Neg": 1, "Relu": 1}


def test_dynamic_sizes_are_shown_by_name(tmp_path):
    assert describe_graph(saved(convolution("H", "W"), tmp_path / "d.onnx")).inputs == {"x": [1, 3, "H", "W"]}


@pytest.mark.parametrize("content", [b"not a model", b""])
def test_a_file_that_is_no_model_is_named(tmp_path, content):
    path = tmp_path / "text.onnx"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"text\.onnx: not an ONNX model"):
        describe_graph(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        describe_graph(tmp_path / "absent.onnx")
