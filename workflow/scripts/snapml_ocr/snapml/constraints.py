"""The predicates that layers.yaml names: each returns what was found where the constraint is not met."""

import math
from collections.abc import Callable

import onnx

from snapml_ocr.snapml.layer_view import LayerView, Shape

Predicate = Callable[[LayerView], str | None]

KNOWN_CONSTANT_RANKS = (1, 2, 4)
FLOAT_OUTPUT_INPUTS = {"Reshape": (0,), "Slice": (0,), "Resize": (0,), "Pad": (0,), "Gather": (0,)}
"""Operators with integer parameters: only these inputs are data."""

LSTM_STATES = (5, 6)
_PREDICATES: dict[str, Predicate] = {}


def registered(function: Predicate) -> Predicate:
    """Let layers.yaml name `function`."""
    _PREDICATES[function.__name__] = function
    return function


def static(shape: Shape | None) -> tuple[int, ...] | None:
    """Return `shape` when every size is a number."""
    if shape is None or not all(isinstance(size, int) for size in shape):
        return None
    return tuple(int(size) for size in shape if isinstance(size, int))


@registered
def rank_at_most_four(layer: LayerView) -> str | None:
    """No tensor around the layer has more than four axes."""
    for shape in (*layer.input_shapes, *layer.output_shapes):
        if shape is not None and len(shape) > 4:
            return f"a tensor of shape {_show(shape)}"
    return None


@registered
def static_shapes(layer: LayerView) -> str | None:
    """Every output has a known size."""
    for name, shape in zip(layer.node.output, layer.output_shapes, strict=True):
        if not name:
            continue
        sizes = static(shape)
        if sizes is None or any(size < 0 for size in sizes):
            return f"output {name} has shape {_show(shape)}"
    return None


@registered
def float32_tensors(layer: LayerView) -> str | None:
    """The data inputs are float32."""
    data = FLOAT_OUTPUT_INPUTS.get(layer.operator, tuple(layer.operands()))
    for index in data:
        kind = layer.input_types[index] if index < len(layer.input_types) else 0
        if kind not in (0, onnx.TensorProto.FLOAT):
            return f"input {layer.node.input[index]} is {onnx.TensorProto.DataType.Name(kind).lower()}"
    return None


@registered
def constant_node_ranks(layer: LayerView) -> str | None:
    """Constant nodes have rank 1, 2 or 4; the states of an LSTM were seen with rank 3."""
    exempt = LSTM_STATES if layer.operator == "LSTM" else ()
    for index, constant in enumerate(layer.constants):
        if constant is None or not constant.from_node or index in exempt:
            continue
        if len(constant.shape) not in KNOWN_CONSTANT_RANKS:
            return f"constant {layer.node.input[index]} of rank {len(constant.shape)}"
    return None


@registered
def shapes_agree(layer: LayerView) -> str | None:
    """Operands of an element-wise layer broadcast in the ONNX sense."""
    if layer.operator not in ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Pow"):
        return None
    shapes = [static(shape) for shape in layer.input_shapes]
    known = [shape for shape in shapes if shape is not None]
    for axis in range(1, max((len(shape) for shape in known), default=0) + 1):
        sizes = {shape[-axis] for shape in known if axis <= len(shape)} - {1}
        if len(sizes) > 1:
            return f"operands {_show_all(layer)}"
    return None


@registered
def layer_has_name(layer: LayerView) -> str | None:
    """The node has a name."""
    return None if layer.node.name else "no name"


@registered
def axis_is_channel(layer: LayerView) -> str | None:
    """ArgMax and ArgMin along axis 1."""
    axis = int(layer.attributes.get("axis", 0))
    return None if axis == 1 else f"axis {axis}"


@registered
def computed_operands(layer: LayerView) -> str | None:
    """No operand is a constant."""
    return "a constant operand" if any(layer.constants) else None


@registered
def constant_operand(layer: LayerView) -> str | None:
    """At least one operand is a constant."""
    return None if any(layer.constants) else "no constant operand"


