"""Where every artifact lies: the one place that spells it. Paths are a contract (docs/architecture.md).

The wildcards are Snakemake's: {model}, {shape} as HEIGHTxWIDTH, {pipeline}, {dataset}, {stage}, {shard}.
"""

from pathlib import Path

RESULTS = "results"

WEIGHTS = "results/weights/{model}/"
PROVENANCE = "results/weights/{model}/provenance.json"
TRAINING = "results/training/{model}/"
COMPARISON = "results/training/{model}/comparison/"
DICTIONARIES = "results/dictionaries/{model}/"
CHARSET = "results/dictionaries/{model}/charset.txt"
ONNX = "results/onnx/{model}"
SIMPLIFIED = "results/simplified/{model}_{shape}"
SNAPML = "results/snapml/{model}_{shape}"
FIXES = "results/snapml/{model}_{shape}.fixes.json"
COMPATIBILITY = "results/snapml/{model}_{shape}.compat.json"
INSPECTION = "results/inspect/{model}_{shape}.json"
PIPELINE = "results/pipelines/{pipeline}.json"
PIPELINE_STAGE = "results/pipelines/{pipeline}/{stage}.json"
PARITY = "results/parity/{model}_{shape}"
MODEL_INPUTS = "results/parity/inputs/{model}_{shape}.npz"
REFERENCE = "results/parity/paddle/{model}_{shape}.npz"
FLOAT16 = "results/float16/{model}_{shape}.json"
LATENCY = "results/latency/{model}_{shape}.json"
SPEED = "results/latency/pipelines/{pipeline}.json"
READ_SAMPLES = "results/inference/{pipeline}/"
PREDICTIONS = "results/predictions/{pipeline}/{dataset}/{stage}/{shard}.jsonl"
ACCURACY = "results/accuracy/{pipeline}/{dataset}.json"
GATES = "results/gates/{pipeline}.json"
GATES_PASSED = "results/gates/{pipeline}.passed"
LENS = "results/lens/{pipeline}"
LENS_ARCHIVE = "results/lens/{pipeline}.zip"
REPORT = "results/report"
LINEAGE = "results/lineage.json"
MANIFEST = "results/manifest.json"


PROJECT = Path(__file__).parents[4]
"""The checkout that this code belongs to."""


def located(path: str, project: Path = PROJECT) -> str:
    """Where a file or folder lies that a configuration names: in the working folder, or in this checkout.

    They differ when another workflow uses this one as a module. What is in neither keeps its path.
    """
    is_there = Path(path).exists() or not (project / path).exists()
    return path if is_there or path.startswith(f"{RESULTS}/") else str(project / path)


def named(path: str, project: Path = PROJECT) -> str:
    """A file of this checkout as builds in it name it, and any other as it is."""
    return Path(path).relative_to(project).as_posix() if Path(path).is_relative_to(project) else path
