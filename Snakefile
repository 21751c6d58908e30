"""PaddleOCR text models to SnapML: weights, export, simplification, fixes, validation, report."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/checkout.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/storage.smk"
include: "workflow/rules/internals.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/training_inputs.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/snapml.smk"
include: "workflow/rules/read.smk"
include: "workflow/rules/lens.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/benchmark.smk"
include: "workflow/rules/report.smk"


rule all:
    """Everything: models, checks, accuracy, latency, report, manifest."""
    default_target: True
    input:
        ARTIFACTS,
        BUNDLES,
        f"{paths.REPORT}/index.html",
        paths.MANIFEST,


rule models:
    """The SnapML models alone, without evaluation."""
    input:
        expand(
            [STAGES[SHIPPED].artifact, paths.COMPATIBILITY],
            zip,
            model=[name for name, _ in PLAN.shapes],
            shape=[shape for _, shape in PLAN.shapes],
        ),


rule lens:
    """The bundles for Lens Studio alone, without evaluation."""
    input:
        BUNDLES,
        [f"{bundle}.zip" for bundle in BUNDLES],


run_programs_of_checkout()
refuse_unusable_cache()
require_bucket()
