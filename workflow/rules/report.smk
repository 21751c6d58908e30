"""The page people read, the manifest of every artifact, and the gates that end a build."""


rule report:
    """One page, one summary, every table as CSV."""
    input:
        everything,
        code=code_of("make_report.py"),
        locks=["envs/pipeline.lock", "envs/paddle.lock", "envs/export-pdmodel.lock"],
    output:
        page=report("results/report/index.html", caption="../report/page.rst", category="Report"),
        summary=report("results/report/report.md", caption="../report/summary.rst", category="Report"),
        tables=[
            report(f"results/report/{name}.csv", caption=f"../report/{name}.rst", category="Tables")
            for name in REPORT_TABLES
        ],
        plots=report(
            directory("results/report/plots"),
            patterns=["{name}.svg"],
            caption="../report/plots.rst",
            category="Plots",
        ),
    log:
        "logs/report.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("make_report.py"),
        config=json.dumps({key: value for key, value in config.items() if key not in ("mirror", "compare")}),
        compare=flags("compare", filter(None, [config.get("compare")])),
        locks=lambda wildcards, input: flags("lock", input.locks),
    message:
        "Write the report"
    shell:
        "python workflow/scripts/make_report.py --results results --config {params.config:q}"
        " {params.compare} {params.locks} --output_dir results/report > {log} 2>&1"


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
        failed=lambda wildcards: json.dumps(failed_steps(everything(wildcards))),
        config=json.dumps({key: value for key, value in config.items() if key not in ("mirror", "compare")}),
    message:
        "Write a report of what there is"
    shell:
        "if [ {params.failed:q} = '[]' ]; then echo 'every step of the report ran' > {log}; else"
        " python workflow/scripts/make_report.py --results results --config {params.config:q}"
        " --failures {params.failed:q} --output_dir results/report 2>&1 | tee {log}"
        " && rm results/report/report.md; fi"


rule lineage:
    """What every artifact was made from, as the rules have it."""
    input:
        everything,
    output:
        "results/lineage.json",
    log:
        "logs/lineage.log",
    message:
        "List what every artifact was made from"
    run:
        write_json(Path(output[0]), lineage_of(set(input)))


rule manifest:
    """Checksum, size and origin of every artifact; `make verify` checks them.

    Last, and only when every limit is kept.
    """
    input:
        everything,
        lineage="results/lineage.json",
        passed=expand(
            "results/gates/{pipeline}.passed", pipeline=PIPELINES if config["gates"]["enforce"] else []
        ),
        code=code_of("manifest.py"),
        locks=["envs/pipeline.lock", "envs/paddle.lock", "envs/export-pdmodel.lock"],
    output:
        "results/manifest.json",
    log:
        "logs/manifest.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("manifest.py"),
    message:
        "List every artifact with its checksum"
    shell:
        "python workflow/scripts/manifest.py --results results --lineage {input.lineage} --locks {input.locks}"
        " --output {output} > {log} 2>&1"


rule enforce_gates:
    """End the build with the table of limits when one is not kept; the report is there all the same."""
    input:
        judged="results/gates/{pipeline}.json",
        report="results/report/index.html",
        code=code_of("gate.py"),
    output:
        touch("results/gates/{pipeline}.passed"),
    log:
        "logs/gates/{pipeline}.enforced.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("gate.py"),
    message:
        "Hold {wildcards.pipeline} to its limits"
    shell:
        "python workflow/scripts/gate.py --enforce {input.judged} > {log} 2>&1"
