"""The whole workflow on one small shape and two pictures: a real build that takes seconds."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import real_models

ROOT = Path(__file__).parents[1]
PARTS = (
    "LICENSE",
    "NOTICE",
    "Snakefile",
    "config",
    "envs",
    "images",
    "profiles",
    "rec_char_dict",
    "workflow",
)
PICTURES = ("test1.png", "licence_plate_01.jpg")
MODEL = "ch_PP-OCRv4_det_infer"
CONFIG = f"""\
build: [small]
pipelines:
  small:
    detector: {{model: {MODEL}, shapes: [96x96]}}
convert: {{probe_images: [images/test1.png]}}
latency: {{threads: [1], seconds: 0.05}}
evaluate: {{stages: [onnx, snapml], parity_samples: 2}}
gates: {{enforce: false}}
"""
SETTINGS = "config/small.yaml"
DIFFER = ("latency", "report", ".snakemake")
"""Below `results/`: measured times, the pages that show them, and Snakemake's records of when things ran."""


MAX_KEPT_S = 7 * 24 * 3600
"""Builds of other versions may be in use: checkouts can share the folder they lie in."""


@dataclass(frozen=True)
class Build:
    """A build that ended."""

    code: int
    jobs: dict[str, int]
    """How many jobs of each rule ran to their end, but for the targets."""
    output: str


def copy_project(source: Path, folder: Path, parts: Iterable[str] = PARTS) -> Path:
    """Copy what a checkout holds, with today's dates."""
    for part in parts:
        if (source / part).is_dir():
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source / part, folder / part, ignore=skipped, copy_function=shutil.copyfile)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part, folder / part)
    return folder


def small_project(folder: Path) -> Path:
    """Make a checkout that builds little."""
    copy_project(ROOT, folder)
    for path in (folder / "images").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in PICTURES:
            path.unlink()
    labels = json.loads((ROOT / "images/labels.json").read_text(encoding="utf-8"))
    kept = [entry for entry in labels if entry["image"] in PICTURES]
    (folder / "images/labels.json").write_text(json.dumps(kept), encoding="utf-8")
    (folder / SETTINGS).write_text(CONFIG)
    return folder


def build_command(*arguments: str, cores: int = 2, settings: str = SETTINGS) -> list[str]:
    """The command that builds; options come before targets."""
    return [sys.executable, "-m", "snakemake", "--cores", str(cores), "--configfile", settings, *arguments]


def build(
    folder: Path,
    *arguments: str,
    cores: int = 2,
    environment: Mapping[str, str] | None = None,
    **process: Any,
) -> Build:
    """Run a build to its end, whatever that is; `process` is for subprocess.run, a user for example."""
    done = subprocess.run(
        build_command(*arguments, cores=cores),
        cwd=folder,
        env=dict(os.environ if environment is None else environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **process,
    )
    finished = re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)$", done.stdout, re.MULTILINE)
    jobs = Counter(rule for rule in finished if rule not in ("all", "models"))
    return Build(done.returncode, dict(jobs), done.stdout)


def built(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Build:
    """Run a build that must end well."""
    done = build(folder, *arguments, environment=environment)
    assert done.code == 0, done.output
    return done


def artifacts(folder: Path) -> dict[str, str]:
    """SHA-256 of everything below `results/` that has to be the same in every build, by path."""
    results = folder / "results"
    return {
        str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.relative_to(results).parts[0] not in DIFFER
    }


def undisturbed() -> Path:
    """A small project with everything built; made once, anew when anything of the project changes. Read only.

    In `opened/` each program has a list of the project's files that it opened, whatever way it found them.
    """
    watch = Path(__file__).parent / "workflow" / "watch"
    key = hashlib.sha256(Path(__file__).read_bytes() + (watch / "sitecustomize.py").read_bytes())
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*") if (ROOT / part).is_dir() else [ROOT / part]):
            if path.is_file() and "__pycache__" not in path.parts:
                key.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    kept = real_models.KEPT / f"small-build-{key.hexdigest()[:12]}"
    real_models.KEPT.mkdir(parents=True, exist_ok=True)
    with real_models.one_at_a_time(real_models.KEPT / "small-build.lock"):
        if not kept.is_dir():
            for older in real_models.KEPT.glob("small-build-*/"):
                if older.stat().st_mtime < time.time() - MAX_KEPT_S:
                    shutil.rmtree(older)
            part = real_models.KEPT / "small-build-part"
            shutil.rmtree(part, ignore_errors=True)
            small_project(part)
            opened = part / "opened"
            opened.mkdir()
            watching = {"PYTHONPATH": str(watch), "OPENED_FILES": str(opened)}
            built(part, environment={**os.environ, **watching})
            part.rename(kept)
    return kept


def copy_of_undisturbed(folder: Path) -> Path:
    """A copy to work in, as a fresh checkout with copied results has it."""
    source = undisturbed()
    copy_project(source, folder)
    shutil.copytree(source / "results", folder / "results", copy_function=shutil.copyfile)
    return folder
