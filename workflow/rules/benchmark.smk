"""How long each stage takes, stages side by side in one run. Not reproducible to the byte, so never cached."""


rule latency:
    """The original, ONNX, simplified and SnapML model of one shape, interleaved."""
    input:
        unpack(stages_at(ORIGINAL, *CONVERTED)),
    output:
        paths.LATENCY,
    log:
        "logs/latency/{model}_{shape}.log",
    conda:
        "../../envs/paddle.yaml"
    threads: ALL_CORES
    resources:
        mem_mb=doubling(6000),
        runtime=doubling(30),
    params:
        python=lambda wildcards: python_of(lock_of_original(wildcards)),
        size=size_of,
        stages=as_stages(ORIGINAL, *CONVERTED),
        threads=",".join(map(str, CONFIG.latency.threads)),
        seconds=CONFIG.latency.seconds,
        software=lambda wildcards: software("benchmark_latency.py", lock=lock_of_original(wildcards)),
    message:
        "Time {wildcards.model} at {wildcards.shape}"
    shell:
        "{params.python} workflow/scripts/benchmark_latency.py --model_name {wildcards.model} {params.size}"
        " {params.stages} --threads {params.threads} --seconds {params.seconds} --output {output} 2>&1 | tee {log}"


rule inspect:
    """Operators, parameters and multiply-adds of each stage, for the report."""
    input:
        unpack(stages_at(*CONVERTED, running=False)),
    output:
        paths.INSPECTION,
    log:
        "logs/inspect/{model}_{shape}.log",
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(10),
    params:
        size=size_of,
        stages=as_stages(*CONVERTED),
        software=software("inspect_model.py"),
    message:
        "Describe {wildcards.model} at {wildcards.shape}"
    shell:
        "python workflow/scripts/inspect_model.py {params.stages} {params.size} --output {output} > {log} 2>&1"


rule throughput:
    """Images per second of a whole pipeline, and the share of each step."""
    input:
        unpack(read_with),
        images=from_project(SAMPLE_FILES),
    output:
        paths.SPEED,
    log:
        "logs/latency/{pipeline}.log",
    conda:
        "../../envs/pipeline.yaml"
    threads: ALL_CORES
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(20),
    params:
        seconds=CONFIG.latency.seconds,
        images=SAMPLE_FILES,
        software=software("benchmark_pipeline.py") + contents_of(SAMPLE_FILES),
    message:
        "Time {wildcards.pipeline} as a whole"
    shell:
        "python workflow/scripts/benchmark_pipeline.py --name {wildcards.pipeline} --pipeline {input.pipeline}"
        " -i {params.images:q} --seconds {params.seconds} --output {output} 2>&1 | tee {log}"