@registered
def heads_in_batch(layer: LayerView) -> str | None:
    """Operands (B, 1, M, K) and (B, 1, K, N)."""
    shapes = [layer.shape(0), layer.shape(1)]
    fits = all(shape is not None and len(shape) == 4 and shape[1] == 1 for shape in shapes)
    return None if fits and shapes[0][0] == shapes[1][0] else f"operands {_show_all(layer)}"  # type: ignore[index]


@registered
def constant_weights(layer: LayerView) -> str | None:
    """Every weight is a constant."""
    last = {"BatchNormalization": 5, "PRelu": 2}.get(layer.operator, 3)
    for index in range(1, last):
        if layer.has_input(index) and layer.constant(index) is None:
            return f"{layer.node.input[index]} is computed"
    return None


@registered
def input_rank_four(layer: LayerView) -> str | None:
    """The first input has four axes."""
    shape = layer.shape(0)
    return None if shape is not None and len(shape) == 4 else f"an input of shape {_show(shape)}"


@registered
def concat_axis(layer: LayerView) -> str | None:
    """Axis 0 or 1."""
    axis = int(layer.attributes.get("axis", 0))
    rank = len(layer.output_shapes[0] or ())
    return None if axis in (0, 1) or axis + rank in (0, 1) else f"axis {axis}"


@registered
def no_constant_operand(layer: LayerView) -> str | None:
    """No operand is a Constant layer."""
    for index in layer.operands():
        if layer.constant(index) is not None:
            return f"operand {layer.node.input[index]} is a constant"
    return None


@registered
def constant_operand_ranks(layer: LayerView) -> str | None:
    """Operands that are constants have rank 1, 2 or 4."""
    for index in layer.operands():
        constant = layer.constant(index)
        if constant is not None and len(constant.shape) not in KNOWN_CONSTANT_RANKS:
            return f"operand {layer.node.input[index]} of rank {len(constant.shape)}"
    return None


@registered
def equal_strides(layer: LayerView) -> str | None:
    """Strides and dilations are each equal."""
    for name in ("strides", "dilations"):
        values = layer.ints(name, ())
        if len(set(values)) > 1:
            return f"{name} {_show(values)}"
    return None


@registered
def padding_within_kernel(layer: LayerView) -> str | None:
    """No pad exceeds the kernel of its axis."""
    kernel = _kernel(layer)
    pads = layer.ints("pads", (0,) * (2 * len(kernel)))
    too_large = any(pad > kernel[index % len(kernel)] for index, pad in enumerate(pads)) if kernel else False
    return f"pads {_show(pads)} of kernel {_show(kernel)}" if too_large else None


@registered
def plain_or_depthwise(layer: LayerView) -> str | None:
    """Group 1, or one group per input channel."""
    group, shape = int(layer.attributes.get("group", 1)), layer.shape(0)
    channels = shape[1] if shape is not None and len(shape) > 1 else None
    return None if group in (1, channels) else f"group {group} of {channels} channels"


@registered
def no_auto_pad(layer: LayerView) -> str | None:
    """Padding by numbers."""
    mode = layer.text("auto_pad", "NOTSET")
    return None if mode == "NOTSET" else f"auto_pad {mode}"


@registered
def no_dilation(layer: LayerView) -> str | None:
    """Dilations of 1."""
    dilations = layer.ints("dilations", ())
    return None if set(dilations) <= {1} else f"dilations {_show(dilations)}"


@registered
def equal_stride_pad_kernel(layer: LayerView) -> str | None:
    """Stride, padding and kernel each equal in height and width."""
    values = {"strides": layer.ints("strides", ()), "pads": layer.ints("pads", ()), "kernel": _kernel(layer)}
    for name, entries in values.items():
        if len(set(entries)) > 1:
            return f"{name} {_show(entries)}"
    return None


