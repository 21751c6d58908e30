"""Recognizers that are trained on own lines: what takes the place of fetched weights."""

for one in FORMATS.values():

    rule:
        """Fine-tune a recognizer, from where it was interrupted; one that does not surpass its base ends the build."""
        name:
            f"train_{one.name}"
        input:
            lambda wildcards: from_project(training_data(wildcards)),
            model=lambda wildcards: f"{paths.ONNX}.onnx".format(model=training_of(wildcards)[1].name),
            weights=lambda wildcards: build_plan.weight_files(training_of(wildcards)[1]),
        output:
            [f"{paths.TRAINING}weights/{name}" for name in one.files],
            multiext(
                paths.TRAINING,
                "model.onnx",
                "dictionary.txt",
                "summary.json",
                "metrics.csv",
                "curves.svg",
                "augmentation.png",
            ),
        log:
            "logs/train/{model}.log",
        wildcard_constraints:
            model=one_of(PLAN.trained(one.name)),
        conda:
            "../../envs/training.yaml"
        resources:
            mem_mb=doubling(4000),
            runtime=doubling(240),
        params:
            python=python_of("training"),
            arguments=training_arguments,
            folder=f"{PREFIX}{paths.TRAINING}",
            software=lambda wildcards: (
                software("train.py", lock="training") + contents_of(training_data(wildcards))
            ),
        message:
            "Train {wildcards.model}"
        shell:
            "{params.python} workflow/scripts/train.py {input.model} {params.arguments}"
            " --output_dir {params.folder} --resume 2>&1 | tee {log}"


rule compare_training:
    """The trained recognizer and its base on every dataset: lines gained and lost, confusions, curves."""
    input:
        lambda wildcards: from_project(label_files()),
        base=lambda wildcards: f"{paths.ONNX}.onnx".format(model=model(wildcards).base),
        trained=f"{paths.ONNX}.onnx",
        training=lambda wildcards: multiext(
            paths.TRAINING.format(model=model(wildcards).trained_as), "summary.json", "curves.svg"
        ),
    output:
        f"{paths.COMPARISON}comparison.json",
        page=report(
            f"{paths.COMPARISON}comparison.html", caption="../report/training.rst", category="Training"
        ),
    log:
        "logs/compare_training/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, entry in PLAN.catalogue.items() if entry.training),
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(2000),
        runtime=doubling(30),
    params:
        arguments=lambda wildcards: arguments(
            name=CONFIG.evaluate.datasets,
            dataset=[
                located(entry.path)
                + (f":{Path(located(entry.path)) / entry.labels}" if entry.labels else "")
                for entry in (CONFIG.datasets[name] for name in CONFIG.evaluate.datasets)
            ],
            shapes=[str(shape) for shape in model(wildcards).shapes],
            normalisation=model(wildcards).normalisation.model_dump_json(),
            base_spaces=PLAN.catalogue[model(wildcards).base].spaces.model_dump_json(),
            spaces=model(wildcards).spaces.model_dump_json(),
            title=wildcards.model,
        ),
        training=lambda wildcards, input: Path(input.training[0]).parent,
        folder=lambda wildcards, output: str(Path(output.page).parent),
        software=lambda wildcards: software("compare_training.py") + contents_of(label_files()),
    message:
        "Compare {wildcards.model} with its base"
    shell:
        "python workflow/scripts/compare_training.py {input.base} {input.trained} {params.arguments}"
        " --training_dir {params.training} --output_dir {params.folder} > {log} 2>&1"
