"""The page people read, the manifest of every artifact, and the gates that end a build."""

# The tables that every report has.
REPORT_TABLES = [
    "accuracy",
    "compatibility",
    "fixes",
    "gates",
    "float16",
    "latency",
    "latency_ratios",
    "models",
    "operator_sums",
    "operator_times",
    "operators",
    "parity",
    "refusals",
    "speed",
]
ARTIFACTS = list(build_plan.all_files(PLAN))
LOCKS = [str(PROJECT / f"envs/{name}.lock") for name in ("pipeline", "paddle", "export-pdmodel")]
BUILT = {"pipelines": {name: CONFIG.pipelines[name] for name in CONFIG.build}}
SHOWN = CONFIG.model_copy(update=BUILT).model_dump_json(exclude={"mirror", "compare"}, exclude_none=True)


rule report:
    """One page, one summary, every table as CSV."""
    input:
        ARTIFACTS,
        # All files of a local build are there, pictures too; of a storage, those that a job asks for.
        made=lambda wildcards: made_for(ARTIFACTS) if IN_STORAGE else [],
        locks=from_project(LOCKS),
    output:
        # In `snakemake --report`, which tells how the build ran, the page stands for all that was measured.
        page=report(f"{paths.REPORT}/index.html", caption="../report/page.rst", category="Report"),
        summary=f"{paths.REPORT}/report.md",
        tables=expand(f"{paths.REPORT}/{{name}}.csv", name=REPORT_TABLES),
        plots=directory(f"{paths.REPORT}/plots"),
    log:
        "logs/report.log",
    # The main process does not see a folder that another has put into a storage: Snakemake 9.27 asked before.
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software("make_report.py"),
        config=SHOWN,
        compare=arguments(compare=CONFIG.compare),
        locks=arguments(lock=LOCKS),
        results=lambda wildcards, output: planned(Path(output.page).parents[1]),
    message:
        "Write the report"
    shell:
        "python workflow/scripts/make_report.py --results {params.results} --config {params.config:q}"
        " {params.compare} {params.locks} --output_dir {params.results}/report > {log} 2>&1"


rule report_of_failures:
    """The report of what a build with --keep-going could make, with a row for each step that failed.

    `make build KEEP_GOING=1` asks for it after a failure. It has no output, so that Snakemake never takes its page
    for the whole report; for the same reason one output of that is removed.
    """
    log:
        "logs/report_of_failures.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        failed=lambda wildcards: json.dumps(failed_steps(ARTIFACTS)),
        config=SHOWN,
        results=f"{PREFIX}{paths.RESULTS}",
    message:
        "Write a report of what there is"
    shell:
        "if [ {params.failed:q} = '[]' ]; then echo 'every step of the report ran' > {log}; else"
        " python workflow/scripts/make_report.py --results {params.results} --config {params.config:q}"
        " --failures {params.failed:q} --output_dir {params.results}/report 2>&1 | tee {log}"
        " && rm {params.results}/report/report.md; fi"


rule lineage:
    """What every artifact was made from, as the rules have it."""
    input:
        ARTIFACTS,
    output:
        paths.LINEAGE,
    log:
        "logs/lineage.log",
    localrule: True
    message:
        "List what every artifact was made from"
    run:
        write_json(Path(output[0]), lineage_of({*map(in_plan, input), *BUNDLES}))


rule manifest:
    """Checksum, size and origin of every artifact; `make verify` checks them.

    Last, and only when every limit is kept.
    """
    input:
        ARTIFACTS,
        made=lambda wildcards: made_for(ARTIFACTS) if IN_STORAGE else [],
        lineage=paths.LINEAGE,
        passed=expand(paths.GATES_PASSED, pipeline=PLAN.pipelines if CONFIG.gates.enforce else []),
        locks=from_project(LOCKS),
    output:
        paths.MANIFEST,
    log:
        "logs/manifest.log",
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        locks=LOCKS,
        results=lambda wildcards, output: planned(Path(output[0]).parent),
        software=software("manifest.py"),
    message:
        "List every artifact with its checksum"
    shell:
        "python workflow/scripts/manifest.py --results {params.results} --lineage {input.lineage} --locks {params.locks}"
        " --output {output} > {log} 2>&1"
