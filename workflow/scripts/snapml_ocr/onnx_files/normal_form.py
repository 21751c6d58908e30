"""One spelling for the many that ONNX allows and ONNX Runtime runs; later steps meet that one alone."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import STANDARD_DOMAINS, first_line, graph_inputs, opset_of

LOWEST_IR_VERSION = 4
"""Before it every weight had to be listed among the inputs (ONNX, docs/IR.md)."""

MAX_DENSE_ELEMENTS = 2**28
"""Of a sparse constant written out: a gigabyte as float32."""

OPEN_HEIGHTS, OPEN_WIDTHS = (64, 48, 32, 640), (320, 640)
"""Pixels: at one of them any PP-OCR model runs."""

_DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}
"""Types of inputs, as ONNX Runtime names them."""

_PLAIN_CONSTANTS = {
    "value_float": (np.float32, ()),
    "value_floats": (np.float32, (-1,)),
    "value_int": (np.int64, ()),
    "value_ints": (np.int64, (-1,)),
}
"""Attributes of a Constant node that stand for a tensor: its type and shape."""


def normal_form(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy of `model` that computes the same and is spelled in one way.

    Standard operators have the empty domain; functions are inlined; nodes are in the order in which they run
    and their names differ; constants are dense tensors, weights behind DequantizeLinear the floats they stand
    for; weights are no inputs; open sizes are open and not -1 or 0; every output has a shape; absent inputs
    and outputs at the end of a node are left out. A model of this form comes out as it went in. Raises
    `UserError` that says what is in the way.
    """
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    _one_standard_domain(plain)
    if plain.functions:
        plain = _without_functions(plain)
    for graph in _graphs(plain.graph):
        _weights_are_no_inputs(graph)
        for tensor in graph.sparse_initializer:
            graph.initializer.append(_dense(tensor))
        del graph.sparse_initializer[:]
        for node in graph.node:
            _plain_node(node)
        for value in (*graph.input, *graph.output):
            _open_sizes(value, smallest=1)
        for value in graph.value_info:  # an empty tensor, such as the region of a Resize, is nothing unusual
            _open_sizes(value, smallest=0)
    plain.ir_version = max(plain.ir_version, LOWEST_IR_VERSION)
    plain = _in_order(plain)
    _name_apart(plain.graph)
    _fold_dequantized(plain)
    _give_outputs_shapes(plain)
    return plain


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield a graph and those inside its nodes, without recursion: files may be hostile."""
    waiting = [graph]
    while waiting:
        current = waiting.pop()
        yield current
        for node in current.node:
            for attribute in node.attribute:
                waiting.extend(attribute.graphs)
                if attribute.HasField("g"):
                    waiting.append(attribute.g)


def _one_standard_domain(model: onnx.ModelProto) -> None:
    versions = sorted({entry.version for entry in model.opset_import if entry.domain in STANDARD_DOMAINS})
    if len(versions) > 1:
        listed = " and ".join(map(str, versions))
        raise UserError(f"the standard operators are imported in versions {listed}; export it with one")
    others = {entry.domain: entry.version for entry in model.opset_import}
    if "ai.onnx" in others:
        for graph in [*_graphs(model.graph)]:
            for node in graph.node:
                node.domain = "" if node.domain == "ai.onnx" else node.domain
        del model.opset_import[:]
        for domain in sorted({"", *others} - {"ai.onnx"}):
            model.opset_import.add(domain=domain, version=others.get(domain, versions[0]))


def _without_functions(model: onnx.ModelProto) -> onnx.ModelProto:
    from onnx.inliner import inline_local_functions

    inlined = inline_local_functions(model)
    if inlined.functions:
        name = f"{inlined.functions[0].domain}::{inlined.functions[0].name}"
        raise UserError(
            f"function {name} is of another opset than the model, {opset_of(model)}; export it with one"
        )
    return inlined


def _weights_are_no_inputs(graph: onnx.GraphProto) -> None:
    inputs = graph_inputs(graph)
    if len(inputs) < len(graph.input):
        kept = [onnx.ValueInfoProto.FromString(value.SerializeToString()) for value in inputs]
        del graph.input[:]
        graph.input.extend(kept)


def _dense(sparse: onnx.SparseTensorProto) -> onnx.TensorProto:
    """Write a sparse tensor out; places are linear, or one row of coordinates each."""
    name, shape = sparse.values.name, tuple(sparse.dims)
    if min(shape, default=1) < 0 or int(np.prod(shape, dtype=object)) > MAX_DENSE_ELEMENTS:
        raise UserError(f"sparse constant {name!r} of shape {shape} is larger than any that a Lens can hold")
    try:
        values, places = numpy_helper.to_array(sparse.values), numpy_helper.to_array(sparse.indices)
        dense = np.zeros(shape, values.dtype)
        where = places if places.ndim == 1 else np.ravel_multi_index(tuple(places.T), shape)
        dense.reshape(-1)[where] = values
    except (ValueError, IndexError, TypeError) as error:
        raise UserError(f"sparse constant {name!r} cannot be read: {first_line(error)}") from None
    return numpy_helper.from_array(dense, name)


def _plain_node(node: onnx.NodeProto) -> None:
    for names in (node.input, node.output):
        while names and not names[-1]:
            names.pop()
    if node.op_type == "Constant" and node.domain == "" and len(node.attribute) == 1:
        attribute = node.attribute[0]
        if attribute.name == "sparse_value":
            tensor = _dense(attribute.sparse_tensor)
        elif attribute.name in _PLAIN_CONSTANTS:
            dtype, shape = _PLAIN_CONSTANTS[attribute.name]
            value = np.asarray(onnx.helper.get_attribute_value(attribute), dtype)
            tensor = numpy_helper.from_array(value.reshape(shape))
        else:
            return
        node.attribute[0].CopyFrom(onnx.helper.make_attribute("value", tensor))


def _open_sizes(value: onnx.ValueInfoProto, *, smallest: int) -> None:
    """Some exporters write -1 or 0 for a size that is open; no picture or map has such a size."""
    for dim in value.type.tensor_type.shape.dim:
        if dim.HasField("dim_value") and dim.dim_value < smallest:
            dim.ClearField("dim_value")


def _in_order(model: onnx.ModelProto) -> onnx.ModelProto:
    """Put nodes behind what they read; ONNX Runtime does so by itself, the checker and others do not."""
    made = {name for node in model.graph.node for name in node.output}
    seen: set[str] = set()
    for node in model.graph.node:
        if any(name in made and name not in seen for name in node.input):
            break
        seen.update(node.output)
    else:
        return model
    import onnx_ir  # not in the exporters' environments, whose models are in order

    try:
        unordered = onnx_ir.from_proto(model)
        unordered.graph.sort()
    except ValueError:
        raise UserError("its nodes form a cycle, so it cannot be run") from None
    return onnx_ir.to_proto(unordered)


def _name_apart(graph: onnx.GraphProto) -> None:
    """Number the names that several nodes have; a node without a name stays so."""
    taken = {node.name for node in graph.node}
    seen: set[str] = set()
    for node in graph.node:
        if node.name and node.name in seen:
            number = next(i for i in range(2, len(graph.node) + 3) if f"{node.name}_{i}" not in taken)
            node.name = f"{node.name}_{number}"
            taken.add(node.name)
        seen.add(node.name)


def _fold_dequantized(model: onnx.ModelProto) -> None:
    """Replace DequantizeLinear of constants, and what leads to it, by the floats that it gives."""
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    makers = {name: node for node in graph.node for name in node.output}
    fed = {value.name for value in graph.input} | {value.name for value in graph.output}
    for node in [node for node in graph.node if node.op_type == "DequantizeLinear"]:
        behind = _constant_nodes_behind(node, makers, fed - {node.output[0]})
        if behind is None:
            continue
        tensor = numpy_helper.from_array(_computed(model, behind, tensors, node), node.output[0])
        graph.initializer.append(tensor)
        tensors[tensor.name] = tensor
        graph.node.remove(node)
        del makers[tensor.name]
    drop_unread(graph)


def _constant_nodes_behind(
    node: onnx.NodeProto, makers: dict[str, onnx.NodeProto], fed: set[str]
) -> list[onnx.NodeProto] | None:
    """The nodes that `node` needs, it last, when all are constant; else None."""
    found: dict[str, onnx.NodeProto] = {}
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if fed.intersection(current.input) or any(one.HasField("g") for one in current.attribute):
            return None
        found.pop(current.output[0], None)  # a node read twice stands before both of its readers
        found[current.output[0]] = current
        waiting += [makers[name] for name in current.input if name in makers]
    return [*reversed(found.values())]


def _computed(
    model: onnx.ModelProto,
    nodes: list[onnx.NodeProto],
    tensors: dict[str, onnx.TensorProto],
    last: onnx.NodeProto,
) -> NDArray[Any]:
    import onnxruntime

    read = sorted({name for node in nodes for name in node.input if name in tensors})
    output = onnx.helper.make_empty_tensor_value_info(last.output[0])
    graph = onnx.helper.make_graph(nodes, "constant", [], [output], [tensors[name] for name in read])
    folded = onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    try:
        value = onnxruntime.InferenceSession(folded.SerializeToString()).run(None, {})[0]
    except Exception as error:  # ONNX Runtime's exceptions share no other base class
        raise UserError(f"weights behind DequantizeLinear {last.output[0]!r}: {first_line(error)}") from None
    return np.ascontiguousarray(value)


def drop_unread(graph: onnx.GraphProto) -> None:
    """Remove nodes and weights that nothing reads."""
    while True:
        read = {name for one in _graphs(graph) for node in one.node for name in node.input}
        read |= {value.name for one in _graphs(graph) for value in one.output}
        dead = [node for node in graph.node if not read.intersection(node.output)]
        if not dead:
            break
        for node in dead:
            graph.node.remove(node)
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in read]:
        graph.initializer.remove(tensor)


def _give_outputs_shapes(model: onnx.ModelProto) -> None:
    """ONNX Runtime does without the shape of an output, and even its type; the checker does not."""
    without = [value for value in model.graph.output if not value.type.tensor_type.HasField("shape")]
    if not without:
        return
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    except (onnx.shape_inference.InferenceError, ValueError) as error:
        raise UserError(f"its shapes contradict each other: {first_line(error)}") from None
    known = {value.name: value for value in inferred.output}
    for value in without:
        value.CopyFrom(known[value.name])
        if not value.type.tensor_type.HasField("shape"):
            rank = trial_run(model, value.name).ndim
            value.type.tensor_type.shape.dim.extend(onnx.TensorShapeProto.Dimension() for _ in range(rank))


def trial_run(model: onnx.ModelProto, output: str) -> NDArray[Any]:
    """Return an output for zeros of an input size that the model takes, for what operators do not tell.

    Raises `UserError` when the model runs at none of the usual sizes.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    reason = ""
    for sizes in product(OPEN_HEIGHTS, OPEN_WIDTHS):
        try:
            session = onnxruntime.InferenceSession(model.SerializeToString(), options)
            feeds = {one.name: _zeros(one, (1, 3, *sizes)) for one in session.get_inputs()}
            value: NDArray[Any] = session.run([output], feeds)[0]
        except Exception as error:  # ONNX Runtime's exceptions share no other base class
            reason = first_line(error)
        else:
            if isinstance(value, np.ndarray):
                return value
            raise UserError(f"output {output!r} is no tensor")
    raise UserError(f"it does not run, so what output {output!r} is cannot be told: {reason}")


def _zeros(given: Any, usual: tuple[int, ...]) -> NDArray[Any]:
    """Zeros for an input of ONNX Runtime's; open sizes are those of `usual`, one by one."""
    sizes = [size if isinstance(size, int) and size > 0 else None for size in given.shape]
    return np.zeros([size or usual[axis] for axis, size in enumerate(sizes)], _DTYPES[given.type])
