"""Which locked package versions a program depends on, so that a new version reruns only what uses it."""

import ast
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from snapml_ocr.imports import imports_of

DISTRIBUTIONS = {
    "bidi": "python-bidi",
    "cv2": "opencv-python-headless",
    "google": "protobuf",
    "paddle": "paddlepaddle",
    "PIL": "pillow",
    "yaml": "pyyaml",
}
"""Import names whose package has another name; for all others `_` becomes `-`."""

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")


def pinned_packages(code: Iterable[Path], lock: Path) -> list[str]:
    """`name==version` of every locked package that the Python files in `code` import, and what those need.

    `lock` is a requirements file as `uv pip compile` writes it: its `# via` comments say which package needs
    which. Imports of the standard library and of this project are not packages and are left out.
    """
    versions, needed_by = _read_lock(lock)
    wanted = {name for path in code if path.suffix == ".py" for name in imported_packages(path)} & set(
        versions
    )
    grown = True
    while grown:
        more = {name for name, parents in needed_by.items() if parents & wanted} - wanted
        wanted |= more
        grown = bool(more)
    return sorted(f"{name}=={versions[name]}" for name in wanted)


def locked_versions(lock: Path) -> dict[str, str]:
    """Version of every package in a lock, by package name in lower case."""
    return _read_lock(lock)[0]


def imported_packages(path: Path) -> set[str]:
    """Packages outside the standard library that a Python file imports, by the names that locks have."""
    names: set[str] = set()
    for node in imports_of(path).statements:
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif node.module and not node.level:
            names.add(node.module.split(".")[0])
    others = names - sys.stdlib_module_names
    return {DISTRIBUTIONS.get(name, name.replace("_", "-").lower()) for name in others}


@cache
def _read_lock(lock: Path) -> tuple[dict[str, str], dict[str, set[str]]]:
    versions: dict[str, str] = {}
    needed_by: dict[str, set[str]] = {}
    package = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            package = pin["name"].lower()
            versions[package] = pin["version"]
            needed_by[package] = set()
        elif line.startswith("    #") and package:
            parent = line.strip().removeprefix("#").strip().removeprefix("via").strip()
            needed_by[package].add(parent)
    return versions, needed_by
