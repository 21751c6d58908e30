"""One interface over the engines that run a model: ONNX Runtime, and Paddle Inference for Paddle's files."""

import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.file_kinds import kind_of_file

Shape = tuple[int | None, ...]

ONNX_NAME = "inference.onnx"
"""What an ONNX file is called in the folder of a model that was fetched."""

PADDLE_GRAPH_NAMES = ("inference.json", "inference.pdmodel")
"""Graph files of a Paddle model folder, in order of preference; the weights are the `.pdiparams` beside
them."""


OUTPUT_KEY = "output"
SCORES = "scores"
"""What a recognizer's metadata says under `OUTPUT_KEY` when its last Softmax is left to the reader."""


class RunnableModel(Protocol):
    """An opened model with one input."""

    @property
    def input_shape(self) -> Shape:
        """Sizes of the input (N, C, H, W); None where the model takes any size."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the outputs in the model's order."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the file says about itself, by key; empty for Paddle's formats."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the first output for a `(N, C, H, W)` float32 batch.

        Of a recognizer whose metadata says that it gives scores, their softmax.
        """


def probabilities_of(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the (N, steps, classes) softmax of scores of that shape, or of (N, classes, 1, steps)."""
    if scores.ndim == 4:
        scores = scores[:, :, 0].transpose(0, 2, 1)
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


class ChangedOutput:
    """A `RunnableModel` whose output is changed by a function of the (N, ...) float32 output of another."""

    def __init__(
        self, model: RunnableModel, change: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> None:
        self._model, self._change = model, change

    @property
    def input_shape(self) -> Shape:
        """See `RunnableModel`."""
        return self._model.input_shape

    @property
    def output_names(self) -> tuple[str, ...]:
        """See `RunnableModel`."""
        return self._model.output_names

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `RunnableModel`."""
        return self._model.metadata

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `RunnableModel`."""
        return self._change(self._model.run(batch))


def open_model(path: Path, *, threads: int = 2, optimise: bool = True) -> RunnableModel:
    """Open `path` once for many runs on `threads` CPU threads.

    `path` is an `.onnx` file, for Paddle a `.pdmodel` or PIR `.json` file, or the folder of a fetched model.
    `optimise=False` turns the engine's graph optimisations off, for comparisons: they move outputs by up
    to some 1e-5 on real images.
    Raises `UserError` when the file is missing, is not such a model, or the engine is not installed.
    """
    if threads < 1:
        raise UserError(f"threads: {threads} given, at least 1 is needed")
    if not path.exists():
        raise UserError(f"{path}: no such model; give an .onnx file or a Paddle model folder")
    if (path / ONNX_NAME).is_file():
        path = path / ONNX_NAME
    if path.is_dir() or path.suffix in {".pdmodel", ".json"}:
        return PaddleModel(path, threads=threads, optimise=optimise)
    return OnnxModel(path, threads=threads, optimise=optimise)


class OnnxModel:
    """A model in ONNX Runtime on the CPU. It may be run from several threads at a time."""

    def __init__(self, path: Path, *, threads: int = 2, optimise: bool = True) -> None:
        import onnxruntime

        try:
            self._session: Any = onnxruntime.InferenceSession(
                path, session_options(threads=threads, optimise=optimise), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's exceptions share no other base class
            reason = kind_of_file(path) or _first_line(error)
            raise UserError(f"{path}: ONNX Runtime cannot open it: {reason}") from None
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise UserError(
                f"{path}: has inputs {[one.name for one in inputs]}, expected exactly one image input"
            )
        self._path, self._input_name = path, inputs[0].name
        # Some exporters write -1 or 0 for a size that is open.
        self._input_shape = tuple(
            size if isinstance(size, int) and size > 0 else None for size in inputs[0].shape
        )
        self._output_names = tuple(output.name for output in self._session.get_outputs())
        self._metadata: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map

    @property
    def input_shape(self) -> Shape:
        """See `RunnableModel`."""
        return self._input_shape

    @property
    def output_names(self) -> tuple[str, ...]:
        """See `RunnableModel`."""
        return self._output_names

    @property
    def metadata(self) -> Mapping[str, str]:
        """See `RunnableModel`."""
        return self._metadata

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `RunnableModel`; raises `UserError` when the model does not take this shape."""
        try:
            first: NDArray[np.float32] = self._session.run(self._output_names[:1], {self._input_name: batch})[
                0
            ]
        except Exception as error:  # as above
            shape = "x".join(map(str, batch.shape))
            raise UserError(f"{self._path}: failed on an input of {shape}: {_first_line(error)}") from None
        return probabilities_of(first) if self._metadata.get(OUTPUT_KEY) == SCORES else first


def paddle_inference() -> Any:
    """Return the module, without its advice on OMP_NUM_THREADS for training on several machines."""
    with redirect_stderr(StringIO()):
        from paddle import inference
    return inference


class PaddleModel:
    """A model in Paddle Inference on the CPU, the reference of comparisons.

    It may be run from several threads at a time: each has a clone of the predictor, which shares the weights.
    """

    def __init__(self, path: Path, *, threads: int = 2, optimise: bool = True) -> None:
        graph, weights = _paddle_files(path)
        # A .pdmodel graph is the older program format; the PIR loader, the default since 3.0, does not
        # read it.
        os.environ["FLAGS_enable_pir_api"] = "1" if graph.suffix == ".json" else "0"  # noqa: SIM112
        try:
            inference = paddle_inference()
        except ModuleNotFoundError as error:
            raise UserError(
                f"{path}: a Paddle model needs paddlepaddle, which is not installed here ({error});"
                " run in the environment of envs/paddle.lock, or convert the model to ONNX first"
            ) from None
        except ImportError as error:  # installed, but the system lacks what it links to, as libgomp1
            raise UserError(
                f"{path}: paddlepaddle is installed but cannot be loaded: {_last_line(error)}"
            ) from None
        config = inference.Config(str(graph), str(weights))
        config.disable_gpu()
        config.disable_glog_info()
        # oneDNN kernels differ between CPUs; the plain ones give a reference that stays the same.
        config.disable_mkldnn()
        config.set_cpu_math_library_num_threads(threads)
        config.switch_ir_optim(optimise)
        try:
            self._first = inference.create_predictor(config)
        except Exception as error:  # Paddle raises RuntimeError, ValueError and its own, by version
            raise UserError(f"{path}: Paddle Inference cannot open it: {_last_line(error)}") from None
        self._path, self._cloning = path, Lock()
        self._idle = [self._first]
        self._output_names = tuple(self._first.get_output_names())
        self._input_name = self._first.get_input_names()[0]

    @property
    def input_shape(self) -> Shape:
        """Always dynamic: a handle of Paddle Inference does not tell the shape before it is set."""
        return (None, None, None, None)

    @property
    def output_names(self) -> tuple[str, ...]:
        """See `RunnableModel`."""
        return self._output_names

    @property
    def metadata(self) -> Mapping[str, str]:
        """Always empty."""
        return {}

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `RunnableModel`; raises `UserError` when the model does not take this shape."""
        try:
            with self._cloning:
                predictor = self._idle.pop() if self._idle else self._first.clone()
            source = predictor.get_input_handle(self._input_name)
            source.reshape(batch.shape)
            source.copy_from_cpu(np.ascontiguousarray(batch))
            predictor.run()
            first: NDArray[np.float32] = predictor.get_output_handle(self._output_names[0]).copy_to_cpu()
            self._idle.append(predictor)
        except Exception as error:  # as above
            shape = "x".join(map(str, batch.shape))
            raise UserError(f"{self._path}: failed on an input of {shape}: {_last_line(error)}") from None
        return first


def session_options(*, threads: int, optimise: bool) -> Any:
    """ONNX Runtime session options that give the same result on every run.

    Threads do not spin while they wait: detection and recognition share the cores, and a spinning thread of
    one takes them from the other.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = (
        4  # errors reach the user through exceptions; the logger would print them twice
    )
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimise else level.ORT_DISABLE_ALL
    return options


def _paddle_files(path: Path) -> tuple[Path, Path]:
    """Return (graph file, weight file) of a Paddle model folder or graph file."""
    graph = path
    if path.is_dir():
        found = [path / name for name in PADDLE_GRAPH_NAMES if (path / name).is_file()]
        if not found:
            raise UserError(f"{path}: holds neither {' nor '.join(PADDLE_GRAPH_NAMES)}")
        graph = found[0]
    weights = graph.with_suffix(".pdiparams")
    if not weights.is_file():
        raise UserError(f"{weights}: no such file; {graph.name} needs its weights beside it")
    return graph, weights


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _last_line(error: Exception) -> str:
    """Paddle puts a C++ stack first and the reason last."""
    return next(
        (line.strip() for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__
    )
