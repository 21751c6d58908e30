import subprocess
import sys
from pathlib import Path

import pytest

from snapml_ocr.convert import environment
from snapml_ocr.errors import UserError
from weights.archives import installable_wheel, sha256

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "workflow" / "scripts" / "in_environment.py"


@pytest.fixture
def lock(tmp_path, monkeypatch):
    """The lock of one package that only this machine has, and a folder of its own for environments."""
    links = tmp_path / "links"
    links.mkdir()
    made = installable_wheel(links, "snapml_test_pkg", {"snapml_test_pkg.py": b"ANSWER = 42\n"})
    monkeypatch.setenv("UV_FIND_LINKS", str(links))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SNAPML_OCR_ENVIRONMENTS", str(tmp_path / "environments"))
    path = tmp_path / "test.lock"
    path.write_text(f"snapml-test-pkg==1.0 --hash=sha256:{sha256(made.read_bytes())}\n")
    return path


def run_in(lock, *arguments):
    command = environment.command_in(lock)
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def test_an_environment_has_the_locked_packages_and_no_others(lock):
    assert run_in(lock, "-c", "import snapml_test_pkg; print(snapml_test_pkg.ANSWER)").stdout == "42\n"
    for package in ("numpy", "requests", "snapml_ocr"):
        assert "ModuleNotFoundError" in run_in(lock, "-c", f"import {package}").stderr


def test_it_has_the_calling_python_version(lock):
    version = "import sys; print(sys.version_info[:3])"
    assert run_in(lock, "-c", version).stdout.strip() == str(sys.version_info[:3])


def test_it_is_made_once(lock, capfd):
    first = environment.python_in(lock)
    assert "making the environment" in capfd.readouterr().err
    assert environment.python_in(lock) == first
    assert capfd.readouterr().err == ""


def test_a_half_made_environment_is_made_again(lock):
    python = environment.python_in(lock)
    (python.parents[1] / ".complete").unlink()
    python.unlink()
    assert run_in(lock, "-c", "import snapml_test_pkg").returncode == 0


def test_a_package_with_another_hash_is_refused_and_the_environment_is_not_used(lock):
    lock.write_text("snapml-test-pkg==1.0 --hash=sha256:" + "0" * 64 + "\n")
    for _ in range(2):
        with pytest.raises(UserError, match=f"^{lock}: its packages cannot be installed: .*[Hh]ash"):
            environment.python_in(lock)


def test_a_package_without_a_hash_is_refused(lock):
    lock.write_text("snapml-test-pkg==1.0\n")
    with pytest.raises(UserError, match="hash"):
        environment.python_in(lock)


def test_the_program_passes_arguments_and_exit_code_on(lock, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import sys, snapml_test_pkg; print(sys.argv[1:]); sys.exit(5)")
    command = [sys.executable, SCRIPT, lock, program, "a b", "$(x)", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (5, "['a b', '$(x)', '--help']\n")


@pytest.mark.parametrize("arguments", [[], ["x.lock"], ["nowhere.lock", "x.py"]])
def test_wrong_usage_is_one_line(arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_packages_come_from_the_index_that_pip_is_set_to_use(lock, monkeypatch):
    for variable in ("UV_NO_INDEX", "UV_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/none")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(UserError, match=r"127\.0\.0\.1:9"):
        environment.python_in(lock)
