"""The layers that Lens Studio makes of a model, by its own names, as its record of two models shows them.

Every Mul, Add and Div with one constant number, or one per channel, is `linear`; a Reshape has a `permute` on
both sides, since the importer works in NHWC, unless it begins with a matrix; the normalisation of the input
is a `batchnorm`. Evidence: recorded (layer table, R1).
"""

from collections import Counter

import onnx

from snapml_ocr.snapml.constraints import constant_scale_or_shift
from snapml_ocr.snapml.layer_view import LayerView, views_of

KINDS = {
    "AveragePool": "pool",
    "BatchNormalization": "batchnorm",
    "Concat": "concat",
    "Conv": "conv",
    "ConvTranspose": "deconv",
    "Gemm": "fullyconnected",
    "GlobalAveragePool": "pool",
    "LSTM": "lstm",
    "MaxPool": "pool",
    "Relu": "relu",
    "Reshape": "reshape",
    "Resize": "resize",
    "Sigmoid": "sigmoid",
    "Slice": "slice",
    "Softmax": "softmax",
    "Squeeze": "reshape",
    "Transpose": "permute",
    "Unsqueeze": "reshape",
}
"""Names that the record has, by ONNX operator; others are not known and keep the operator's."""

INPUT_NORMALISATION = "batchnorm"

SLICES_LIKE = {"permute", "reshape", "slice", "constant"}
"""Layers that the record has on every backend but the iPhone NPU."""


def predicted_layers(model: onnx.ModelProto) -> Counter[str]:
    """Return how many layers of each kind Lens Studio makes of `model` and of its input's normalisation."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    layers: Counter[str] = Counter()
    layers[INPUT_NORMALISATION] += len(model.graph.input)
    for view in views_of(inferred):
        kind = _kind(view)
        layers[kind] += 1
        if kind == "reshape" and len(view.shape(0) or ()) != 2:
            layers["permute"] += 2
    if any(view.operator == "LSTM" for view in views_of(inferred)):
        layers["constant"] += 1
    return layers


def missing_targets(kind: str) -> frozenset[str]:
    """Return the targets whose backend the record says does not run layers of `kind`."""
    if kind == "lstm":
        return frozenset({"iphone_npu", "android_gpu"})
    return frozenset({"iphone_npu"}) if kind in SLICES_LIKE else frozenset()


def _kind(view: LayerView) -> str:
    if view.operator in ("Add", "Sub", "Mul", "Div"):
        return "linear" if constant_scale_or_shift(view) is None else "eltwise"
    if view.operator == "Clip":
        return "relu6"
    return KINDS.get(view.operator, view.operator.lower())
