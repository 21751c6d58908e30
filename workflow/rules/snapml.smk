"""The models Lens Studio imports: rewritten by proven rules, then checked layer by layer for each target."""


rule snapml_fix:
    """Rewrite what SnapML lacks; fails when outputs change beyond the tolerance."""
    input:
        model=f"{paths.SIMPLIFIED}.onnx",
        probes=from_project(PROBES),
    output:
        verified_outputs(paths.SNAPML, model=".onnx", report=".fixes.json", checksums=".sha256"),
    log:
        "logs/snapml_fix/{model}_{shape}.log",
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(10),
    params:
        probes=PROBES,
        name="{model}_{shape}",
        targets=",".join(CONFIG.targets),
        tolerance=lambda wildcards: CONFIG.tolerance("snapml", model(wildcards).task),
        forms=lambda wildcards: (
            ("--output scores" if model(wildcards).output == "scores" else "")
            + (" --gelu native" if model(wildcards).gelu == "native" else "")
        ),
        software=software("snapml_fix.py", "checksums.py") + contents_of(PROBES),
    message:
        "Rewrite {wildcards.model} at {wildcards.shape} for SnapML"
    shell:
        "(python workflow/scripts/snapml_fix.py --input_path {input.model} --output_path {output.model}"
        " --targets {params.targets} --probe_images {params.probes:q}"
        " --max_abs_diff {params.tolerance} {params.forms} --report {output.report}"
        " && python workflow/scripts/checksums.py --output {output.checksums} {output}) > {log} 2>&1"


rule snapml_check:
    """Say for each layer and target whether SnapML runs it.

    A model that cannot be imported (exit 1) is a finding like others: the gates decide what it means for the build.
    """
    input:
        f"{paths.SNAPML}.onnx",
    output:
        paths.COMPATIBILITY,
    log:
        "logs/snapml_check/{model}_{shape}.log",
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(10),
    params:
        targets=",".join(CONFIG.targets),
        software=software("snapml_check.py"),
    message:
        "Check {wildcards.model} at {wildcards.shape} layer by layer"
    shell:
        "python workflow/scripts/snapml_check.py {input} --targets {params.targets}"
        " --json {output} > {log} 2>&1 || [ $? -eq 1 ]"
