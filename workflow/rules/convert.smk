"""To ONNX with dynamic shapes, then one simplified model for each fixed shape."""

for one in FORMATS.values():

    rule:
        """To ONNX at the configured opset; shapes stay dynamic.

        A recognizer gets its dictionary into its metadata, and with a charset the classes of that alone.
        """
        name:
            f"export_{one.name}"
        input:
            model=[f"{paths.WEIGHTS}{name}" for name in one.files],
            dictionary=lambda wildcards: from_project(trained_dictionaries(wildcards)),
            charset=lambda wildcards: build_plan.charset_file(model(wildcards)) or [],
        output:
            verified_outputs(paths.ONNX, model=".onnx", checksums=".sha256"),
        log:
            "logs/export/{model}.log",
        wildcard_constraints:
            model=one_of(PLAN.of_format(one.name)),
        cache: "omit-software"
        conda:
            f"../../envs/{one.environment}.yaml"
        resources:
            mem_mb=doubling(1000),
            runtime=doubling(10),
        params:
            name="{model}",
            model=lambda wildcards, input: opened(input.model),
            opset=lambda wildcards: model(wildcards).opset or CONFIG.opsets.get(model(wildcards).format, 0),
            script=lambda wildcards: arguments(
                use_space_char=model(wildcards).use_space_char, right_to_left=model(wildcards).right_to_left
            ),
            dictionary=lambda wildcards: [*map(placed, trained_dictionaries(wildcards))],
            python=python_of(one.environment),
            software=lambda wildcards, lock=one.environment: (
                software("export.py", "checksums.py", lock=lock)
                + contents_of(trained_dictionaries(wildcards))
            ),
        message:
            "Export {wildcards.model} to ONNX"
        shell:
            "({params.python} workflow/scripts/export.py {params.model} {output.model}"
            " --name {params.name} --opset {params.opset} {params.script}"
            " --dictionary {params.dictionary} --cut_dictionary {input.charset}"
            " && python workflow/scripts/checksums.py --output {output.checksums} {output}) > {log} 2>&1"


rule simplify:
    """Fix the input shape and fold constants; fails when outputs change beyond the tolerance."""
    input:
        model=f"{paths.ONNX}.onnx",
        probes=from_project(PROBES),
    output:
        verified_outputs(paths.SIMPLIFIED, model=".onnx", report=".json", checksums=".sha256"),
    log:
        "logs/simplify/{model}_{shape}.log",
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(10),
    params:
        name="{model}",
        size=size_of,
        probes=PROBES,
        tolerance=lambda wildcards: CONFIG.tolerance("simplify", model(wildcards).task),
        software=software("simplify.py", "checksums.py") + contents_of(PROBES),
    message:
        "Simplify {wildcards.model} at {wildcards.shape}"
    shell:
        "(python workflow/scripts/simplify.py {input.model} {output.model} {params.size}"
        " --probe_images {params.probes:q} --max_abs_diff {params.tolerance} --report {output.report}"
        " && python workflow/scripts/checksums.py --output {output.checksums} {output}) > {log} 2>&1"
