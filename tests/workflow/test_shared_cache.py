"""One cache for several checkouts: found by content, and not believed when it is damaged."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from extended import only_extended
from small_build import (
    MODEL,
    SETTINGS,
    Build,
    artifacts,
    build,
    build_command,
    built,
    small_project,
    undisturbed,
)

pytestmark = only_extended

SIMPLIFIED = f"results/simplified/{MODEL}_96x96.onnx"


def with_cache(cache: Path) -> dict[str, str]:
    return {**os.environ, "SNAKEMAKE_OUTPUT_CACHE": str(cache)}


def taken(done: Build) -> set[str]:
    """The cached files that a build linked to and did not make."""
    linked = set(re.findall(r"Symlinking output file (\S+) from cache", done.output))
    return linked - set(re.findall(r"Moving output file (\S+) to cache", done.output))


def with_two_shapes(project: Path) -> Path:
    edit(SETTINGS, "[96x96]", "[96x96, 64x96]")(project)
    return project


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that has filled the cache beside it."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "cache").mkdir()
    project = with_two_shapes(small_project(folder / "project"))
    done = built(project, "--cache", "--", "models", environment=with_cache(folder / "cache"))
    assert taken(done) == set()
    return project


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return small_project(tmp_path / "second")


def test_a_second_checkout_takes_everything_from_the_cache_and_gets_the_bytes_of_a_build_without(
    first: Path, second: Path
) -> None:
    with_two_shapes(second)
    done = built(second, "--cache", "--", "models", environment=with_cache(first.parent / "cache"))
    assert len(taken(done)) == 4 + 2 + 2 * (3 + 3)
    alone = artifacts(undisturbed())
    made = artifacts(second)
    shared = {name for name in made if "_64x96" not in name}
    assert len(shared) > 10
    assert {name: made[name] for name in shared} == {name: alone[name] for name in shared}
    other = second / f"results/simplified/{MODEL}_64x96.json"
    assert json.loads(other.read_text())["shape"] == [64, 96]


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        text = (project / path).read_text()
        assert old in text
        (project / path).write_text(text.replace(old, new))

    return change


def remark(path: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        with (project / path).open("a") as file:
            file.write("\n# a remark\n")

    return change


def take_another_probe(project: Path) -> None:
    shutil.copyfile(project / "images/licence_plate_01.jpg", project / "images/test1.png")


def rename_the_model(project: Path) -> None:
    edit("config/models.yaml", f"{MODEL}:\n", "renamed:\n")(project)
    edit(SETTINGS, MODEL, "renamed")(project)


@pytest.mark.parametrize(
    ("change", "target", "stages"),
    [
        pytest.param(
            remark("workflow/scripts/snapml_ocr/snapml/helpers/sink.py"),
            f"results/snapml/{MODEL}_96x96.onnx",
            {"weights", "onnx", "simplified"},
            id="code",
        ),
        pytest.param(
            edit("envs/pipeline.lock", "onnxsim==", "onnxsim==9."), SIMPLIFIED, {"weights", "onnx"}, id="lock"
        ),
        pytest.param(take_another_probe, SIMPLIFIED, {"weights", "onnx"}, id="content of an input"),
        pytest.param(rename_the_model, "results/onnx/renamed.onnx", set(), id="name of the model"),
    ],
)
def test_only_what_a_change_cannot_concern_is_taken_from_the_cache(
    first: Path, second: Path, change: Callable[[Path], None], target: str, stages: set[str]
) -> None:
    change(second)
    done = built(second, "--cache", "--", target, environment=with_cache(first.parent / "cache"))
    assert {path.split("/")[1] for path in taken(done)} == stages


def test_a_damaged_entry_ends_the_build_with_the_command_that_removes_it(
    first: Path, second: Path, tmp_path: Path
) -> None:
    cache = Path(shutil.copytree(first.parent / "cache", tmp_path / "cache"))
    entry = cache / (first / SIMPLIFIED).resolve().name
    whole = entry.read_bytes()
    entry.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])

    failed = build(second, "--cache", "--", SIMPLIFIED, environment=with_cache(cache))
    assert failed.code == 1
    assert not (second / SIMPLIFIED).exists()
    command = re.search(r"does not have the checksum in .*: (rm .*)$", failed.output, re.MULTILINE)
    assert command, failed.output

    subprocess.run(command[1].split(), check=True)
    built(second, "--cache", "--", SIMPLIFIED, environment=with_cache(cache))
    assert (second / SIMPLIFIED).read_bytes() == whole


def test_two_builds_at_once_fill_one_cache_without_hurting_each_other(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    folders = [small_project(tmp_path / name) for name in ("one", "two")]
    running = [
        subprocess.Popen(
            build_command("--cache", "--", SIMPLIFIED, cores=1),
            cwd=folder,
            env=with_cache(cache),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for folder in folders
    ]
    printed = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], "\n".join(printed)
    alone = (undisturbed() / SIMPLIFIED).read_bytes()
    assert [(folder / SIMPLIFIED).read_bytes() for folder in folders] == [alone, alone]
