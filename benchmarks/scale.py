"""Measure what a large build costs beside its steps: planning, the main process, evaluation.

    python benchmarks/scale.py plan --models 200 --shapes 5
    python benchmarks/scale.py plan --images 1000000 --shard_size 5000
    python benchmarks/scale.py run --models 100 --shapes 5
    python benchmarks/scale.py evaluate --images 100000 --predictions PREDICTIONS.jsonl

`plan` makes a project with so many models (half detectors, half recognizers, a pipeline of each two) or so
many labelled images (links to one picture) and lets Snakemake plan it. `run` builds all that belongs to the
shapes of such models by an executor for clusters, but **stand-ins take the place of the steps**: they write
a line to each output at once, so that only Snakemake itself is measured; it needs the packages of
envs/cluster-develop.lock. `evaluate` scores stored predictions of the sample images, under so many new
names, at one stage or two. Prints jobs, seconds, seconds of a core (which a busy machine changes little),
and the largest resident memory of the process in MB.
"""

import argparse
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PARTS = (
    "Snakefile",
    "config",
    "envs",
    "images",
    "LICENSE",
    "NOTICE",
    "profiles",
    "rec_char_dict",
    "workflow",
)
DETECTOR, RECOGNIZER = "ch_PP-OCRv4_det_infer", "ch_PP-OCRv4_rec_infer"
PER_SHAPE = (
    "results/snapml/{}.compat.json",
    "results/parity/{}.json",
    "results/float16/{}.json",
    "results/inspect/{}.json",
    "results/latency/{}.json",
)


def main() -> None:
    """Make the project, run the command, print the figures."""
    args = parse_args()
    if args.what == "stand_in":
        stand_in(args.jobscript)
        return
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary:
        folder = Path(temporary, "project")
        folder.mkdir()
        if args.what == "evaluate":
            evaluate(folder, args.images, args.predictions, ["onnx", "snapml"][: args.stages])
            return
        for part in PARTS:
            (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, folder / part)
        names = with_models(folder, args.models, args.shapes, args.images, args.shard_size)
        command = [sys.executable, "-m", "snakemake", "--configfile", "config/scale.yaml"]
        if args.what == "plan":
            measure("plan", folder, [*command, "--quiet", "all", "--cores", "2", "--dry-run"])
        else:
            measure("run", folder, [*command, *as_stand_ins(folder, names)])


