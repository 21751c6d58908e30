"""Find the first tensor in which two ONNX models diverge, whatever their names.

Models that were rewritten have other nodes, so tensors are matched by value: a tensor of the first model
agrees when the second has one of as many elements with the same values in the same order (of any shape).
Rewrites leave tensors without counterpart too, but what follows them agrees again; after an error nothing
does. So the models first diverge at the first tensor, in graph order, that has no counterpart and after which
nothing has one. Tensors that have a counterpart up to a factor and an offset (a rewrite that carries a
factor along) are passed over as long as another explains more.

All intermediate tensors are looked at in a few runs, each as large as memory allows. Bisecting would need
agreement to be monotone along the graph, which rewrites break.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from snapml_ocr.evaluate.activations import Tensor, computed_tensors, tensor_values

SAMPLED = 2**16
"""Elements of a larger tensor that are kept, at random places; smaller tensors are kept whole."""

AGREEMENT = 1e-4
"""Largest difference of agreeing tensors relative to their largest value.

Ten times what reordered float32 sums give over a hundred layers, a tenth of what float16 weights do.
"""


@dataclass(frozen=True)
class Divergence:
    """The first divergence of two models."""

    tensor: Tensor
    """First tensor of the first model that nothing in the second agrees with."""
    counterpart: Tensor | None
    """Tensor of the second model in its place, when one of its size is near."""
    max_abs: float | None
    """Largest difference of the two, over the elements looked at."""
    peak: float
    """Largest absolute value of the first."""
    agreeing: list[tuple[str, str]]
    """Nearest tensors before it that agree, first and second model."""
    constants: list[str]
    """Constants of the two nodes that differ, when both are of one operator; as sentences."""


@dataclass(frozen=True)
class _Sketch:
    """What is kept of a tensor: enough elements to tell it from others."""

    tensor: Tensor
    size: int
    values: NDArray[np.float64]
    peak: float
    mean: float
    deviation: float

    @property
    def tells(self) -> bool:
        """Whether the values vary: constant tensors agree by chance."""
        return self.deviation > 0

    def same(self, other: "_Sketch") -> bool:
        return self.size == other.size and _near(self.values, other.values, self.peak)

    def same_up_to_scale(self, other: "_Sketch") -> bool:
        if self.size != other.size:
            return False
        ours, theirs = self._standardised(), other._standardised()
        return _near(ours, theirs, float(np.abs(ours).max()))

    def _standardised(self) -> NDArray[np.float64]:
        return (self.values - self.mean) / self.deviation


def locate(
    first: onnx.ModelProto,
    second: onnx.ModelProto,
    feeds: Mapping[str, NDArray[Any]],
    other_feeds: Mapping[str, NDArray[Any]],
) -> Divergence | None:
    """Find the first tensor in which `first` and `second` diverge; None when everything agrees.

    `other_feeds` holds the same arrays under the input names of `second`.
    """
    ours, theirs = _sketches(first, feeds), _sketches(second, other_feeds)
    agrees = _matches(ours, theirs)
    lost, other_lost = _lost(first, ours, agrees), _lost(second, theirs, {b: a for a, b in agrees.items()})
    if not lost:
        return None
    counterparts = [sketch for sketch in theirs if sketch.tensor.name in other_lost]
    parted = [sketch for sketch in ours if sketch.tensor.name in lost]
    unexplained = [one for one in parted if not any(one.same_up_to_scale(other) for other in theirs)]
    sketch = (unexplained or parted)[0]
    other = _in_place_of(sketch, counterparts)
    return Divergence(
        tensor=sketch.tensor,
        counterpart=other.tensor if other else None,
        max_abs=float(np.abs(sketch.values - other.values).max()) if other else None,
        peak=sketch.peak,
        agreeing=_agreeing_before(first, sketch.tensor, agrees),
        constants=_differing_constants(first, sketch.tensor.node, second, other.tensor.node) if other else [],
    )


def _sketches(model: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]]) -> list[_Sketch]:
    sketches = []
    for tensor, value in tensor_values(model, feeds, computed_tensors(model)):
        if value.size and np.issubdtype(value.dtype, np.floating):
            flat = value.ravel().astype(np.float64)
            values = flat[_places(flat.size)]
            peak = float(np.abs(flat).max())
            sketches.append(_Sketch(tensor, flat.size, values, peak, float(flat.mean()), float(flat.std())))
    return [sketch for sketch in sketches if sketch.tells]


def _places(size: int) -> NDArray[np.int64]:
    if size <= SAMPLED:
        return np.arange(size)
    return np.random.default_rng(size).integers(0, size, SAMPLED)


def _near(one: NDArray[np.float64], other: NDArray[np.float64], peak: float) -> bool:
    # a few elements decide nearly always
    for part in (slice(0, 64), slice(64, None)):
        if not np.all(np.abs(one[part] - other[part]) <= AGREEMENT * peak):
            return False
    return True


def _matches(ours: Sequence[_Sketch], theirs: Sequence[_Sketch]) -> dict[str, str]:
    """Counterpart by value of each tensor; of several, the one whose relative position is nearest."""
    by_size: dict[int, list[tuple[int, _Sketch]]] = {}
    for position, sketch in enumerate(theirs):
        by_size.setdefault(sketch.size, []).append((position, sketch))
    found = {}
    for position, sketch in enumerate(ours):
        expected = position * len(theirs) / len(ours)
        candidates = sorted(by_size.get(sketch.size, []), key=lambda item: abs(item[0] - expected))
        for _, other in candidates:
            if sketch.same(other):
                found[sketch.tensor.name] = other.tensor.name
                break
    return found


def _lost(model: onnx.ModelProto, sketches: Sequence[_Sketch], agrees: Mapping[str, str]) -> set[str]:
    """Tensors that do not agree and after which no other does."""
    recovers: set[str] = set(agrees)
    for node in reversed(model.graph.node):
        if recovers.intersection(node.output):
            recovers.update(name for name in node.input if name)
    return {sketch.tensor.name for sketch in sketches} - recovers


def _in_place_of(sketch: _Sketch, candidates: Sequence[_Sketch]) -> _Sketch | None:
    """Find the likely counterpart: of the same size, preferably of the same operator, then in order."""
    same_size = [other for other in candidates if other.size == sketch.size]
    same_operator = [other for other in same_size if other.tensor.node.op_type == sketch.tensor.node.op_type]
    return next(iter(same_operator or same_size), None)


def _agreeing_before(
    model: onnx.ModelProto, tensor: Tensor, agrees: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Walk back from a tensor to the nearest ones that agree."""
    maker = {name: node for node in model.graph.node for name in node.output}
    waiting, seen, found = list(tensor.node.input), set[str](), []
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in agrees:
            found.append((name, agrees[name]))
        elif name in maker:
            waiting.extend(maker[name].input)
    return found


def _differing_constants(
    first: onnx.ModelProto, node: onnx.NodeProto, second: onnx.ModelProto, other: onnx.NodeProto
) -> list[str]:
    if node.op_type != other.op_type:
        return []
    ours, theirs = _constants(first), _constants(second)
    sentences = []
    for name, other_name in zip(node.input, other.input, strict=False):
        if name in ours and other_name in theirs:
            one, two = ours[name], theirs[other_name]
            if one.shape != two.shape:
                sentences.append(f"constant {name!r} of shape {one.shape} became {other_name!r} {two.shape}")
            elif not np.array_equal(one, two):
                gap = np.abs(one.astype(np.float64) - two.astype(np.float64)).max(initial=0.0)
                sentences.append(f"constant {name!r} and {other_name!r} differ by up to {gap:.3g}")
    attributes = [
        {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in one.attribute}
        for one in (node, other)
    ]
    for name in sorted(attributes[0].keys() | attributes[1].keys()):
        values = [one.get(name) for one in attributes]
        if repr(values[0]) != repr(values[1]):
            sentences.append(f"attribute {name}: {values[0]} became {values[1]}")
    return sentences


def _constants(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    constants[node.output[0]] = numpy_helper.to_array(attribute.t)
    return constants
