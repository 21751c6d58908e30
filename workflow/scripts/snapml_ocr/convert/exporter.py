"""Paddle to ONNX with dynamic shapes, by the exporter of the locked environment this runs in."""

import ctypes
import os
import re
import sys
import tempfile
import traceback
from importlib.metadata import version
from pathlib import Path

import onnx

from snapml_ocr.convert.child import run_in_child, signal_name
from snapml_ocr.convert.paddle_files import PaddleFiles, require_whole
from snapml_ocr.convert.pir_operators import unknown_operators
from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import opset_of, parse_model, require_valid, set_metadata
from snapml_ocr.plan.axes import EXPORTED, STAGE_KEY

LOWEST_PIR_OPSET = 14
"""Below it paddle2onnx 2.1.0 writes invalid graphs for some models, PP-OCRv4's recognizer among them."""

MAX_EXPORT_S = 600
MAX_MEMORY_BYTES = 8 * 2**30

_LINE_UNBUFFERED = 2
"""`_IONBF` of the C library's setvbuf."""

_UNSUPPORTED = "Due to the unsupported operators"
_UNSUPPORTED_NAMES = re.compile(r"not supported yet, including ([^\n]*)")
_NOISE = re.compile(r"\x1b\[[0-9;]*m|\[Paddle2ONNX\]|\[ERROR\]")
_TELLING = re.compile(r"error|fail|invalid|only support|undefined|not support", re.IGNORECASE)
_NOT_TELLING = re.compile(r"traceback|error message summary|^-+$|SignalInfo|TimeInfo", re.IGNORECASE)


def export(files: PaddleFiles, *, name: str, opset: int, verbose: bool = False) -> onnx.ModelProto:
    """Return `files` as ONNX at exactly `opset`, with the shapes Paddle left open still open.

    The exporter runs in a child process, since it ends the process at what it cannot do. `verbose` passes on
    what it prints. The metadata says which model this is (`name`) and which files it came from, and the same
    files give the same bytes. Raises `UserError` that names what cannot be exported.
    """
    if files.format == "pir" and opset < LOWEST_PIR_OPSET:
        raise UserError(
            f"{files.graph}: a PIR model needs opset {LOWEST_PIR_OPSET} or newer, {opset} was asked for"
            " (the SnapML step brings it down to 11)"
        )
    require_whole(files)
    with tempfile.TemporaryDirectory(prefix="snapml-ocr-") as scratch:
        output, printed = Path(scratch) / "model.onnx", Path(scratch) / "printed.txt"
        code = run_in_child(
            lambda: _export_here(files, opset, output, printed),
            seconds=MAX_EXPORT_S,
            memory_bytes=MAX_MEMORY_BYTES,
            label=str(files.graph),
        )
        text = printed.read_text(encoding="utf-8", errors="replace")
        if verbose:
            print(text, file=sys.stderr, flush=True)
        if code != 0 or not output.is_file() or output.stat().st_size == 0:
            raise UserError(f"{files.graph}: cannot be exported: {_reason(text, code)}")
        model = parse_model(output.read_bytes(), str(files.graph))
    found = opset_of(model)
    if found != opset:
        raise UserError(f"{files.graph}: needs opset {found}, {opset} was asked for")
    model.producer_name, model.producer_version = "paddle2onnx", version("paddle2onnx")
    set_metadata(
        model,
        {
            "snapml_ocr.model": name,
            "snapml_ocr.source_sha256": files.sha256(),
            STAGE_KEY: EXPORTED,
        },
    )
    require_valid(model, f"{files.graph} exported at opset {opset}")
    return model


def _export_here(files: PaddleFiles, opset: int, output: Path, printed: Path) -> None:
    """Run the exporter in this process, with everything it prints in the file `printed`."""
    with printed.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    libc = ctypes.CDLL(None)
    # An abort loses what the C library still holds back, which is the line that names the operators.
    libc.setvbuf(ctypes.c_void_p.in_dll(libc, "stdout"), None, _LINE_UNBUFFERED, 0)
    try:
        if files.format == "pdmodel":
            _export_pdmodel(files, opset, output)
        else:
            _export_pir(files, opset, output)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # without the clean-up of libraries, which has nothing left to do and takes time


def _export_pdmodel(files: PaddleFiles, opset: int, output: Path) -> None:
    import paddle2onnx

    paddle2onnx.export(
        str(files.graph),
        str(files.weights),
        save_file=str(output),
        opset_version=opset,
        enable_onnx_checker=False,  # the full checker runs afterwards
    )


def _export_pir(files: PaddleFiles, opset: int, output: Path) -> None:
    import paddle2onnx
    from paddle2onnx.paddle2onnx_cpp2py_export import get_all_supported_operators_pir

    unknown = unknown_operators(files.graph, get_all_supported_operators_pir())
    if unknown:
        # said before, since the exporter aborts without naming them; it decides whether they matter
        print(f"operators not supported yet, including {','.join(unknown)}", flush=True)
    paddle2onnx.export(
        str(files.graph),
        str(files.weights),
        save_file=str(output),
        opset_version=opset,
        auto_upgrade_opset=False,
        optimize_tool="None",  # the simplify step does it; the default takes 40 s on a detector
    )


def _reason(printed: str, code: int) -> str:
    """Return the one line that matters out of what the exporter printed before it ended with `code`."""
    if _UNSUPPORTED in printed:
        names = _UNSUPPORTED_NAMES.search(printed)
        listed = ", ".join(filter(None, names[1].strip().split(","))) if names else ""
        return f"paddle2onnx knows no ONNX form of {listed or 'one of its operators, and does not say which'}"
    lines = [_NOISE.sub("", line).strip() for line in printed.splitlines()]
    telling = [line for line in lines if _TELLING.search(line) and not _NOT_TELLING.search(line)]
    if telling:
        return telling[-1]
    if code < 0:
        return f"the exporter was ended by {signal_name(code)}"
    return next((line for line in reversed(lines) if line), f"the exporter ended with exit code {code}")
