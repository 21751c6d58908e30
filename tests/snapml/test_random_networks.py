"""Networks put together at random: whatever the rules do to them, the numbers stay."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from snapml_graphs import fixed, model, node, storages, weights

from snapml_ocr.runtime.feeds import random_feeds, run_all

CHANNELS, SIZE = 4, 6
RELATIVE = 1e-4
"""Far above rounding, which products of products enlarge, and far below any wrong rule."""

STEPS = (
    "Conv",
    "DepthwiseConv",
    "PaddedConv",
    "BatchNormalization",
    "Relu",
    "HardSigmoid",
    "Clip",
    "AddConstant",
    "MulConstant",
    "DivNumber",
    "SubFrom",
    "Add",
    "Mul",
    "Gate",
    "MaxPool",
    "AveragePool",
    "Twice",
    "Turned",
    "Residual",
)


class Network:
    """Grows a list of nodes; every value is (1, 4, 6, 6)."""

    def __init__(self) -> None:
        self.nodes, self.constants, self.values = [], {}, ["x"]

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def add(self, operator, *inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(node(operator, inputs, name, **attributes))
        return name

    def step(self, kind, first, second, seed):
        x, y = self.values[first % len(self.values)], self.values[second % len(self.values)]
        self.values.append(self._made(kind, x, y, seed))

    def _made(self, kind, x, y, seed):
        made = getattr(self, f"_{kind}", None)
        if made is not None:
            return made(x, y, seed)
        operator, inputs = {
            "AddConstant": ("Add", [x, weights(seed, CHANNELS, 1, 1)]),
            "MulConstant": ("Mul", [x, weights(seed, CHANNELS, 1, 1)]),
            "DivNumber": ("Div", [x, np.float32(6)]),
            "SubFrom": ("Sub", [np.float32(1), x]),
            "Clip": ("Clip", [x, np.float32(-0.5), np.float32(0.75)]),
            "Add": ("Add", [x, y]),
            "Mul": ("Mul", [x, y]),
        }.get(kind, (kind, [x]))
        window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]} if kind in ("MaxPool", "AveragePool") else {}
        return self.add(
            operator, *(one if isinstance(one, str) else self.constant(one) for one in inputs), **window
        )

    def _Conv(self, x, y, seed, *, group=1, kernel=1):
        array = self.constant(weights(seed, CHANNELS, CHANNELS // group, kernel, kernel))
        bias = self.constant(weights(seed + 1, CHANNELS))
        return self.add("Conv", x, array, bias, group=group, pads=[kernel // 2] * 4)

    def _DepthwiseConv(self, x, y, seed):
        return self._Conv(x, y, seed, group=CHANNELS)

    def _PaddedConv(self, x, y, seed):
        return self._Conv(x, y, seed, kernel=3)

    def _BatchNormalization(self, x, y, seed):
        arrays = [weights(seed + index, CHANNELS) + np.float32((index in (0, 3)) * 1.5) for index in range(4)]
        return self.add("BatchNormalization", x, *(self.constant(array) for array in arrays))

    def _Gate(self, x, y, seed):
        return self.add("Mul", x, self.add("HardSigmoid", self.add("GlobalAveragePool", y)))

    def _Twice(self, x, y, seed):
        joined = self.add("Concat", x, y, axis=1)
        return self.add("Conv", joined, self.constant(weights(seed, CHANNELS, 2 * CHANNELS, 1, 1)))

    def _Turned(self, x, y, seed):
        turned = self.add("Relu", self.add("Transpose", x, perm=[0, 2, 3, 1]))
        return self.add("Transpose", turned, perm=[0, 3, 1, 2])

    def _Residual(self, x, y, seed):
        return self.add("Add", self.add("Mul", x, self.add("GlobalAveragePool", x)), x)


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 9), st.integers(0, 9), st.integers(0, 99)),
        min_size=3,
        max_size=12,
    ),
    storage=storages,
    outputs=st.integers(1, 2),
)
def test_random_networks_keep_their_numbers(steps, storage, outputs):
    network = Network()
    for one in steps:
        network.step(*one)
    names = network.values[-outputs:]
    shape = (1, CHANNELS, SIZE, SIZE)
    graph = model(network.nodes, {"x": shape}, outputs=names, constants=network.constants, storage=storage)
    outputs_before = [run_all(graph, random_feeds(graph, seed)) for seed in (0, 1, 7, 8)]
    largest = max(float(np.abs(array).max()) for one in outputs_before for array in one.values())
    fixed(graph, max_abs_diff=RELATIVE * max(1.0, largest))
