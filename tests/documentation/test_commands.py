"""Every command in the documentation: its options exist, and it runs as it stands, on files so named."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from real_models import PROJECT

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
RUN_ELSEWHERE = {
    "paddle_reference.py": "evaluate/test_parity_of_stages.py",
    "parity.py": "evaluate/test_parity_of_stages.py",
    "gate.py": "evaluate/test_gates.py",
    "benchmark_latency.py": "benchmark/test_latency_side_by_side.py",
    "benchmark_pipeline.py": "benchmark/test_pipeline_speed.py",
    "make_report.py": "report/test_report_pages.py",
    "manifest.py": "report/test_manifest_of_a_build.py",
    "train.py": "training/test_training.py",
    "signs": "documentation/test_your_model.py",
    "results/pipelines/": "ocr/test_pipeline_file.py",
    "PIPELINE.json": "evaluate/test_programs_of_a_pipeline.py",
}
"""Programs that need a build or Paddle, commands about an own model, and the tests that run them."""

VALUES = {
    "H": "48",
    "W": "320",
    "JSON": '{"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "channel_order": "bgr"}',
    "NAME": "name",
    "DIR": "images",
    "CROPS": "crops",
    "PHOTOS": "images",
    "DATASET": "images",
}


def commands_in(page: Path) -> list[str]:
    """The commands of a page's code blocks, each on one line and without its remark."""
    found: list[str] = []
    for block in re.findall(
        r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        for line in re.sub(r" *\\\n *", " ", block).splitlines():
            if line.lstrip().startswith("python "):
                found.append(line.strip())
            elif found and line.startswith("    --") and not found[-1].startswith("#"):
                found[-1] += f" {line.strip()}"
    return [re.sub(r"\s{2,}#.*| \(models.*\)", "", command) for command in found]


def program_of(command: str) -> str:
    """The program of this project that a command runs, maybe in an environment of its own; "" for others."""
    found = re.findall(r"(?<!\S)(?:workflow/scripts|benchmarks)/\w+\.py", command)
    return found[-1] if found else ""


COMMANDS = [command for page in PAGES for command in commands_in(page) if program_of(command)]


def test_every_option_in_the_documentation_exists() -> None:
    programs = sorted(set(map(program_of, COMMANDS)))
    with ThreadPoolExecutor(2) as pool:
        helps = dict(zip(programs, pool.map(help_of, programs), strict=True))
    assert len(programs) > 12
    for command in COMMANDS:
        program = program_of(command)
        for option in re.findall(r"--\w+", command):
            assert re.search(rf"{option}\b", helps[program]), f"{command}: no {option}"


def help_of(program: str) -> str:
    def said(*arguments: str) -> str:
        command = [sys.executable, program, *arguments, "--help"]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    text = said()
    commands = re.search(r"^  \{([\w,]+)\}", text, re.MULTILINE)
    return text + "".join(said(name) for name in (commands[1].split(",") if commands else []))


@pytest.fixture
def project(tmp_path: Path, real_onnx: Callable[..., Path], real_snapml: Callable[..., Path]) -> Path:
    """A checkout with few images and what a build makes, under the names that the pages use."""
    folder = tmp_path / "project"
    for name in ("images", "crops", "results/snapml", "results/onnx", "out"):
        (folder / name).mkdir(parents=True)
    for name in ("workflow", "benchmarks", "config", "rec_char_dict"):
        (folder / name).symlink_to(PROJECT / name)
    labels = json.loads((PROJECT / "images/labels.json").read_text(encoding="utf-8"))
    for name in ("test1.png", "test2.png"):
        shutil.copy(PROJECT / "images" / name, folder / "images")
        shutil.copy(PROJECT / "images" / name, folder / "crops")
    kept = [image for image in labels if image["image"] in ("test1.png", "test2.png")]
    (folder / "images/labels.json").write_text(json.dumps(kept), encoding="utf-8")
    detector, recognizer = "en_PP-OCRv3_det_infer", "en_number_mobile_v2.0_rec_infer"
    files = {
        f"results/snapml/{detector}_640x640.onnx": real_snapml(detector, 640, 640),
        f"results/snapml/{recognizer}_32x832.onnx": real_snapml(recognizer, 32, 832),
        "DETECTOR.onnx": real_snapml(detector, 640, 640),
        "RECOGNIZER.onnx": real_snapml(recognizer, 32, 832),
        "MODEL.onnx": real_snapml("ch_PP-OCRv4_rec_infer", 48, 320),
        "results/onnx/MODEL.onnx": real_onnx(recognizer),
        "results/onnx/DETECTOR.onnx": real_onnx(detector),
        "DICTIONARY": PROJECT / "rec_char_dict/en_dict.txt",
        "FILE": PROJECT / "images/README.md",
    }
    pages = [{"image": name, "width": 1, "height": 1, "lines": []} for name in ("test1.png", "test2.png")]
    (folder / "FILE.jsonl").write_text("".join(f"{json.dumps(page)}\n" for page in pages))
    for letter in "ABC":
        files[f"{letter}.onnx"] = files["MODEL.onnx"]
    for name, path in files.items():
        shutil.copy(path, folder / name)
    return folder


def as_run(command: str) -> list[str]:
    """What a reader types: without optional parts, the first of alternatives, values for capitals."""
    text = re.sub(r"\[[^][]*\]|(?<!\S)\.\.\.(?!\S)", "", command)
    if "--detector" in text:
        text = text.replace("results/onnx/MODEL", "results/onnx/DETECTOR")
    words = [word.split("|")[0] for word in shlex.split(text)]
    return [VALUES.get(word, word) for word in words]


@pytest.mark.slow
def test_every_command_in_the_documentation_runs_as_it_stands(project: Path) -> None:
    ran = 0
    for command in COMMANDS:
        program = Path(program_of(command)).name
        if program_of(command).startswith("benchmarks/"):  # minutes each, on whole data sets
            continue
        about = [key for key in ("signs", "results/pipelines/", "PIPELINE.json") if key in command]
        elsewhere = RUN_ELSEWHERE.get(about[0] if about else program)
        if elsewhere:
            assert (PROJECT / "tests" / elsewhere).is_file()
            continue
        words = as_run(command)
        done = subprocess.run(
            [sys.executable, *words[1:]], cwd=project, capture_output=True, text=True, check=False
        )
        # A check that says no has run: the dictionary of the tutorial's model is not the one of MODEL.onnx.
        allowed = (0, 1) if program in ("inspect_dictionary.py", "recommend_shapes.py") else (0,)
        assert done.returncode in allowed, f"{command}\n{done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr, command
        ran += 1
    assert ran >= 12
