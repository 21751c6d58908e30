"""Recognizers that are trained on own lines: what takes the place of fetched weights."""


def training_of(wildcards):
    """The catalogue entry of a training, and of the model it begins with."""
    model = CATALOGUE[wildcards.model]
    return model, CATALOGUE[model.base]


def training_data(wildcards):
    """The labels and images of all data; train.py lists images that are missing."""
    model, base = training_of(wildcards)
    named = [*model.training.data, *model.training.validation, *model.training.rehearsal_data]
    datasets = [dataset_of(data_entry(name)) for name in named]
    files = [str(dataset.label_file) for dataset in datasets]
    files += [str(path) for dataset in datasets for path in images_of(dataset)]
    if model.training.synthetic:
        files.append(model.training.synthetic.words)
    return files


def images_of(dataset):
    """The images of a dataset that are there."""
    for image in dataset.images:
        try:
            yield dataset.path_of(image.name)
        except UserError:
            pass


def data_entry(name):
    """FOLDER or FOLDER:LABELS as an entry of `datasets`."""
    folder, _, labels = name.partition(":")
    return {"path": folder, **({"labels": os.path.abspath(labels)} if labels else {})}


def training_flags(wildcards):
    """The flags of train.py."""
    model, base = training_of(wildcards)
    training = model.training
    given = " ".join(flags(name, [value]) for name, value in training.settings().items())
    for name in ("data", "validation", "rehearsal_data"):
        values = getattr(training, name)
        given += f" --{name} {' '.join(map(shlex.quote, values))}" if values else ""
    if training.synthetic:
        given += f" {flags('synthetic', [training.synthetic.model_dump_json()])}"
    if FORMATS[base.format].needs_paddle and model.format == base.format:
        given += f" --paddle_dir results/weights/{base.name}"
        given += f" {flags('trained_dictionary', [whole_dictionary_of(base)])}" if base.charset else ""
    return f"{given} --normalisation {shlex.quote(base.normalisation.model_dump_json())}"


def trained_outputs(weights):
    """What a training leaves, with the files that take the place of fetched weights."""
    folder = paths.TRAINING
    named = ("model.onnx", "dictionary.txt", "summary.json", "metrics.csv", "curves.svg")
    return [*(folder + name for name in named), *(f"{folder}weights/{name}" for name in weights)]


rule train_pdmodel:
    """Fine-tune a recognizer; one that does not surpass its base ends the build. Goes on where it was interrupted."""
    input:
        training_data,
        model=lambda wildcards: f"results/onnx/{training_of(wildcards)[1].name}.onnx",
        weights=lambda wildcards: build_plan.weight_files(training_of(wildcards)[1]),
        dictionaries=lambda wildcards: dictionaries_of(training_of(wildcards)[1]),
        code=[*code_of("train.py"), "tools/sample_images/lettering.py"],
        lock="envs/training.lock",
    output:
        trained_outputs(FORMATS["pdmodel"].files),
    log:
        "logs/train/{model}.log",
    wildcard_constraints:
        model=one_of(PLAN.trained("pdmodel")),
    conda:
        "../../envs/training.yaml"
    params:
        python=python_of("training"),
        flags=training_flags,
        folder=paths.TRAINING,
        software=software_of("train.py", "envs/training.lock"),
    message:
        "Train {wildcards.model}"
    shell:
        "{params.python} workflow/scripts/train.py {input.model} {params.flags} --output_dir {params.folder}"
        " --resume 2>&1 | tee {log}"


use rule train_pdmodel as train_pir with:
    output:
        trained_outputs(FORMATS["pir"].files),
    wildcard_constraints:
        model=one_of(PLAN.trained("pir")),


use rule train_pdmodel as train_onnx with:
    output:
        trained_outputs(FORMATS["onnx"].files),
    wildcard_constraints:
        model=one_of(PLAN.trained("onnx")),
