"""Reading images: the pictures people look at, and the predictions that are scored, at every stage."""


rule inference:
    """Read every sample image with the SnapML models and draw what was read."""
    input:
        models=lambda wildcards: reading_models(wildcards.pipeline, "snapml"),
        images=[f"images/{name}" for name in SAMPLES],
        code=code_of("inference.py"),
    output:
        predictions="results/inference/{pipeline}/predictions.jsonl",
        pictures=[f"results/inference/{{pipeline}}/{Path(name).stem}.png" for name in SAMPLES],
    log:
        "logs/inference/{pipeline}.log",
    conda:
        "../../envs/pipeline.yaml"
    threads: config["inference"]["threads"]
    params:
        software=software_of("inference.py"),
        flags=lambda wildcards: reading_flags(wildcards.pipeline, "snapml"),
    message:
        "Read the sample images with {wildcards.pipeline}"
    shell:
        "python workflow/scripts/inference.py {params.flags} -i {input.images:q}"
        " --output_dir results/inference/{wildcards.pipeline} --output_json {output.predictions} > {log} 2>&1"


rule predict:
    """Read one shard of a dataset with the models of one stage."""
    input:
        models=lambda wildcards: reading_models(
            wildcards.pipeline, wildcards.stage, DATASETS[wildcards.dataset].kind
        ),
        images=lambda wildcards: [
            str(DATASETS[wildcards.dataset].path_of(name))
            for name in SHARDS[wildcards.dataset][wildcards.shard]
        ],
        code=code_of("inference.py"),
        lock=lambda wildcards: ["envs/paddle.lock"] if wildcards.stage == "paddle" else [],
    output:
        "results/predictions/{pipeline}/{dataset}/{stage}/{shard}.jsonl",
    log:
        "logs/predict/{pipeline}/{dataset}/{stage}/{shard}.log",
    conda:
        "../../envs/paddle.yaml"
    threads: config["inference"]["threads"]
    params:
        software=lambda wildcards: software_of(
            "inference.py", "envs/paddle.lock" if wildcards.stage == "paddle" else "envs/pipeline.lock"
        ),
        python=lambda wildcards: python_of("paddle") if wildcards.stage == "paddle" else "python",
        flags=predict_flags,
    message:
        "Read {wildcards.dataset} ({wildcards.shard}) with {wildcards.pipeline}, stage {wildcards.stage}"
    shell:
        "{params.python} workflow/scripts/inference.py {params.flags} -i {input.images:q}"
        " --output_json {output} > {log} 2>&1"
