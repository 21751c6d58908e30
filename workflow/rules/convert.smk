"""Paddle to ONNX with dynamic shapes, then one simplified model for each fixed shape."""


rule export_pdmodel:
    """Export the older format at the configured opset; shapes stay dynamic.

    A recognizer gets its dictionary into its metadata, and with a charset the classes of that alone.
    """
    input:
        "results/weights/{model}/inference.pdmodel",
        "results/weights/{model}/inference.pdiparams",
        dictionaries=lambda wildcards: dictionaries_of(entry(wildcards)),
        code=code_of("export.py", "checksums.py"),
        lock="envs/export-pdmodel.lock",
    output:
        held_to_checksums("results/onnx/{model}", model=".onnx", checksums=".sha256"),
    log:
        "logs/export/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.format == "pdmodel"),
    cache: "omit-software"
    conda:
        "../../envs/export-pdmodel.yaml"
    params:
        name="{model}",
        software=software_of("export.py", "envs/export-pdmodel.lock"),
        python=python_of("export-pdmodel"),
        opset=lambda wildcards: entry(wildcards).opset or config["convert"]["opset"]["pdmodel"],
        dictionary=whole_dictionary_flags,
    message:
        "Export {wildcards.model} to ONNX"
    shell:
        "({params.python} workflow/scripts/export.py results/weights/{params.name} {output.model}"
        " --name {params.name} --opset {params.opset} {params.dictionary}"
        " && python workflow/scripts/checksums.py {output.model} --output {output.checksums}) > {log} 2>&1"


use rule export_pdmodel as export_pir with:
    input:
        "results/weights/{model}/inference.json",
        "results/weights/{model}/inference.pdiparams",
        dictionaries=lambda wildcards: dictionaries_of(entry(wildcards)),
        code=code_of("export.py", "checksums.py"),
        lock="envs/paddle.lock",
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.format == "pir"),
    conda:
        "../../envs/paddle.yaml"
    params:
        name="{model}",
        software=software_of("export.py", "envs/paddle.lock"),
        python=python_of("paddle"),
        opset=lambda wildcards: entry(wildcards).opset or config["convert"]["opset"]["pir"],
        dictionary=whole_dictionary_flags,


use rule export_pdmodel as export_onnx with:
    input:
        "results/weights/{model}/inference.onnx",
        dictionaries=lambda wildcards: dictionaries_of(entry(wildcards)),
        code=code_of("export.py", "checksums.py"),
    wildcard_constraints:
        model=one_of(PLAN.of_format("onnx")),
    conda:
        "../../envs/pipeline.yaml"
    params:
        name="{model}",
        software=software_of("export.py"),
        python="python",
        opset=0,
        dictionary=whole_dictionary_flags,


rule simplify:
    """Fix the input shape and fold constants; fails when outputs change beyond the tolerance."""
    input:
        model="results/onnx/{model}.onnx",
        probes=config["convert"]["probe_images"],
        code=code_of("simplify.py", "checksums.py"),
    output:
        held_to_checksums(
            "results/simplified/{model}_{height}x{width}", model=".onnx", report=".json", checksums=".sha256"
        ),
    log:
        "logs/simplify/{model}_{height}x{width}.log",
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    params:
        height="{height}",
        width="{width}",
        software=software_of("simplify.py"),
        tolerance=lambda wildcards: config["convert"]["max_abs_diff"]["simplify"][entry(wildcards).task],
    message:
        "Simplify {wildcards.model} at {wildcards.height}x{wildcards.width}"
    shell:
        "(python workflow/scripts/simplify.py {input.model} {output.model}"
        " --height {params.height} --width {params.width} --probe_images {input.probes:q}"
        " --max_abs_diff {params.tolerance} --report {output.report}"
        " && python workflow/scripts/checksums.py {output.model} {output.report}"
        " --output {output.checksums}) > {log} 2>&1"
