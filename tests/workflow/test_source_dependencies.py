import ast
import re
from pathlib import Path

import pytest

from real_models import PROJECT
from small_build import undisturbed
from snapml_ocr.imports import imports_of, source_dependencies


def test_no_two_modules_share_a_base_name():
    folders = [PROJECT / name for name in ("workflow", "benchmarks", "tools")]
    names = [path.name for folder in folders for path in folder.rglob("*.py") if path.name != "__init__.py"]
    assert not {name for name in names if names.count(name) > 1}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write("tool.py", "import numpy\nfrom lib.a import thing\n")
    write("lib/__init__.py", "")
    write("lib/a.py", "def thing():\n    from .sub import b\n")
    write("lib/sub/__init__.py", "")
    write("lib/sub/b.py", 'TABLE = __file__ + "/../" + "table.yaml"\nNAME = "table.yaml"\n')
    write("lib/sub/table.yaml", "")
    write("lib/sub/other.yaml", "")
    write("lib/unused.py", "")
    return tmp_path


def names(tree: Path, script: str) -> list[str]:
    return [str(path.relative_to(tree)) for path in source_dependencies(tree / script, tree)]


def test_modules_packages_and_named_data_files_are_found(tree: Path) -> None:
    assert names(tree, "tool.py") == [
        "lib/__init__.py",
        "lib/a.py",
        "lib/sub/__init__.py",
        "lib/sub/b.py",
        "lib/sub/table.yaml",
        "tool.py",
    ]


def test_modules_that_import_each_other_end(tree: Path) -> None:
    (tree / "lib/a.py").write_text("import lib.c\n")
    (tree / "lib/c.py").write_text("import lib.a\n")
    assert names(tree, "tool.py") == ["lib/__init__.py", "lib/a.py", "lib/c.py", "tool.py"]


@pytest.mark.parametrize(
    "line",
    [
        "import lib.sub.b",
        "from lib.sub import b",
        "from lib.sub.b import TABLE",
        "def f():\n    import lib.sub.b",
    ],
)
def test_every_way_to_import_a_module_counts(tree: Path, line: str) -> None:
    (tree / "tool.py").write_text(line + "\n")
    assert "lib/sub/b.py" in names(tree, "tool.py")


def test_every_file_that_a_program_of_a_real_build_opens_is_tracked() -> None:
    project = undisturbed()
    scripts = project / "workflow/scripts"
    lists = {path.name: path.read_text().split() for path in (project / "opened").iterdir()}
    assert {"fetch_weights.py", "simplify.py", "snapml_fix.py", "make_report.py"} <= set(lists)
    for script, opened in lists.items():
        tracked = {str(path.relative_to(project)) for path in source_dependencies(scripts / script, scripts)}
        sources = {re.sub(r"__pycache__/(.+)\.cpython-\d+\.pyc.*", r"\1.py", path) for path in opened}
        assert sources - tracked == set(), f"{script} opens what is no input of its rule"
    assert "workflow/scripts/snapml_ocr/snapml/layers.yaml" in lists["snapml_check.py"]


SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"


def test_what_is_found_in_the_text_of_modules_is_what_python_reads_there() -> None:
    for path in SCRIPTS.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
        imports = {ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)}
        found = imports_of(path)
        assert imports <= {ast.unparse(statement) for statement in found.statements}, path
        literals = {node.value for node in nodes if isinstance(node, ast.Constant)}
        beside = {other.name for other in path.parent.iterdir() if other.is_file()}
        assert literals & beside <= found.file_names, path


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.py")))
def test_no_script_imports_a_module_in_a_way_that_is_not_tracked(script: str) -> None:
    for path in source_dependencies(SCRIPTS / script, SCRIPTS):
        if path.suffix == ".py":
            text = path.read_text()
            assert "import_module" not in text, f"{path} imports by a computed name"
            assert "__import__" not in text, path
