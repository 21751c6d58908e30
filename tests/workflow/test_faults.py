"""What goes wrong on real machines: a clear message, whole files only, and then the same bytes after all."""

import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from extended import only_extended
from small_build import (
    MODEL,
    artifacts,
    build,
    build_command,
    built,
    copy_of_undisturbed,
    copy_project,
    undisturbed,
)
from weights.server import Answer, cut, reset, serving, trickle, whole

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
CONVERTED = ("weights", "onnx", "simplified", "snapml")


def complete() -> dict[str, str]:
    """What the target `models` makes, undisturbed."""
    return {name: digest for name, digest in artifacts(undisturbed()).items() if name.startswith(CONVERTED)}


def test_a_second_build_in_the_same_folder_is_told_so_and_does_not_hurt_the_first(tmp_path: Path) -> None:
    project = copy_of_undisturbed(tmp_path / "project")
    shutil.rmtree(project / "results/snapml")
    with (tmp_path / "first.txt").open("w+") as printed:
        first = subprocess.Popen(
            build_command("--", "models"), cwd=project, stdout=printed, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + 60
        while "\nJob " not in (tmp_path / "first.txt").read_text():
            assert time.monotonic() < until
            time.sleep(0.02)
        second = build(project, "--", "models")
        assert first.wait() == 0, (tmp_path / "first.txt").read_text()
    assert second.code == 1
    assert "Directory cannot be locked" in second.output
    assert artifacts(project) == artifacts(undisturbed())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A function that mounts a small disk as a project's results, or mounts it anew with other options."""
    project = copy_project(undisturbed(), tmp_path / "project")
    results = project / "results"
    results.mkdir()

    def mount(options: str) -> Path:
        again = ["-o", f"remount,{options}"] if os.path.ismount(results) else ["-o", options]
        done = subprocess.run(
            ["mount", "-t", "tmpfs", *again, "tmpfs", str(results)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("no disk can be mounted here")
        return project

    if os.geteuid() != 0:
        pytest.skip("only root mounts disks")
    yield mount
    if os.path.ismount(results):
        subprocess.run(["umount", str(results)], check=True)


@only_extended
def test_a_full_disk_is_named_and_a_larger_one_goes_on_to_the_same_bytes(
    small_disk: Callable[[str], Path],
) -> None:
    project = small_disk("size=8m")
    for already_there in ((), ("weights", ".snakemake")):
        for folder in already_there:
            source, target = undisturbed() / "results" / folder, project / "results" / folder
            shutil.copytree(source, target, dirs_exist_ok=True)
        full = build(project, "--", "models")
        assert full.code == 1
        assert re.search(r"^error: .*no space left on the disk; free some", full.output, re.MULTILINE)
        assert "Traceback" not in full.output
        found = artifacts(project)
        assert ("weights" in already_there) == bool(found)
        assert found.items() <= complete().items()

    built(small_disk("size=64m"), "--", "models")
    assert artifacts(project) == complete()

    unchanged = build(small_disk("ro"), "--", "models")
    with (project / "workflow/scripts/simplify.py").open("a") as code:
        code.write("\n# a remark\n")
    refused = build(project, "--", "models")
    assert (unchanged.code, refused.code) == (0, 1)
    assert re.search("Write-protected output files|Read-only file system", refused.output)
    assert artifacts(project) == complete()


LIMITS = {
    "a file of 1 MB": (resource.RLIMIT_FSIZE, 2**20),
    "200 MB of memory": (resource.RLIMIT_AS, 200 * 2**20),
    "500 MB of memory": (resource.RLIMIT_AS, 500 * 2**20),
}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("program", ["simplify", "snapml_fix"])
def test_a_program_that_gets_too_little_says_so_and_leaves_no_file(
    tmp_path: Path, limit: str, program: str
) -> None:
    which, most = LIMITS[limit]
    results = undisturbed() / "results"
    output = tmp_path / "model.onnx"
    arguments = {
        "simplify": [results / f"onnx/{MODEL}.onnx", output, "--height", "96", "--width", "96"],
        "snapml_fix": ["--input_path", results / f"simplified/{MODEL}_96x96.onnx", "--output_path", output],
    }
    done = subprocess.run(
        [sys.executable, SCRIPTS / f"{program}.py", *map(str, arguments[program])],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(which, (most, most)),
    )
    left = [path.name for path in tmp_path.iterdir() if not path.name.endswith(".part")]
    if done.returncode == 0:  # memory differs from machine to machine
        assert which == resource.RLIMIT_AS
        assert left == ["model.onnx"]
    else:
        assert left == []
    if which == resource.RLIMIT_FSIZE:
        assert re.fullmatch(r"error: .*File too large", done.stderr.splitlines()[-1]), done.stderr


def archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("inference.pdmodel", "inference.pdiparams"):
            tar.add(undisturbed() / f"results/weights/{MODEL}/{name}", f"model/{name}")
    return buffer.getvalue()


@only_extended
@pytest.mark.parametrize("fault", ["cut", "reset", "garbage", "slow"])
def test_a_bad_network_fails_the_build_in_one_line_and_a_good_one_gives_the_same_bytes(
    tmp_path: Path, fault: str
) -> None:
    project, content = copy_project(undisturbed(), tmp_path / "project"), archive()
    bad: dict[str, Answer] = {
        "cut": cut(content, len(content) // 2),
        "reset": reset(content, len(content) // 2),
        "garbage": whole(os.urandom(100_000)),
        "slow": trickle(content, len(content) // 20, 0.05),
    }
    with serving({"/model.tar": [bad[fault]]}) as server:
        catalogue = (project / "config/models.yaml").read_text()
        source = f"    - {server.url('/model.tar')}\n"
        pattern = re.compile(rf"^({MODEL}:.*?sources:\n).*?\n(  files)", re.DOTALL | re.MULTILINE)
        (project / "config/models.yaml").write_text(pattern.sub(rf"\1{source}\2", catalogue, count=1))
        target = f"results/weights/{MODEL}/inference.pdmodel"
        first = build(project, "--", target)
        if fault == "slow":
            assert first.code == 0, first.output
        else:
            assert first.code == 1
            said = re.findall(rf"^error: {MODEL}: .*", first.output, re.MULTILINE)
            assert len(set(said)) == 1, first.output
            assert "Traceback" not in first.output
            assert artifacts(project) == {}
        server.answers["/model.tar"] = [whole(content)]
        built(project, "--", target)
    expected = (undisturbed() / target).read_bytes()
    assert (project / target).read_bytes() == expected