def with_models(folder: Path, models: int, shapes: int, images: int, shard_size: int) -> list[str]:
    """Write catalogue and configuration; return models with shapes, as artifacts are named."""
    catalogue = yaml.safe_load((folder / "config/models.yaml").read_text())
    entries, pipelines, names = {}, {}, []
    for index in range(max(1, models // 2)):
        used = {}
        for role, of, height in (("detector", DETECTOR, 320), ("recognizer", RECOGNIZER, 48)):
            name = f"{role}_{index:04}"
            entries[name] = catalogue[of]
            step = 32 if role == "detector" else 0
            used[role] = {
                "model": name,
                "shapes": [f"{height + step * one}x{320 + 32 * one}" for one in range(shapes)],
            }
            names += [f"{name}_{shape}" for shape in used[role]["shapes"]]
        pipelines[f"pipeline_{index:04}"] = used
    settings: dict[str, Any] = {"catalogue": "config/scale_models.yaml", "build": list(pipelines)}
    settings["pipelines"] = pipelines
    if images:
        make_images(folder / "many", images)
        settings["datasets"] = {"images": {"path": "images"}, "many": {"path": "many"}}
        settings["evaluate"] = {"datasets": ["images", "many"], "shard_size": shard_size}
    (folder / "config/scale_models.yaml").write_text(json.dumps(entries))
    (folder / "config/scale.yaml").write_text(json.dumps(settings))
    return names


def make_images(folder: Path, count: int) -> None:
    """Make a labelled dataset of one picture under many names, a thousand to a folder."""
    words = json.loads((ROOT / "images/labels.json").read_text())[0]["words"][:1]
    labels = []
    for index in range(count):
        name = f"{index // 1000:04}/{index % 1000:03}.png"
        if index % 1000 == 0:
            (folder / name).parent.mkdir(parents=True)
            shutil.copy(ROOT / "images/test1.png", folder / name)
            first = folder / name
        else:
            os.link(first, folder / name)
        labels.append({"image": name, "words": words})
    (folder / "labels.json").write_text(json.dumps(labels))


def as_stand_ins(folder: Path, names: list[str]) -> list[str]:
    """Arguments by which everything that belongs to the shapes is made by stand-ins; weights are there."""
    wanted = [pattern.format(name) for pattern in PER_SHAPE for name in names]
    (folder / "scale.smk").write_text(
        f'include: "Snakefile"\n\n\nrule scale:\n    input:\n        {json.dumps(wanted)},\n'
    )
    for model in {name.rpartition("_")[0] for name in names}:
        weights = [
            folder / f"results/weights/{model}" / file
            for file in ("inference.pdmodel", "inference.pdiparams")
        ]
        write_stand_ins(
            [*weights, weights[0].with_name("provenance.json"), weights[0].with_name("checksums.sha256")]
        )
    write_stand_ins([folder / "results/dictionaries" / name / "ppocr_keys_v1.txt" for name in names])
    submit = f"{sys.executable} {Path(__file__).resolve()} stand_in"
    executor = ["--executor", "cluster-generic", "--cluster-generic-submit-cmd", submit, "--jobs", "500"]
    rates = ["--max-jobs-per-timespan", "1000/1s", "--max-status-checks-per-second", "1000"]
    return [
        "--quiet",
        "rules",
        "--snakefile",
        "scale.smk",
        *executor,
        *rates,
        "--seconds-between-status-checks",
        "1",
        "--",
        "scale",
    ]


def stand_in(jobscript: Path) -> None:
    """In the place of a job: write its outputs, and say that it ended."""
    script = jobscript.read_text()
    properties = re.search(r"^# properties = (\{.*\})$", script, re.MULTILINE)
    ended = re.search(r"touch '?([^'\s]+jobfinished)", script)
    assert properties, script
    assert ended, script
    write_stand_ins([Path(name) for name in json.loads(properties[1])["output"]])
    Path(ended[1]).touch()
    print(os.getpid())


def write_stand_ins(files: list[Path]) -> None:
    """Write a line to each file; lists of checksums are right."""
    content = b"a stand-in\n"
    lists = [file for file in files if file.suffix == ".sha256"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file not in lists:
            file.write_bytes(content)
    checksum = hashlib.sha256(content).hexdigest()
    for file in lists:
        file.write_text("".join(f"{checksum}  {one.name}\n" for one in files if one not in lists))


def evaluate(folder: Path, images: int, stored: Path, stages: list[str]) -> None:
    """Score stored predictions, repeated under new names."""
    labels = {entry["image"]: entry for entry in json.loads((ROOT / "images/labels.json").read_text())}
    read = [json.loads(line) for line in stored.read_text().splitlines()]
    known = [entry for entry in read if entry["image"] in labels]
    new_labels = []
    with (folder / "predictions.jsonl").open("w") as file:
        for index in range(images):
            entry, name = known[index % len(known)], f"{index:07}.jpg"
            file.write(json.dumps({**entry, "image": name}) + "\n")
            new_labels.append({**labels[entry["image"]], "image": name})
    (folder / "labels.json").write_text(json.dumps(new_labels))
    command = [sys.executable, str(ROOT / "workflow/scripts/evaluate.py"), "--dataset", "."]
    for stage in stages:
        command += ["--predictions", f"{stage}=predictions.jsonl"]
    measure("evaluate", folder, [*command, "--output", "accuracy.json"])


def measure(what: str, folder: Path, command: list[str]) -> None:
    """Run a command to its end and print what it cost; its children are not counted as memory."""
    started = time.monotonic()
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, peak_kilobytes(process.pid))
            time.sleep(0.1)
    seconds = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(log.read_text()[-4000:])
    jobs = re.search(r"^total +(\d+)$|of (\d+) steps", log.read_text(), re.MULTILINE)
    print(
        f"{what}: {jobs and (jobs[1] or jobs[2])} jobs, {seconds:.1f} s"
        f" ({used.ru_utime + used.ru_stime:.1f} s of a core), {peak / 1000:.0f} MB",
        flush=True,
    )


def peak_kilobytes(process: int) -> int:
    """The largest resident memory that a process has had."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["plan", "run", "evaluate", "stand_in"])
    parser.add_argument("jobscript", type=Path, nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--models", type=int, default=2)
    parser.add_argument("--shapes", type=int, default=1)
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--shard_size", type=int, default=100)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--stages", type=int, choices=[1, 2], default=2, help="scored")
    return parser.parse_args()


if __name__ == "__main__":
    main()
