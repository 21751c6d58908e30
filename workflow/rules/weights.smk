"""Model files and dictionaries: fetched from the first source that answers, verified, with their origin."""


rule fetch_pdmodel:
    """Model files in Paddle's older format."""
    input:
        code=code_of("fetch_weights.py"),
    output:
        multiext(
            "results/weights/{model}/",
            "inference.pdmodel",
            "inference.pdiparams",
            "provenance.json",
        ),
    log:
        "logs/fetch/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.format == "pdmodel"),
    cache: "omit-software"
    conda:
        "../../envs/pipeline.yaml"
    params:
        flags=fetch_flags,
        packages=packages_of("fetch_weights.py"),
    message:
        "Fetch {wildcards.model}"
    shell:
        "python workflow/scripts/fetch_weights.py --name {wildcards.model} {params.flags}"
        " --output_dir results/weights/{wildcards.model} 2>&1 | tee {log}"


use rule fetch_pdmodel as fetch_pir with:
    output:
        multiext(
            "results/weights/{model}/",
            "inference.json",
            "inference.pdiparams",
            "provenance.json",
        ),
    wildcard_constraints:
        model=one_of(name for name, model in CATALOGUE.items() if model.format == "pir"),


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
        packages=packages_of("fetch_weights.py"),
    message:
        "Fetch {wildcards.dictionary} for {wildcards.model}"
    shell:
        "python workflow/scripts/fetch_weights.py --name {wildcards.model} {params.flags}"
        " --output_dir results/dictionaries/{wildcards.model} 2>&1 | tee {log}"
