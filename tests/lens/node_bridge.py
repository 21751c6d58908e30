"""Call functions of OcrCore.js in Node from tests, typed arrays in and out."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

SERVER = r"""
const core = require(process.argv[1]);
const types = {f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array};
const decode = (_, value) => {
  if (!value || !value.typed) return value;
  const bytes = Buffer.from(value.data, 'base64');
  return new types[value.typed](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};
const encode = (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
const lines = require('readline').createInterface({input: process.stdin});
lines.on('line', (line) => {
  let answer;
  try {
    const {name, args, out} = JSON.parse(line, decode);
    const value = core[name](...args);
    answer = {value: out === null ? (value === undefined ? null : value) : args[out]};
  } catch (error) {
    answer = {error: String(error.stack)};
  }
  process.stdout.write(JSON.stringify(answer, encode) + '\n');
});
"""


class Node:
    """A Node process that has loaded one CommonJS module."""

    def __init__(self, node: Path, module: Path) -> None:
        self._process = subprocess.Popen(
            [node, "-e", SERVER, module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def call(self, name: str, *args: Any, out: int | None = None) -> Any:
        """Return what the function returns, or with `out` the argument of that number afterwards."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = json.dumps({"name": name, "args": [_typed(one) for one in args], "out": out})
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def close(self) -> None:
        self._process.communicate()


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _typed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_typed(one) for one in value]
    if not isinstance(value, np.ndarray):
        return value
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"typed": f"{value.dtype.kind}{value.dtype.itemsize}", "data": data}
