import re
from pathlib import Path

import pytest

from snapml_ocr.imports import source_dependencies
from snapml_ocr.locks import DISTRIBUTIONS, imported_packages, locked_versions, pinned_packages

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow/scripts"

LOCK = """\
alpha==1.0 \\
    --hash=sha256:00
    # via
    #   -r some.in
    #   beta
beta==2.0 ; python_full_version < '3.13' \\
    --hash=sha256:00
    # via -r some.in
gamma-delta==3.0 \\
    --hash=sha256:00
    # via alpha
unused==4.0 \\
    --hash=sha256:00
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text(LOCK)
    return path


def packages(tmp_path: Path, lock: Path, code: str) -> list[str]:
    script = tmp_path / "script.py"
    script.write_text(code)
    return pinned_packages([script], lock)


def test_an_imported_package_brings_all_that_it_needs(tmp_path: Path, lock: Path) -> None:
    assert packages(tmp_path, lock, "import beta") == ["alpha==1.0", "beta==2.0", "gamma-delta==3.0"]


def test_an_import_name_with_an_underscore_is_found_under_its_package_name(
    tmp_path: Path, lock: Path
) -> None:
    assert packages(tmp_path, lock, "from gamma_delta.part import x") == ["gamma-delta==3.0"]


def test_the_standard_library_and_unlocked_names_bring_nothing(tmp_path: Path, lock: Path) -> None:
    assert packages(tmp_path, lock, "import os, json, snapml_ocr") == []


def versions_in(name: str) -> dict[str, str]:
    return locked_versions(ROOT / f"envs/{name}.lock")


@pytest.mark.parametrize(("import_name", "package"), DISTRIBUTIONS.items())
def test_packages_with_another_import_name_are_locked(import_name: str, package: str) -> None:
    assert package in {**versions_in("pipeline"), **versions_in("paddle")}


@pytest.mark.parametrize(
    "package",
    [
        "numpy",
        "onnxruntime",
        "opencv-python-headless",
        "pyclipper",
        "pillow",
        "tqdm",
        "pydantic",
        "python-bidi",
    ],
)
def test_paddle_and_pipeline_environments_read_images_with_the_same_versions(package: str) -> None:
    assert versions_in("paddle")[package] == versions_in("pipeline")[package]


def test_the_develop_environment_contains_the_pipeline_environment() -> None:
    assert versions_in("pipeline").items() <= versions_in("develop").items()


def test_every_locked_package_has_a_hash_and_no_index_is_named() -> None:
    for lock in (ROOT / "envs").glob("*.lock"):
        text = lock.read_text()
        assert "index-url" not in text
        assert "http" not in re.sub(r"http(core|x|tools)\S*", "", text), lock
        for block in re.split(r"\n(?=[a-z])", text):
            if "==" in block.splitlines()[0]:
                assert "--hash=sha256:" in block, block.splitlines()[0]


def test_a_new_onnxsim_concerns_simplification_and_not_export() -> None:
    def of(script: str) -> str:
        return " ".join(
            pinned_packages(source_dependencies(SCRIPTS / script, SCRIPTS), ROOT / "envs/pipeline.lock")
        )

    assert "onnxsim==" in of("simplify.py")
    assert "onnxsim==" not in of("fetch_weights.py")
    assert "onnxsim==" not in of("snapml_fix.py")


def test_what_an_imported_package_needs_is_found_in_a_real_lock() -> None:
    found = pinned_packages([SCRIPTS / "simplify.py"], ROOT / "envs/pipeline.lock")
    assert any(package.startswith("ml-dtypes==") for package in found)


@pytest.mark.parametrize(
    ("lock", "scripts"),
    [
        ("paddle", ["inference.py", "paddle_reference.py", "benchmark_latency.py"]),
        ("pipeline", ["inference.py", "evaluate.py", "snapml_fix.py", "make_report.py", "make_pipeline.py"]),
    ],
)
def test_programs_find_every_package_that_they_import_in_their_environment(
    lock: str, scripts: list[str]
) -> None:
    known = {*locked_versions(ROOT / f"envs/{lock}.lock"), "paddlepaddle"}
    for script in scripts:
        code = [path for path in source_dependencies(SCRIPTS / script, SCRIPTS) if path.suffix == ".py"]
        wanted = {package for path in code for package in imported_packages(path)} - {"snapml-ocr"}
        assert wanted <= known, script
