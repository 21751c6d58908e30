"""The bundle for Lens Studio: what is dropped into a Lens project, and the page that shows it."""

BUNDLED = sorted(
    str(path)
    for pattern in ("*.js", "*.ts", "*.j2", "demo/*")
    for path in (PROJECT / "workflow/lens").glob(pattern)
)
# The page offers pictures of every kind.
OFFERED = SAMPLE_FILES[:: max(1, len(SAMPLES) // 8)]
BUNDLED_FILES = [*BUNDLED, str(PROJECT / "LICENSE"), str(PROJECT / "NOTICE"), *PROBES, *OFFERED]

# Folders are no input of any job: Snakemake compares their dates alone, and a touch would rerun it.
BUNDLES = [
    paths.LENS.format(pipeline=name)
    for name, pipeline in PLAN.pipelines.items()
    if build_plan.has_bundle(pipeline)
]


rule lens_bundle:
    """Models that take plain pixels, with the scripts that read text with them; fails when outputs change."""
    input:
        pipeline=expand(paths.PIPELINE_STAGE, stage=SHIPPED, allow_missing=True),
        models=lambda wildcards: from_project(files_of_stage(wildcards, SHIPPED)),
        project=from_project(BUNDLED_FILES),
    output:
        folder=directory(paths.LENS),
        archive=paths.LENS_ARCHIVE,
    log:
        "logs/lens/{pipeline}.log",
    # The main process does not see a folder that another has put into a storage: Snakemake 9.27 asked before.
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        tolerance=lambda wildcards: max(
            CONFIG.tolerance("snapml", part.model.task) for part in PLAN.pipelines[wildcards.pipeline].parts
        ),
        probes=PROBES,
        samples=OFFERED,
        software=software("make_lens.py") + contents_of(BUNDLED_FILES),
    message:
        "Make the bundle of {wildcards.pipeline} for Lens Studio"
    shell:
        "python workflow/scripts/make_lens.py --pipeline {input.pipeline} --output {output.folder}"
        " --archive {output.archive} --probe_images {params.probes:q} --samples {params.samples:q}"
        " --max_abs_diff {params.tolerance} > {log} 2>&1"
