"""Model files and dictionaries: fetched from the first source that answers, verified, with their origin."""


rule fetch_pdmodel:
    """Model files in Paddle's older format."""
    input:
        trained_files,
        code=code_of("fetch_weights.py", "checksums.py"),
    output:
        held_to_checksums(
            "results/weights/{model}/",
            graph="inference.pdmodel",
            weights="inference.pdiparams",
            provenance="provenance.json",
            checksums="checksums.sha256",
        ),
    log:
        "logs/fetch/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.format == "pdmodel"),
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    params:
        name="{model}",
        flags=fetch_flags,
        software=software_of("fetch_weights.py"),
    message:
        "Fetch {wildcards.model}"
    shell:
        "(python workflow/scripts/fetch_weights.py --name {params.name} {params.flags}"
        " --output_dir results/weights/{params.name}"
        " && python workflow/scripts/checksums.py {output.graph} {output.weights} {output.provenance}"
        " --output {output.checksums}) 2>&1 | tee {log}"


use rule fetch_pdmodel as fetch_pir with:
    output:
        held_to_checksums(
            "results/weights/{model}/",
            graph="inference.json",
            weights="inference.pdiparams",
            provenance="provenance.json",
            checksums="checksums.sha256",
        ),
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.format == "pir"),


rule fetch_onnx:
    """A model that is ONNX already: one file."""
    input:
        trained_files,
        code=code_of("fetch_weights.py", "checksums.py"),
    output:
        held_to_checksums(
            "results/weights/{model}/",
            graph="inference.onnx",
            provenance="provenance.json",
            checksums="checksums.sha256",
        ),
    log:
        "logs/fetch/{model}.log",
    wildcard_constraints:
        model=one_of(PLAN.of_format("onnx")),
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    params:
        name="{model}",
        flags=fetch_flags,
        software=software_of("fetch_weights.py"),
    message:
        "Fetch {wildcards.model}"
    shell:
        "(python workflow/scripts/fetch_weights.py --name {params.name} {params.flags}"
        " --output_dir results/weights/{params.name}"
        " && python workflow/scripts/checksums.py {output.graph} {output.provenance}"
        " --output {output.checksums}) 2>&1 | tee {log}"


rule fetch_dictionary:
    """A recognizer's character list, where the catalogue says that it is fetched and not part of the project."""
    input:
        code=code_of("fetch_weights.py"),
    output:
        "results/dictionaries/{model}/{dictionary}",
    log:
        "logs/fetch/{model}.{dictionary}.log",
    wildcard_constraints:
        dictionary=one_of(
            model.dictionary.name
            for model in CATALOGUE.values()
            if model.dictionary and model.dictionary.is_fetched
        ),
    conda:
        "../../envs/pipeline.yaml"
    params:
        flags=fetched_dictionary_flags,
        software=software_of("fetch_weights.py"),
    message:
        "Fetch {wildcards.dictionary} for {wildcards.model}"
    shell:
        "python workflow/scripts/fetch_weights.py --name {wildcards.model} {params.flags}"
        " --output_dir results/dictionaries/{wildcards.model} 2>&1 | tee {log}"


rule cut_dictionary:
    """What the catalogue's charset leaves of a recognizer's dictionary; a character it lacks ends the build."""
    input:
        dictionary=lambda wildcards: whole_dictionary_of(entry(wildcards)),
        charset=lambda wildcards: filter(None, [entry(wildcards).charset.file]),
        code=code_of("cut_dictionary.py"),
    output:
        "results/dictionaries/{model}/charset.txt",
    log:
        "logs/cut_dictionary/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.charset),
    conda:
        "../../envs/pipeline.yaml"
    params:
        flags=charset_flags,
        software=software_of("cut_dictionary.py"),
    message:
        "Cut the dictionary of {wildcards.model} to its charset"
    shell:
        "python workflow/scripts/cut_dictionary.py {input.dictionary} {output} {params.flags} > {log} 2>&1"
