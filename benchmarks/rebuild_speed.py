"""How long Snakemake itself takes: a build with nothing to do, a large plan, one stage made anew.

In: a folder in which `make build` has run (--project), and the size of the plan: --models, each at --shapes
shapes. The plan is made in a copy without results. Out: one line a measurement, the best of --repeat runs;
--cpu counts seconds of the processor and not of the clock, for machines that do other work as well. One
stage made anew repeats a SnapML fix whose bytes come out the same, and is compared with its program run
alone. Exit code 0 measured, 2 nothing is built there.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.errors import UserError

PARTS = ("Snakefile", "config", "envs", "images", "profiles", "rec_char_dict", "workflow")
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--cores", "2")
TEMPLATE = "ch_PP-OCRv4_det_infer"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--project", type=Path, default=Path())
    parser.add_argument("--configfile", default="config/config.yaml", help="what was built there")
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--shapes", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cpu", action="store_true")
    args = parser.parse_args()
    clock = processor if args.cpu else time.perf_counter
    models = sorted((args.project / "results/snapml").glob("*.onnx"), key=lambda path: path.stat().st_size)
    if not models:
        raise UserError(f"{args.project}: no results/snapml/*.onnx; run `make build` there first")
    build = [*SNAKEMAKE, "--configfile", args.configfile]

    print(f"nothing to do: {best(args.repeat, clock, build, args.project):.2f} s")

    stage = [*build, "--force", "--", f"results/snapml/{models[0].name}"]
    simplified = f"results/simplified/{models[0].name}"
    with tempfile.TemporaryDirectory() as scratch:
        alone = [sys.executable, "workflow/scripts/snapml_fix.py", "--input_path", simplified]
        alone += ["--output_path", f"{scratch}/model.onnx", "--report", f"{scratch}/fixes.json"]
        alone += ["--probe_images", "images/test1.png", "images/test2.png"]
        program = best(args.repeat, clock, alone, args.project)
        rule = best(args.repeat, clock, stage, args.project)
        print(f"one fix: {program:.2f} s alone, {rule:.2f} s as a rule, {rule - program:.2f} s more")

        copy = Path(scratch) / "project"
        write_large_project(args.project, copy, args.models, args.shapes)
        plan = [*SNAKEMAKE, "--configfile", "config/large.yaml", "--dry-run", "--quiet"]
        seconds = best(args.repeat, clock, plan, copy)
        print(f"plan of {args.models} models at {args.shapes} shapes: {seconds:.2f} s")


def processor() -> float:
    """Seconds that processes started here have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def best(repeat: int, clock: Callable[[], float], command: Sequence[str], folder: Path) -> float:
    """The shortest time of a command in seconds; what disturbs it only makes it longer."""
    times = []
    for _ in range(repeat):
        started = clock()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        times.append(clock() - started)
        if done.returncode:
            raise UserError(f"{' '.join(command)}: {(done.stdout + done.stderr).strip()[-500:]}")
    return min(times)


def write_large_project(source: Path, target: Path, models: int, shapes: int) -> None:
    """Copy a project and give it a configuration that builds many models, all copies of one entry."""
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part, target / part)
    catalogue = target / "config/models.yaml"
    entries = yaml.safe_load(catalogue.read_text(encoding="utf-8"))
    sizes = [f"{32 * (side + 1)}x320" for side in range(shapes)]
    names = [f"model{number}" for number in range(models)]
    entries |= {name: {**entries[TEMPLATE], "shapes": sizes} for name in names}
    catalogue.write_text(json.dumps(entries), encoding="utf-8")  # which is YAML, without aliases
    settings = {"build": names, "pipelines": {name: {"detector": {"model": name}} for name in names}}
    (target / "config/large.yaml").write_text(json.dumps(settings), encoding="utf-8")


if __name__ == "__main__":
    run(main)
