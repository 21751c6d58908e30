"""Helpers of the rule files, the checked configuration, and what each rule depends on."""

import gc
import hashlib
import json
import os
import re
import shlex
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod

# A plan holds millions of small objects: looking for cycles among them costs a sixth of its time.
gc.set_threshold(100_000, 50, 50)

SCRIPTS = Path("workflow/scripts")
sys.path.insert(0, str(Path(workflow.basedir) / SCRIPTS))

from snapml_ocr.checksums import verified_checksum
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.shards import shard
from snapml_ocr.files import write_json
from snapml_ocr.imports import code_behind
from snapml_ocr.locks import pinned_packages
from snapml_ocr.records import distrust_future_dates, keep_records_with
from snapml_ocr.plan import build_plan, paths
from snapml_ocr.plan.axes import FORMATS, ROLES, STAGES


def dataset_of(entry):
    """The labelled images of one entry of `datasets`; Snakemake would take braces in names for wildcards."""
    dataset = open_dataset(Path(entry["path"]), Path(entry["labels"]) if "labels" in entry else None)
    for path in (str(dataset.folder / image.name) for image in dataset.images):
        if set("{}") & set(path):
            raise UserError(f"{dataset.label_file}: {path!r} has a brace in its name; rename it")
    return dataset


try:
    PLAN = build_plan.make_plan(config)
    CATALOGUE, PIPELINES = PLAN.catalogue, PLAN.pipelines
    DATASETS = {name: dataset_of(config["datasets"][name]) for name in config["evaluate"]["datasets"]}
except UserError as error:
    raise WorkflowError(str(error)) from None

try:
    keep_records_with(Path("results"), Path())
    distrust_future_dates(Path("results"))
except OSError as error:
    raise WorkflowError(
        f"{error.filename}: {error.strerror}; a build writes to results/ and .snakemake/"
    ) from None

# Where weights are fetched from changes no file, so it is no parameter of any rule.
if config["mirror"]:
    os.environ.update(SNAPML_OCR_MIRROR=config["mirror"])


def one_of(names):
    """A wildcard constraint: any of `names`, or nothing at all when there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


MODELS = PLAN.models
SHARDS = {
    name: shard([image.name for image in dataset.images], config["evaluate"]["shard_size"])
    for name, dataset in DATASETS.items()
}
SHAPES = PLAN.shapes
READ_STAGES = PLAN.configuration.evaluate.stages


wildcard_constraints:
    model=one_of(CATALOGUE),
    pipeline=one_of(PIPELINES),
    dataset=one_of(DATASETS),
    stage=one_of(STAGES),
    shard=r"\d+-of-\d+",
    height=r"\d+",
    width=r"\d+",


def artifacts(pattern):
    """`pattern` for every model and shape of the build; it holds {model} and {shape}."""
    return [pattern.format(model=model, shape=shape) for model, shape in SHAPES]


def code_of(*scripts):
    """Scripts and every module behind them, so that an edit reruns the rules it can change and no others."""
    return sorted({str(path) for script in scripts for path in code_behind(SCRIPTS / script, SCRIPTS)})


def code_hash(files):
    """One hash of the contents of files."""
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


@cache
def software_of(script, lock="envs/pipeline.lock"):
    """The locked packages behind a script and a hash of its code: a change of either reruns what uses it.

    Of Paddle's environments, which are small and made as a whole, every change counts.

    The code is an input as well, but inputs are compared by date first: an older file laid over a newer one, as
    unpacking a release does, or a clock that was set back, would go unnoticed.
    """
    code = code_of(script)
    if lock == "envs/pipeline.lock":
        packages = pinned_packages(map(Path, code), Path(lock))
    else:
        packages = [f"{lock} {code_hash([lock])}"]
    return [f"code {code_hash(code)}", *packages]


def held_to_checksums(prefix, **extensions):
    """The outputs of a cached rule; each is held to the list that its job writes beside it, `checksums`.

    Snakemake compares after every job, also when the files come from a shared cache and not from the job: a
    damaged entry ends the build.
    """
    sums = prefix + extensions["checksums"]

    def checksum_of(pattern):
        return lambda wildcards: verified_checksum(
            *(Path(name.format(**wildcards)) for name in (pattern, sums))
        )

    return [
        file if file == sums else ensure(file, sha256=checksum_of(str(file)))
        for file in multiext(prefix, **extensions)
    ]


def python_of(environment):
    """The command that runs Python in the locked environment `envs/{environment}.lock`.

    In conda deployments Snakemake has activated that environment already.
    """
    if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method:
        return "python"
    return f"python workflow/scripts/in_environment.py envs/{environment}.lock"


def entry(wildcards):
    """The catalogue entry of the rule's {model}."""
    return CATALOGUE[wildcards.model]


def flags(name, values):
    """`--name value` for each of `values`, quoted for the shell, as one string."""
    return " ".join(f"--{name} {shlex.quote(str(value))}" for value in values)
