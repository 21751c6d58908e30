"""Which files a script's behaviour depends on, read from its import statements.

A workflow that lists these files as inputs reruns a step when its code changes and only then. The list is
computed, so it cannot drift from the code.
"""

import ast
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_IMPORT = re.compile(r"^[ \t]*((?:from[ \t]+[.\w]+[ \t]+)?import[ \t]*(?:\([^)]*\)|[^\n#;(]+))", re.MULTILINE)
_FILE_NAME = re.compile(r"""(["'])([^/\0.\n"'][^/\0\n"']{0,249}\.\w{1,5})\1""")
"""A string literal that may name a file beside its module."""


@dataclass(frozen=True)
class Imports:
    """What the text of a module says that it needs."""

    statements: tuple[ast.Import | ast.ImportFrom, ...]
    file_names: frozenset[str]


@cache
def imports_of(path: Path) -> Imports:
    """Read the import statements of a module, those inside functions as well, and literals like file names.

    They are searched for: to parse all modules takes 0.7 s longer at each start of Snakemake. An example in a
    docstring counts too. Each file is read once in a process.
    """
    text = path.read_text(encoding="utf-8")
    statements: list[ast.Import | ast.ImportFrom] = []
    for found in _IMPORT.finditer(text):
        with suppress(SyntaxError):  # prose that begins like a statement
            (statement,) = ast.parse(found[1]).body
            if isinstance(statement, ast.Import | ast.ImportFrom):
                statements.append(statement)
    return Imports(tuple(statements), frozenset(name for _, name in _FILE_NAME.findall(text)))


def source_dependencies(script: Path, root: Path) -> list[Path]:
    """The script, every module below `root` that it imports directly or indirectly, and their data files.

    `root` is the folder that import names start from. A data file counts when it lies beside a module and its
    name stands in that module as a string literal. Imports inside functions count; imports of installed
    packages do not, since the environment's lock stands for them. Returns sorted paths that start with the
    given `script` and `root` paths, as written there.
    """
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.suffix == ".py":
            waiting.extend(_needs(path, root))
    return sorted(found)


@cache
def _needs(path: Path, root: Path) -> tuple[Path, ...]:
    needs: list[Path] = []
    for node in imports_of(path).statements:
        if isinstance(node, ast.Import):
            for alias in node.names:
                needs.extend(_module_files(alias.name, root))
        else:
            base = _absolute_name(node, path, root)
            needs.extend(_module_files(base, root))
            for alias in node.names:
                needs.extend(_module_files(f"{base}.{alias.name}", root))
    for name in imports_of(path).file_names:
        candidate = path.with_name(name)
        if candidate.suffix != ".py" and candidate.is_file():
            needs.append(candidate)
    return tuple(needs)


def _absolute_name(node: ast.ImportFrom, path: Path, root: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(root).parts[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _module_files(name: str, root: Path) -> list[Path]:
    """The file of module `name` and the `__init__.py` of each package around it; empty for other names."""
    target = root.joinpath(*name.split("."))
    module = target.with_name(target.name + ".py")
    if not module.is_file():
        module = target / "__init__.py"
    if not module.is_file():
        return []
    packages = [
        parent / "__init__.py" for parent in module.parents if parent.is_relative_to(root) and parent != root
    ]
    return [module, *(init for init in packages if init.is_file())]
