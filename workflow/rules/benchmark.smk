"""How long each stage takes, stages side by side in one run. Not reproducible to the byte, so never cached."""


rule latency:
    """Paddle, ONNX, simplified and SnapML model of one shape, interleaved."""
    input:
        paddle=lambda wildcards: [
            f"results/weights/{wildcards.model}/{name}" for name in sorted(entry(wildcards).files)
        ],
        onnx="results/onnx/{model}.onnx",
        simplified="results/simplified/{model}_{height}x{width}.onnx",
        snapml="results/snapml/{model}_{height}x{width}.onnx",
        code=code_of("benchmark_latency.py"),
        lock="envs/paddle.lock",
    output:
        "results/latency/{model}_{height}x{width}.json",
    log:
        "logs/latency/{model}_{height}x{width}.log",
    conda:
        "../../envs/paddle.yaml"
    # All cores, so that no other job runs beside a measurement.
    threads: workflow.cores
    params:
        software=software_of("benchmark_latency.py", "envs/paddle.lock"),
        python=python_of("paddle"),
        threads=",".join(map(str, config["latency"]["threads"])),
        seconds=config["latency"]["seconds"],
    message:
        "Time {wildcards.model} at {wildcards.height}x{wildcards.width}"
    shell:
        "{params.python} workflow/scripts/benchmark_latency.py --model_name {wildcards.model}"
        " --height {wildcards.height} --width {wildcards.width}"
        " --stage paddle=results/weights/{wildcards.model} --stage onnx={input.onnx}"
        " --stage simplified={input.simplified} --stage snapml={input.snapml}"
        " --threads {params.threads} --seconds {params.seconds} --output {output} 2>&1 | tee {log}"


rule inspect:
    """Operators, parameters and multiply-adds of each stage, for the report."""
    input:
        onnx="results/onnx/{model}.onnx",
        simplified="results/simplified/{model}_{height}x{width}.onnx",
        snapml="results/snapml/{model}_{height}x{width}.onnx",
        code=code_of("inspect_model.py"),
    output:
        "results/inspect/{model}_{height}x{width}.json",
    log:
        "logs/inspect/{model}_{height}x{width}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("inspect_model.py"),
    message:
        "Describe {wildcards.model} at {wildcards.height}x{wildcards.width}"
    shell:
        "python workflow/scripts/inspect_model.py onnx={input.onnx} simplified={input.simplified}"
        " snapml={input.snapml} --height {wildcards.height} --width {wildcards.width}"
        " --output {output} > {log} 2>&1"


rule throughput:
    """Images a second of a whole pipeline, and the share of each step."""
    input:
        models=lambda wildcards: reading_models(wildcards.pipeline, "snapml"),
        images=[f"images/{name}" for name in SAMPLES],
        code=code_of("benchmark_pipeline.py"),
    output:
        "results/latency/pipelines/{pipeline}.json",
    log:
        "logs/latency/{pipeline}.log",
    conda:
        "../../envs/pipeline.yaml"
    threads: workflow.cores
    params:
        software=software_of("benchmark_pipeline.py"),
        flags=lambda wildcards: reading_flags(wildcards.pipeline, "snapml", mode=False),
        seconds=config["latency"]["seconds"],
    message:
        "Time {wildcards.pipeline} as a whole"
    shell:
        "python workflow/scripts/benchmark_pipeline.py --name {wildcards.pipeline} {params.flags}"
        " -i {input.images:q} --seconds {params.seconds} --output {output} 2>&1 | tee {log}"
