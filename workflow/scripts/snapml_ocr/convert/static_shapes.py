"""Give every tensor of a model the shape it really has, and make sure that it is a fixed one."""

from math import prod

import onnx

from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import first_line


def infer_all_shapes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` with shapes inferred anew from the input shapes and the operators alone.

    Shapes noted before are dropped first, those of the outputs too: notes of dynamic shapes survive
    simplification and would hide that a shape is fixed. Raises `UserError` when operators and shapes
    contradict each other.
    """
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    for output in bare.graph.output:
        output.type.tensor_type.ClearField("shape")
    try:
        inferred = onnx.shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    except (onnx.shape_inference.InferenceError, ValueError) as error:
        raise UserError(f"shapes contradict each other: {first_line(error)}") from None
    _sort_value_infos(inferred)
    return inferred


def with_input_shape(model: onnx.ModelProto, name: str, shape: list[int]) -> onnx.ModelProto:
    """Return a copy of `model` whose input `name` has `shape`, with the shapes that follow from it."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    value = next(value for value in fixed.graph.input if value.name == name)
    del value.type.tensor_type.shape.dim[:]
    for size in shape:
        value.type.tensor_type.shape.dim.add(dim_value=size)
    return infer_all_shapes(fixed)


def dynamic_tensors(model: onnx.ModelProto) -> list[str]:
    """Return the names of the tensors without a fully fixed shape, in graph order."""
    values = [*model.graph.input, *model.graph.value_info, *model.graph.output]
    static = {value.name for value in values if _is_static(value)}
    static |= {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input]
    names += [name for node in model.graph.node for name in node.output if name]
    return [name for name in names if name not in static]


def largest_tensor(model: onnx.ModelProto) -> tuple[str, int]:
    """Return the name and the number of elements of the largest tensor of fixed shape."""
    values = filter(_is_static, [*model.graph.input, *model.graph.value_info, *model.graph.output])
    sizes = {value.name: prod(dim.dim_value for dim in value.type.tensor_type.shape.dim) for value in values}
    name = max(sizes, key=lambda key: sizes[key])
    return name, sizes[name]


def _is_static(value: onnx.ValueInfoProto) -> bool:
    tensor = value.type.tensor_type
    return tensor.HasField("shape") and all(dim.HasField("dim_value") for dim in tensor.shape.dim)


def _sort_value_infos(model: onnx.ModelProto) -> None:
    """Put the notes in the order of the nodes, so that they do not depend on a hash table's."""
    place = {name: i for i, node in enumerate(model.graph.node) for name in node.output}
    ordered = sorted(model.graph.value_info, key=lambda value: (place.get(value.name, -1), value.name))
    del model.graph.value_info[:]
    model.graph.value_info.extend(ordered)
