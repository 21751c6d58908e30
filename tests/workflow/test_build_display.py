"""The logger plugin of `make build`, run in a real Snakemake on a workflow of four jobs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SNAKEFILE = """\
rule all:
    input: expand("results/{{x}}.txt", x=["first", "second"]), "results/lineage.json"

rule make:
    output: "results/{{x}}.txt"
    log: "logs/{{x}}.log"
    message: "Make the {{wildcards.x}}"
    shell:
        "if [ {{wildcards.x}} = {failing} ]; then seq 100 > {{log}}; echo boom >> {{log}}; exit 3; fi;"
        " touch {{output}}"

rule lineage:
    input: expand("results/{{x}}.txt", x=["first", "second"])
    output: "results/lineage.json"
    run:
        import json
        from pathlib import Path
        Path("results/gates").mkdir(exist_ok=True)
        for name, passed in ("kept", True), ("missed", False):
            checks = [{{"passed": passed}}, {{"passed": True}}]
            Path(f"results/gates/{{name}}.json").write_text(json.dumps({{"checks": checks}}))
        listed = ["gates/kept.json", "gates/missed.json", "pipelines/kept.json", "pipelines/kept/onnx.json"]
        Path(output[0]).write_text(json.dumps([{{"path": f"results/{{path}}"}} for path in listed]))
"""


def build(folder, *arguments, failing="none", snakefile=SNAKEFILE):
    (folder / "Snakefile").write_text(snakefile.format(failing=failing))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow/logger")}
    command = [
        str(Path(sys.executable).with_name("snakemake")),
        "--cores",
        "1",
        "--logger",
        "build",
        *arguments,
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.splitlines()


def test_a_line_a_job_then_verdicts_places_and_what_took_longest(tmp_path):
    code, lines = build(tmp_path)
    assert code == 0
    assert lines[0] == "4 jobs to do"
    titles = [line.split("  ")[0].split("] ")[-1] for line in lines if line.startswith("[")]
    assert sorted(titles) == ["Make the first", "Make the second", "lineage"]
    ending = lines[4:]
    assert len(ending) <= 10
    assert ending[:5] == [
        "kept: all 2 limits kept",
        "missed: 1 of 2 limits missed (not enforced)",
        "Models for Lens Studio: results/snapml/",
        "For inference.py --pipeline: results/pipelines/kept.json",
        "Report: results/report/index.html",
    ]
    assert ending[5].startswith("3 jobs in ")
    assert len(ending) == 6
    code, lines = build(tmp_path)
    assert code == 0
    assert lines[0].startswith("Nothing to be done")
    assert lines[1:] == ending[:5]


def test_a_failure_ends_with_the_step_the_end_of_its_log_and_the_command_that_repeats_it(tmp_path):
    code, lines = build(tmp_path, "--config", "build=[x, y]", failing="second")
    assert code == 1
    at = lines.index("Failed: Make the second")
    assert lines[at + 1].strip() == "logs/second.log:"
    assert [line.strip() for line in lines[at + 2 : -2]] == [*map(str, range(94, 101)), "boom"]
    again = "snakemake --cores 1 --config 'build=[x, y]' -- results/second.txt"
    assert lines[-2].strip() == f"Again: . .venv/bin/activate && {again}"
    log = tmp_path / lines[-1].removeprefix("All of Snakemake's output: ")
    assert "Error in rule make" in log.read_text()
    assert not any("limits" in line for line in lines)


def test_an_error_before_any_job_is_shown(tmp_path):
    snakefile = SNAKEFILE.split("rule make", maxsplit=1)[0]
    code, lines = build(tmp_path, snakefile=snakefile)
    assert code == 1
    assert any("MissingInputException" in line for line in lines)
