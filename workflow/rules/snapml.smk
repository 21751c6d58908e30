"""The models Lens Studio imports: rewritten by proven rules, then checked layer by layer for each target."""


rule snapml_fix:
    """Rewrite what SnapML lacks; fails when outputs change beyond the tolerance."""
    input:
        model="results/simplified/{model}_{height}x{width}.onnx",
        probes=config["convert"]["probe_images"],
        code=code_of("snapml_fix.py", "checksums.py"),
    output:
        held_to_checksums(
            "results/snapml/{model}_{height}x{width}",
            model=".onnx",
            report=".fixes.json",
            checksums=".sha256",
        ),
    log:
        "logs/snapml_fix/{model}_{height}x{width}.log",
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("snapml_fix.py"),
        targets=",".join(config["targets"]),
        tolerance=lambda wildcards: config["convert"]["max_abs_diff"]["snapml"][entry(wildcards).task],
    message:
        "Rewrite {wildcards.model} at {wildcards.height}x{wildcards.width} for SnapML"
    shell:
        "(python workflow/scripts/snapml_fix.py --input_path {input.model} --output_path {output.model}"
        " --targets {params.targets} --probe_images {input.probes:q}"
        " --max_abs_diff {params.tolerance} --report {output.report}"
        " && python workflow/scripts/checksums.py {output.model} {output.report}"
        " --output {output.checksums}) > {log} 2>&1"


rule snapml_check:
    """Say for each layer and target whether SnapML runs it.

    A model that cannot be imported (exit 1) is a finding like others: the gates decide what it means for the build.
    """
    input:
        model="results/snapml/{model}_{height}x{width}.onnx",
        code=code_of("snapml_check.py"),
    output:
        "results/snapml/{model}_{height}x{width}.compat.json",
    log:
        "logs/snapml_check/{model}_{height}x{width}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("snapml_check.py"),
        targets=",".join(config["targets"]),
    message:
        "Check {wildcards.model} at {wildcards.height}x{wildcards.width} layer by layer"
    shell:
        "python workflow/scripts/snapml_check.py {input.model} --targets {params.targets}"
        " --json {output} > {log} 2>&1 || [ $? -eq 1 ]"
