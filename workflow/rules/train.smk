"""Recognizers that are trained on own lines: what takes the place of fetched weights."""


def training_of(wildcards):
    """The catalogue entry of a training, and of the model it begins with."""
    entry = model(wildcards)
    return entry.training, PLAN.catalogue[entry.base]


def training_data(wildcards):
    """The labels and images of all data; train.py lists images that are missing."""
    training, _ = training_of(wildcards)
    datasets = [
        open_named_dataset(name) for name in (*training.data, *training.validation, *training.rehearsal_data)
    ]
    files = [dataset.label_file for dataset in datasets]
    for dataset in datasets:
        for image in dataset.images:
            with suppress(UserError):
                files.append(dataset.path_of(image.name))
    words = training.synthetic and training.synthetic.words
    return [*map(str, files), *([words] if words else [])]


def training_arguments(wildcards):
    """The arguments of train.py that the catalogue decides."""
    training, base = training_of(wildcards)
    goes_back = FORMATS[base.format].needs_paddle and model(wildcards).format == base.format
    return arguments(
        **training.changed(),
        data=training.data,
        validation=training.validation,
        rehearsal_data=training.rehearsal_data,
        synthetic=training.synthetic and training.synthetic.model_dump_json(),
        paddle_dir=paths.WEIGHTS.format(model=base.name) if goes_back else None,
        trained_dictionary=build_plan.trained_dictionary(base) if goes_back and base.charset else None,
        normalisation=base.normalisation.model_dump_json(),
    )


for one in FORMATS.values():

    rule:
        """Fine-tune a recognizer, from where it was interrupted; one that does not surpass its base ends the build."""
        name:
            f"train_{one.name}"
        input:
            training_data,
            model=lambda wildcards: f"{paths.ONNX}.onnx".format(model=training_of(wildcards)[1].name),
            weights=lambda wildcards: build_plan.weight_files(training_of(wildcards)[1]),
            dictionary=lambda wildcards: build_plan.trained_dictionary(training_of(wildcards)[1]) or [],
            lettering="tools/sample_images/lettering.py",
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
        params:
            python=python_of("training"),
            arguments=training_arguments,
            folder=paths.TRAINING,
            software=software("train.py", lock="training"),
        message:
            "Train {wildcards.model}"
        shell:
            "{params.python} workflow/scripts/train.py {input.model} {params.arguments}"
            " --output_dir {params.folder} --resume 2>&1 | tee {log}"


rule compare_training:
    """The trained recognizer and its base on every dataset: lines gained and lost, confusions, curves."""
    input:
        [str(dataset.label_file) for dataset in DATASETS.values()],
        base=lambda wildcards: f"{paths.ONNX}.onnx".format(model=model(wildcards).base),
        trained=paths.ONNX + ".onnx",
        training=lambda wildcards: multiext(
            paths.TRAINING.format(model=model(wildcards).trained_as), "summary.json", "curves.svg"
        ),
    output:
        paths.COMPARISON + "comparison.json",
        page=report(
            paths.COMPARISON + "comparison.html", caption="../report/training.rst", category="Training"
        ),
    log:
        "logs/compare_training/{model}.log",
    wildcard_constraints:
        model=one_of(name for name, entry in PLAN.catalogue.items() if entry.training),
    conda:
        "../../envs/pipeline.yaml"
    params:
        arguments=lambda wildcards: arguments(
            name=list(DATASETS),
            dataset=[
                entry.path + (f":{Path(entry.path) / entry.labels}" if entry.labels else "")
                for entry in (CONFIG.datasets[name] for name in DATASETS)
            ],
            shapes=[str(shape) for shape in model(wildcards).shapes],
            normalisation=model(wildcards).normalisation.model_dump_json(),
            title=wildcards.model,
        ),
        training=lambda wildcards, input: Path(input.training[0]).parent,
        folder=lambda wildcards, output: Path(output.page).parent,
        software=software("compare_training.py"),
    message:
        "Compare {wildcards.model} with its base"
    shell:
        "python workflow/scripts/compare_training.py {input.base} {input.trained} {params.arguments}"
        " --training_dir {params.training} --output_dir {params.folder} > {log} 2>&1"
