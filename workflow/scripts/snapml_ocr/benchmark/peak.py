"""The machine's measured peak: one matrix product in ONNX Runtime, the ceiling of a roofline."""

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.runtime.model import session_options

SIDE = 768
"""Rows and columns: large enough to reach the peak, small enough (9 MB) not to wait for main memory."""
MULTIPLY_ADDS = SIDE**3


class MatrixProduct:
    """A (768, 768) float32 product with a constant right side, as a convolution's weights are constant."""

    input_shape: tuple[int | None, ...] = (SIDE, SIDE)
    output_names = ("product",)

    def __init__(self, threads: int) -> None:
        import onnxruntime

        options = session_options(threads=threads, optimise=True)
        self._session = onnxruntime.InferenceSession(
            _matrix_product_model(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """(768, 768) in and out."""
        product: NDArray[np.float32] = self._session.run(None, {"left": batch})[0]
        return product


def _matrix_product_model() -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    right = np.random.default_rng(1).uniform(-1, 1, (SIDE, SIDE)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["left", "right"], ["product"])],
        "peak",
        [helper.make_tensor_value_info("left", TensorProto.FLOAT, [SIDE, SIDE])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, [SIDE, SIDE])],
        [numpy_helper.from_array(right, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
    return bytes(model.SerializeToString())
