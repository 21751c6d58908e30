import re
from pathlib import Path

import pytest

from snapml_ocr.imports import source_dependencies
from snapml_ocr.locks import DISTRIBUTIONS, pinned_packages

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


def locked_versions(name: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / f"envs/{name}.lock").read_text(), re.MULTILINE)
    )


@pytest.mark.parametrize(("import_name", "package"), DISTRIBUTIONS.items())
def test_packages_with_another_import_name_are_locked(import_name: str, package: str) -> None:
    assert package in locked_versions("pipeline")


@pytest.mark.parametrize(
    "package", ["numpy", "onnxruntime", "opencv-python-headless", "pyclipper", "pillow", "tqdm"]
)
def test_paddle_and_pipeline_environments_read_images_with_the_same_versions(package: str) -> None:
    assert locked_versions("paddle")[package] == locked_versions("pipeline")[package]


def test_the_develop_environment_contains_the_pipeline_environment() -> None:
    assert locked_versions("pipeline").items() <= locked_versions("develop").items()


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
