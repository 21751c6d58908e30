"""PaddleOCR text models to SnapML: weights, export, simplification, fixes, validation, report."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/snapml.smk"
include: "workflow/rules/read.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/benchmark.smk"
include: "workflow/rules/report.smk"


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
