"""The form every model has before the rules run, and the form it is written in."""

import onnx
import onnx_ir as ir
import onnx_ir.passes.common as common_passes

from snapml_ocr.snapml.helpers.values import CONSTANT_PREFIX, content_name

TRACE_PREFIX = "pkg.onnxscript"
"""Metadata that the rewriting library leaves on what it touches; it says nothing about the model."""

CONSTANT_NODE_INPUTS = {
    "Clip": (1, 2),
    "Slice": (1, 2, 3, 4),
    "LSTM": (5, 6),
    "Add": (0, 1),
    "Sub": (0, 1),
    "Mul": (0, 1),
    "Div": (0, 1),
    "Pow": (0, 1),
    "Max": (0, 1),
    "Min": (0, 1),
}
"""Inputs that the tutorial's models, or Snap's own converter, give by Constant nodes; all others are
initializers (evidence: layer table, ReLU6, Slice, LSTM and Eltwise Add)."""


def lift_constants(model: ir.Model) -> None:
    """Turn every Constant node into an initializer, so that rules meet constants in one form only."""
    common_passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(model)


def finish(model: ir.Model) -> onnx.ModelProto:
    """Return the model as it is written: sorted, named, constants where the importer looks for them.

    The result depends on the graph alone, and a model that went through here once comes out unchanged.
    """
    graph = model.graph
    graph.sort()
    _constants_to_nodes(graph)
    _order_initializers(graph)
    _name_nodes(graph)
    _strip_traces(model)
    proto = ir.to_proto(model)
    del proto.graph.value_info[:]
    inferred = onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True, data_prop=True)
    infos = sorted(inferred.graph.value_info, key=lambda info: info.name)
    del proto.graph.value_info[:]
    proto.graph.value_info.extend(infos)
    return proto


def _constants_to_nodes(graph: ir.Graph) -> None:
    """One Constant node for each content, before its first reader, named after the content."""
    made: dict[str, ir.Value] = {}
    for node in tuple(graph):
        for index in CONSTANT_NODE_INPUTS.get(node.op_type, ()):
            value = node.inputs[index] if index < len(node.inputs) else None
            if value is None or value.name not in graph.initializers or value.is_graph_output():
                continue
            tensor = value.const_value
            assert tensor is not None
            name = content_name(tensor.numpy())
            if name not in made:
                constant = ir.node("Constant", [], attributes={"value": ir.tensor(tensor.numpy(), name=name)})
                constant.name = f"Constant.{name}"
                constant.outputs[0].type, constant.outputs[0].shape = value.type, value.shape
                graph.insert_before(node, constant)
                made[name] = constant.outputs[0]
            node.replace_input_with(index, made[name])
    for name, value in tuple(graph.initializers.items()):
        if not value.uses() and not value.is_graph_output():
            del graph.initializers[name]
        elif name in made:
            value.name = name.replace(CONSTANT_PREFIX, "weight_", 1)
    for name, value in made.items():
        value.name = name


def _order_initializers(graph: ir.Graph) -> None:
    """In the order in which nodes read them; those that nothing reads are gone already."""
    order: list[str] = []
    seen: set[str] = set()
    for node in graph:
        for value in node.inputs:
            name = value.name if value is not None else None
            if name is not None and name in graph.initializers and name not in seen:
                order.append(name)
                seen.add(name)
    rest = [name for name in graph.initializers if name not in seen]
    values = [graph.initializers[name] for name in order + rest]
    graph.initializers.clear()
    for value in values:
        graph.register_initializer(value)


def _name_nodes(graph: ir.Graph) -> None:
    taken = {node.name for node in graph if node.name}
    seen: set[str] = set()
    for node in graph:
        if node.name and node.name not in seen:
            seen.add(node.name)
            continue
        stem = f"{node.op_type}.{node.outputs[0].name}"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}.{number}"
        node.name = name
        taken.add(name)
        seen.add(name)


def _strip_traces(model: ir.Model) -> None:
    holders: list[dict[str, str]] = [model.metadata_props, model.graph.metadata_props]
    for node in model.graph:
        holders.append(node.metadata_props)
        holders += [output.metadata_props for output in node.outputs]
    holders += [value.metadata_props for value in model.graph.initializers.values()]
    for holder in holders:
        for key in [key for key in holder if key.startswith(TRACE_PREFIX)]:
            del holder[key]
