"""PaddleOCR text models to SnapML: weights, export, simplification, fixes, validation, report."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/snapml.smk"
include: "workflow/rules/read.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/benchmark.smk"
include: "workflow/rules/report.smk"


onstart:
    # Its limit of jobs a second makes Snakemake look for new jobs every second, once more for every job that
    # ended; that takes a core from the measurements. Locally jobs that end make it look, which is enough.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


rule all:
    """Everything: models, checks, accuracy, latency, report, manifest."""
    default_target: True
    input:
        everything,
        "results/report/index.html",
        "results/manifest.json",


rule models:
    """The SnapML models alone, without evaluation."""
    input:
        artifacts("results/snapml/{model}_{shape}.onnx"),
        artifacts("results/snapml/{model}_{shape}.compat.json"),