@registered
def no_output_padding(layer: LayerView) -> str | None:
    """The output's size follows from stride, padding and kernel."""
    if any(layer.ints("output_padding", ())):
        return f"output_padding {_show(layer.ints('output_padding', ()))}"
    return f"output_shape {_show(layer.ints('output_shape', ()))}" if layer.ints("output_shape", ()) else None


@registered
def broadcast_form(layer: LayerView) -> str | None:
    """Equal sizes, or broadcasting along the channels, or along height and width, or of one number."""
    shapes = [static(shape) for shape in layer.input_shapes]
    output = static(layer.output_shapes[0])
    if output is None or any(shape is None for shape in shapes):
        return f"operands {_show_all(layer)}"
    for shape in shapes:
        assert shape is not None
        if shape != output and math.prod(shape) != 1 and not _broadcasts(shape, output):
            return f"operands {_show_all(layer)}"
    return None


@registered
def constant_scale_or_shift(layer: LayerView) -> str | None:
    """One operand is a constant number, or one per channel; it is no dividend."""
    first, second = layer.constant(0), layer.constant(1)
    constant, shape = (second, layer.shape(0)) if second is not None else (first, layer.shape(1))
    if constant is None or (first is not None and (second is not None or layer.operator == "Div")):
        return "no constant operand, or nothing else"
    sizes = static(shape)
    if math.prod(constant.shape) == 1:
        return None
    if sizes is None or len(sizes) < 2 or len(constant.shape) > len(sizes):
        return f"a constant of shape {_show(constant.shape)}"
    full = (1,) * (len(sizes) - len(constant.shape)) + constant.shape
    per_channel = full[1] == sizes[1] and math.prod(full) == full[1]
    return None if per_channel else f"a constant of shape {_show(constant.shape)}"


@registered
def first_operand_largest(layer: LayerView) -> str | None:
    """The first operand has at least as many elements as the second."""
    first, second = static(layer.shape(0)), static(layer.shape(1))
    if first is None or second is None:
        return f"operands {_show_all(layer)}"
    return None if math.prod(first) >= math.prod(second) else f"operands {_show_all(layer)}"


@registered
def same_dimensions(layer: LayerView) -> str | None:
    """All operands have the same shape."""
    return None if len(set(layer.input_shapes)) == 1 else f"operands {_show_all(layer)}"


@registered
def never(layer: LayerView) -> str | None:
    """What no model can meet: the table's own mapping is uncertain."""
    return f"{layer.operator} is not named"


@registered
def gemm_form(layer: LayerView) -> str | None:
    """No scaling and no transposition."""
    attributes = layer.attributes
    plain = attributes.get("alpha", 1.0) == 1.0 and attributes.get("beta", 1.0) == 1.0
    turned = attributes.get("transA", 0) or attributes.get("transB", 0)
    return None if plain and not turned else "alpha, beta, transA or transB is set"


@registered
def lstm_states_from_nodes(layer: LayerView) -> str | None:
    """Both initial states are given by Constant nodes."""
    for index, name in zip(LSTM_STATES, ("initial_h", "initial_c"), strict=True):
        constant = layer.constant(index)
        if constant is None or not constant.from_node:
            return f"{name} is {'absent' if not layer.has_input(index) else 'not a Constant node'}"
    return None


@registered
def lstm_plain(layer: LayerView) -> str | None:
    """Nothing but the default cell."""
    if layer.has_input(4) or layer.has_input(7):
        return "sequence_lens or peepholes are given"
    extra = {"activations", "clip", "input_forget", "layout"} & {
        name for name, value in layer.attributes.items() if value
    }
    return f"{', '.join(sorted(extra))} set" if extra else None


@registered
def pad_mode(layer: LayerView) -> str | None:
    """Constant or reflected borders."""
    mode = layer.text("mode", "constant")
    return None if mode in ("constant", "reflect") else f"mode {mode}"


@registered
def one_output(layer: LayerView) -> str | None:
    """No second output."""
    return None if len([name for name in layer.node.output if name]) == 1 else "a second output"


