"""The page people read, the manifest of every artifact, and the gates that end a build."""


rule report:
    """One page, one summary, every table as CSV."""
    input:
        everything,
        code=code_of("make_report.py"),
        locks=["envs/pipeline.lock", "envs/paddle.lock", "envs/export-pdmodel.lock"],
    output:
        page="results/report/index.html",
        summary="results/report/report.md",
    log:
        "logs/report.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        packages=packages_of("make_report.py"),
        config=json.dumps({key: value for key, value in config.items() if key not in ("mirror", "compare")}),
        compare=flags("compare", filter(None, [config.get("compare")])),
        locks=lambda wildcards, input: flags("lock", input.locks),
    message:
        "Write the report"
    shell:
        "python workflow/scripts/make_report.py --results results --config {params.config:q}"
        " {params.compare} {params.locks} --output_dir results/report > {log} 2>&1"
