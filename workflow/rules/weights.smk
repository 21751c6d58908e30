"""Model files and dictionaries: fetched from the first source that answers, verified, with their origin."""

for one in FORMATS.values():

    rule:
        """Model files of one format."""
        name:
            f"fetch_{one.name}"
        input:
            lambda wildcards: build_plan.trained_files(model(wildcards)),
        output:
            verified_outputs(
                paths.WEIGHTS,
                **{f"file{index}": name for index, name in enumerate(one.files)},
                provenance="provenance.json",
                checksums="checksums.sha256",
            ),
        log:
            "logs/fetch/{model}.log",
        wildcard_constraints:
            model=one_of(PLAN.of_format(one.name)),
        cache: "omit-software"
        localrule: True  # nodes of clusters often have no internet
        conda:
            "../../envs/pipeline.yaml"
        params:
            name="{model}",
            source=lambda wildcards: arguments(
                source=model(wildcards).sources,
                file=[f"{name}={sha256}" for name, sha256 in sorted(model(wildcards).files.items())],
            ),
            # The checksums of what is trained are known when it is there.
            trained=lambda wildcards: " ".join(
                f"--file={Path(file).name}=$(sha256sum < {file} | cut -c1-64)"
                for file in map(placed, build_plan.trained_files(model(wildcards)))
            ),
            folder=lambda wildcards, output: str(Path(output.provenance).parent),
            software=software("fetch_weights.py", "checksums.py"),
        message:
            "Fetch {wildcards.model}"
        shell:
            "(python workflow/scripts/fetch_weights.py --name {params.name} {params.source}"
            " {params.trained} --output_dir {params.folder}"
            " && python workflow/scripts/checksums.py --output {output.checksums} {output}) 2>&1 | tee {log}"


rule fetch_dictionary:
    """A recognizer's character list, where the catalogue says that it is fetched and not part of the project."""
    output:
        dictionary=f"{paths.DICTIONARIES}{{dictionary}}",
        provenance=f"{paths.DICTIONARIES}{{dictionary}}.provenance.json",
    log:
        "logs/fetch/{model}.{dictionary}.log",
    wildcard_constraints:
        dictionary=one_of(
            entry.dictionary.name
            for entry in PLAN.catalogue.values()
            if entry.dictionary and entry.dictionary.is_fetched
        ),
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        source=lambda wildcards: arguments(
            source=list(model(wildcards).dictionary.sources),
            file=f"{wildcards.dictionary}={model(wildcards).dictionary.sha256}",
        ),
        folder=lambda wildcards, output: str(Path(output.dictionary).parent),
        software=software("fetch_weights.py"),
    message:
        "Fetch {wildcards.dictionary} for {wildcards.model}"
    shell:
        "python workflow/scripts/fetch_weights.py --name {wildcards.model} {params.source}"
        " --output_dir {params.folder} 2>&1 | tee {log}"
        " && mv {params.folder}/provenance.json {output.provenance}"


rule cut_dictionary:
    """What a charset leaves of a recognizer's dictionary; a character it lacks ends the build."""
    input:
        lambda wildcards: from_project(cut_from(wildcards)),
    output:
        paths.CHARSET,
    log:
        "logs/cut_dictionary/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, entry in PLAN.catalogue.items() if entry.charset),
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(10),
    params:
        charset=lambda wildcards: arguments(
            charset=located(model(wildcards).charset.file or ""),
            characters=model(wildcards).charset.characters,
            use_space_char=model(wildcards).use_space_char,
        ),
        dictionary=lambda wildcards: placed(cut_from(wildcards)[0]),
        software=lambda wildcards: software("cut_dictionary.py") + contents_of(cut_from(wildcards)),
    message:
        "Cut the dictionary of {wildcards.model} to its charset"
    shell:
        "python workflow/scripts/cut_dictionary.py {params.dictionary} {output} {params.charset} > {log} 2>&1"
