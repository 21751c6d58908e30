"""The plan of the build, and what the rules look up in it."""

import gc
import json
import os
import re
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.types import DeploymentMethod

# A plan holds millions of small objects: looking for cycles among them costs a sixth of its time.
gc.set_threshold(100_000, 50, 50)

SCRIPTS = PROJECT / "workflow/scripts"
sys.path.insert(0, str(SCRIPTS.absolute()))

from snapml_ocr.cli import arguments
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import has_labels, open_dataset, open_named_dataset
from snapml_ocr.evaluate.shards import pattern_of_shards
from snapml_ocr.files import sha256_of_files, write_json
from snapml_ocr.imports import source_dependencies
from snapml_ocr.locks import pinned_packages
from snapml_ocr.plan import build_plan, paths
from snapml_ocr.plan.paths import located, named
from snapml_ocr.plan.axes import CONVERTED, FORMATS, ORIGINAL, SHIPPED, STAGES
from snapml_ocr.plan.reader_options import options_of_task
from snapml_ocr.plan.shape import Shape

try:
    PLAN = build_plan.make_plan(config)
    CONFIG = PLAN.configuration
except UserError as error:
    raise WorkflowError(str(error)) from None

# Where weights are fetched from changes no file, so it is no parameter of any rule.
if CONFIG.mirror:
    os.environ.update(SNAPML_OCR_MIRROR=CONFIG.mirror)

IS_CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
READ_STAGES, PARITY_DATASET = CONFIG.evaluate.stages, CONFIG.evaluate.parity_dataset
SAMPLES = sorted(image.name for image in open_dataset(PROJECT / "images").images)
SAMPLE_FILES = [str(PROJECT / "images" / name) for name in SAMPLES]
PROBES = [located(name) for name in CONFIG.convert.probe_images]
# A measurement has the machine for itself; executors that submit jobs know no cores.
ALL_CORES = workflow.cores or max(CONFIG.latency.threads)
# Stages read side by side: a core that a job has for itself waits for no other.
READING_THREADS = max(1, min(CONFIG.inference.threads, (workflow.cores or sys.maxsize) // len(READ_STAGES)))


def doubling(amount):
    """A resource: `amount` at the first attempt, twice as much at each further one."""
    return lambda wildcards, attempt: amount * 2 ** (attempt - 1)


def one_of(names):
    """A wildcard constraint: any of `names`, or nothing at all when there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    model=one_of(PLAN.catalogue),
    shape=r"[1-9]\d*x[1-9]\d*",
    pipeline=one_of(PLAN.pipelines),
    dataset=one_of(CONFIG.evaluate.datasets),
    stage=one_of(STAGES),
    shard=r"\d+-of-\d+",


def model(wildcards):
    """The catalogue entry of the rule's {model}."""
    return PLAN.catalogue[wildcards.model]


def size_of(wildcards):
    """The rule's {shape} as programs take it."""
    return arguments(**Shape.parse(wildcards.shape)._asdict())


def dataset_arguments(name):
    """The folder of a dataset, and its label file where one is given."""
    return arguments(dataset=located(CONFIG.datasets[name].path), labels=CONFIG.datasets[name].labels)


def stages_at(*stages, running=True):
    """A function of wildcards: the files of {model} at {shape} by the name of each stage, at which it runs."""

    def files(wildcards):
        part = build_plan.Part("", model(wildcards), (Shape.parse(wildcards.shape),))
        wanted = build_plan.running_stages([part.model], stages) if running else stages
        return {stage: build_plan.stage_files(part, stage) for stage in wanted}

    return files


def as_stages(*stages):
    """A function of a job: `--stage=NAME=FILE` for each of its inputs of these names."""

    def named_inputs(wildcards, input):
        names = {stage: build_plan.stage_of(model(wildcards), stage) for stage in stages if input.get(stage)}
        return arguments(stage=[f"{name}={opened(input.get(stage))}" for stage, name in names.items()])

    return named_inputs


def opened(files):
    """What a program opens of a model: its file, or the folder of several."""
    return str(Path(files[0]).parent if len(files) > 1 else files[0])


def of_pipeline(pattern, where=lambda model: True):
    """A function of wildcards: `pattern` for every shape of the models of the pipeline, or of some of them."""
    return lambda wildcards: [
        pattern.format(model=part.model.name, shape=shape)
        for part in PLAN.pipelines[wildcards.pipeline].parts
        if where(part.model)
        for shape in part.shapes
    ]


def read_with(wildcards):
    """What {pipeline} is read with outside of a Lens."""
    stage = build_plan.stage_to_read_with(PLAN.pipelines[wildcards.pipeline])
    return {
        "pipeline": expand(paths.PIPELINE_STAGE, stage=stage, allow_missing=True),
        "models": from_project(files_of_stage(wildcards, stage)),
    }


def files_of_stage(wildcards, stage=None):
    """The models of {pipeline} at {stage} or at `stage`, with what they are read with."""
    return build_plan.files_of_stage(PLAN.pipelines[wildcards.pipeline], stage or wildcards.stage)


@cache
def software(*scripts, lock="pipeline"):
    """What a job runs, as one parameter; a hash of its code, and the locked packages that the code imports.

    A change of either repeats the job, a touch does not. Of Paddle's environments every change counts.
    """
    file = PROJECT / f"envs/{lock}.lock"
    code = sorted({path for script in scripts for path in source_dependencies(SCRIPTS / script, SCRIPTS)})
    packages = pinned_packages(code, file) if lock == "pipeline" else [sha256_of_files(file)]
    return [f"lock envs/{lock}.lock", f"code {sha256_of_files(*code)}", *packages]


def python_of(lock):
    """The command that runs Python in the environment `envs/{lock}.lock`, which conda has activated already."""
    if lock == "pipeline" or IS_CONDA:
        return "python"
    return f"python {SCRIPTS}/in_environment.py {PROJECT / 'envs'}/{lock}.lock"


def lock_where(in_paddle):
    """Paddle's environment or the pipeline's; conda has one for all stages, Paddle's."""
    return "paddle" if in_paddle or IS_CONDA else "pipeline"


def lock_of_reading(wildcards):
    """The environment in which {pipeline} is read at {stage}."""
    return lock_where(build_plan.needs_paddle(PLAN.pipelines[wildcards.pipeline], wildcards.stage))


def lock_of_original(wildcards):
    """The environment in which the original of {model} runs."""
    return lock_where(FORMATS[model(wildcards).format].needs_paddle)