@registered
def pool_strides_equal(layer: LayerView) -> str | None:
    """Equal strides."""
    strides = layer.ints("strides", ())
    return None if len(set(strides)) <= 1 else f"strides {_show(strides)}"


@registered
def no_ceil_mode(layer: LayerView) -> str | None:
    """Windows that do not fit are dropped."""
    return "ceil_mode 1" if layer.attributes.get("ceil_mode", 0) else None


@registered
def padding_not_counted(layer: LayerView) -> str | None:
    """Padding does not count in the average."""
    counts = layer.attributes.get("count_include_pad", 0) and any(layer.ints("pads", ()))
    return "count_include_pad 1 with padding" if counts else None


@registered
def constant_exponent(layer: LayerView) -> str | None:
    """One constant exponent."""
    constant = layer.constant(1)
    return (
        None if constant is not None and math.prod(constant.shape) == 1 else "the exponent is not one number"
    )


@registered
def one_slope(layer: LayerView) -> str | None:
    """One slope for all channels."""
    constant = layer.constant(1)
    return (
        None if constant is None or math.prod(constant.shape) == 1 else f"{math.prod(constant.shape)} slopes"
    )


@registered
def reduces_n_c_hw_or_hwc(layer: LayerView) -> str | None:
    """Reduction over N, C, HW or HWC."""
    return _reduction(layer, ({0}, {1}, {2, 3}, {1, 2, 3}))


@registered
def reduces_n_c_or_hw(layer: LayerView) -> str | None:
    """Reduction over N, C or HW."""
    return _reduction(layer, ({0}, {1}, {2, 3}))


@registered
def clip_zero_to_six(layer: LayerView) -> str | None:
    """The bounds of ReLU6."""
    bounds = [layer.constant(index) for index in (1, 2)]
    if any(bound is None or math.prod(bound.shape) != 1 for bound in bounds):
        return "bounds absent or computed"
    low, high = (float(bound.array.reshape(-1)[0]) for bound in bounds if bound is not None)
    return None if (low, high) == (0.0, 6.0) else f"bounds {low:g} and {high:g}"


@registered
def clip_bounds_from_nodes(layer: LayerView) -> str | None:
    """Bounds of shape (1,) from Constant nodes."""
    for index in (1, 2):
        constant = layer.constant(index)
        if constant is None or not constant.from_node or constant.shape != (1,):
            return "bounds in another form"
    return None


@registered
def explicit_sizes(layer: LayerView) -> str | None:
    """No 0 and no -1 among the sizes."""
    constant = layer.constant(1)
    if constant is None:
        return "the sizes are computed"
    sizes = constant.array.reshape(-1).tolist()
    return None if all(size > 0 for size in sizes) else f"sizes {_show(tuple(sizes))}"


@registered
def layout_independent(layer: LayerView) -> str | None:
    """Neither side is a rank-4 tensor whose elements NCHW and NHWC memory order differently."""
    before, after = static(layer.shape(0)), static(layer.output_shapes[0])
    for shape in (before, after):
        if shape is not None and len(shape) == 4 and shape[1] > 1 and shape[2] * shape[3] > 1:
            return f"from {_show(before)} to {_show(after)}"
    return None


@registered
def mode_linear(layer: LayerView) -> str | None:
    """Bilinear interpolation."""
    return None if layer.text("mode", "nearest") == "linear" else "another mode"


@registered
def mode_nearest(layer: LayerView) -> str | None:
    """Nearest neighbour."""
    return None if layer.text("mode", "nearest") == "nearest" else "another mode"


@registered
def resize_scales(layer: LayerView) -> str | None:
    """One factor for height and width."""
    before, after = static(layer.shape(0)), static(layer.output_shapes[0])
    if before is None or after is None or len(before) != 4:
        return f"from {_show(layer.shape(0))} to {_show(layer.output_shapes[0])}"
    same = before[:2] == after[:2] and after[2] * before[3] == after[3] * before[2]
    return None if same else f"from {_show(before)} to {_show(after)}"


