"""Pipeline files, and reading with them: the pictures people look at, and the predictions that are scored."""


rule pipeline_stage:
    """The part of the pipeline file that one stage is read with, so that a change of another repeats no reading."""
    input:
        lambda wildcards: from_project(files_of_stage(wildcards)),
    output:
        paths.PIPELINE_STAGE,
    log:
        "logs/pipelines/{pipeline}/{stage}.log",
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        plan=lambda wildcards: json.dumps(
            build_plan.description(PLAN, PLAN.pipelines[wildcards.pipeline], wildcards.stage)
        ).replace(f'"{paths.RESULTS}/', f'"{PREFIX}{paths.RESULTS}/'),
        # Paths in the file are relative to it, wherever a storage has its local copy.
        output=lambda wildcards, output: planned(output[0]),
        software=software("make_pipeline.py"),
    message:
        "Describe {wildcards.pipeline} at stage {wildcards.stage}"
    shell:
        "python workflow/scripts/make_pipeline.py --plan {params.plan:q} --output {params.output} > {log} 2>&1"


rule pipeline_file:
    """What anything that reads text with a pipeline needs to know: the contract with every reader."""
    input:
        lambda wildcards: expand(
            paths.PIPELINE_STAGE,
            stage=build_plan.running_stages(PLAN.pipelines[wildcards.pipeline].models, READ_STAGES),
            allow_missing=True,
        ),
    output:
        paths.PIPELINE,
    log:
        "logs/pipelines/{pipeline}.log",
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software("make_pipeline.py"),
    message:
        "Describe {wildcards.pipeline}"
    shell:
        "python workflow/scripts/make_pipeline.py --merge {input} --output {output} > {log} 2>&1"


rule inference:
    """Read every sample image with the shipped models, where they run, and draw what was read."""
    input:
        unpack(read_with),
        images=from_project(SAMPLE_FILES),
    output:
        predictions=f"{paths.READ_SAMPLES}predictions.jsonl",
        pictures=[f"{paths.READ_SAMPLES}{Path(name).stem}.png" for name in SAMPLES],
    log:
        "logs/inference/{pipeline}.log",
    conda:
        "../../envs/pipeline.yaml"
    threads: READING_THREADS
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(15),
    params:
        folder=lambda wildcards, output: str(Path(output.predictions).parent),
        images=SAMPLE_FILES,
        software=software("inference.py") + contents_of(SAMPLE_FILES),
    message:
        "Read the sample images with {wildcards.pipeline}"
    shell:
        "python workflow/scripts/inference.py --pipeline {input.pipeline} --threads {threads} -i {params.images:q}"
        " --output_dir {params.folder} --output_json {output.predictions} > {log} 2>&1"


rule predict:
    """Read one shard of a dataset with the models of one stage, to boxes of what its labels are by."""
    input:
        pipeline=paths.PIPELINE_STAGE,
        models=lambda wildcards: from_project(files_of_stage(wildcards)),
        images=lambda wildcards: from_project([] if is_listed(wildcards) else images_of(wildcards)),
    output:
        paths.PREDICTIONS,
    log:
        "logs/predict/{pipeline}/{dataset}/{stage}/{shard}.log",
    conda:
        "../../envs/paddle.yaml"
    threads: READING_THREADS
    resources:
        mem_mb=doubling(3500),
        runtime=doubling(60),
    params:
        python=lambda wildcards: python_of(lock_of_reading(wildcards)),
        mode=lambda wildcards: (
            "--run_recognition" if dataset_of(wildcards.dataset).kind == "recognition" else ""
        ),
        names=lambda wildcards: arguments(
            level=CONFIG.datasets[wildcards.dataset].level,
            image_root=dataset_of(wildcards.dataset).image_root,
        ),
        listing=lambda wildcards: listing_of(wildcards) if is_listed(wildcards) else "",
        images=lambda wildcards: [] if is_listed(wildcards) else images_of(wildcards),
        software=lambda wildcards: (
            software("inference.py", lock=lock_of_reading(wildcards)) + contents_of_shard(wildcards)
        ),
    message:
        "Read {wildcards.dataset} ({wildcards.shard}) with {wildcards.pipeline}, stage {wildcards.stage}"
    shell:
        "({params.listing} {params.python} workflow/scripts/inference.py --pipeline {input.pipeline}"
        " --stage {wildcards.stage} --threads {threads} {params.mode} {params.names} --output_json {output}"
        " -i {params.images:q}) > {log} 2>&1"