@registered
def aligned_corners(layer: LayerView) -> str | None:
    """align_corners."""
    mode = layer.text("coordinate_transformation_mode", "half_pixel")
    return None if mode == "align_corners" else f"coordinates {mode}"


@registered
def not_aligned_corners(layer: LayerView) -> str | None:
    """Anything but align_corners."""
    return "coordinates align_corners" if aligned_corners(layer) is None else None


@registered
def nearest_floor(layer: LayerView) -> str | None:
    """Asymmetric, floor, whole factor."""
    before, after = static(layer.shape(0)), static(layer.output_shapes[0])
    mode = layer.text("coordinate_transformation_mode", "half_pixel")
    rounding = layer.text("nearest_mode", "round_prefer_floor")
    if (mode, rounding) != ("asymmetric", "floor"):
        return f"coordinates {mode}, rounding {rounding}"
    whole = before is not None and after is not None and len(before) == 4 and after[2] % before[2] == 0
    return None if whole else "a fractional factor"


@registered
def slice_from_nodes(layer: LayerView) -> str | None:
    """All parameters are Constant nodes."""
    for index in range(1, len(layer.node.input)):
        constant = layer.constant(index)
        if layer.has_input(index) and (constant is None or not constant.from_node):
            return f"{layer.node.input[index]} is no Constant node"
    return None


@registered
def softmax_over_channels(layer: LayerView) -> str | None:
    """Axis 1, and below opset 13, where the axes behind it count too, nothing behind it."""
    shape = static(layer.output_shapes[0])
    axis = int(layer.attributes.get("axis", -1 if layer.opset >= 13 else 1))
    if shape is None:
        return "unknown shape"
    position = axis + len(shape) if axis < 0 else axis
    if position != 1:
        return f"axis {axis} of {_show(shape)}"
    if layer.opset < 13 and math.prod(shape[2:]) != 1:
        return f"axis 1 of {_show(shape)} at opset {layer.opset} takes C, H and W together"
    return None


def _kernel(layer: LayerView) -> tuple[int, ...]:
    kernel = layer.ints("kernel_shape", ())
    weights = static(layer.shape(1)) if layer.operator in ("Conv", "ConvTranspose") else None
    return kernel or (weights[2:] if weights is not None else ())


def _broadcasts(shape: tuple[int, ...], output: tuple[int, ...]) -> bool:
    """Whether a smaller operand of a rank-4 result is per channel, or per pixel, with the batch kept or 1."""
    if len(output) != 4 or len(shape) > 4:
        return False
    full = (1,) * (4 - len(shape)) + shape
    if full[0] not in (1, output[0]):
        return False
    per_channel = full[1] in (1, output[1]) and full[2:] == (1, 1)
    per_pixel = full[1] == 1 and full[2:] == output[2:]
    return per_channel or per_pixel


def _reduction(layer: LayerView, allowed: tuple[set[int], ...]) -> str | None:
    shape = layer.shape(0)
    if shape is None:
        return "unknown shape"
    axes = layer.ints("axes", tuple(range(len(shape))))
    if layer.has_input(1):
        constant = layer.constant(1)
        if constant is None:
            return "the axes are computed"
        axes = tuple(int(axis) for axis in constant.array.reshape(-1))
    positions = {axis % len(shape) for axis in axes}
    return None if positions in allowed else f"axes {sorted(positions)} of {_show(shape)}"


def _show(shape: Shape | tuple[int, ...] | None) -> str:
    return (
        "unknown"
        if shape is None
        else "(" + ", ".join("?" if one is None else str(one) for one in shape) + ")"
    )


def _show_all(layer: LayerView) -> str:
    return " and ".join(_show(shape) for shape in layer.input_shapes)


def predicate(name: str) -> Predicate:
    """Return the predicate that layers.yaml calls `name`. Raises KeyError for an unknown one."""
    return _PREDICATES[name]
