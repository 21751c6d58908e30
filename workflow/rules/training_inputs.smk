"""What a training takes in: its data, and the arguments that the catalogue decides."""


def training_of(wildcards):
    """The catalogue entry of a training, and of the model it begins with."""
    entry = model(wildcards)
    return entry.training, PLAN.catalogue[entry.base]


def label_files():
    """The labels of every dataset that is evaluated."""
    return [str(dataset_of(name).label_file) for name in CONFIG.evaluate.datasets]


def training_data(wildcards):
    """The labels and images of all data; train.py lists images that are missing."""
    training, _ = training_of(wildcards)
    labelled = [*training.data, *training.validation]
    rehearsed = map(located, training.rehearsal_data)
    labelled += [name for name in rehearsed if ":" in name or has_labels(Path(name))]
    datasets = [open_named_dataset(name) for name in labelled]
    files = [dataset.label_file for dataset in datasets]
    for dataset in datasets:
        for image in dataset.images:
            with suppress(UserError):
                files.append(dataset.path_of(image.name))
    words = training.synthetic and located(training.synthetic.words)
    dictionary = build_plan.trained_dictionary(training_of(wildcards)[1])
    rendered = [str(PROJECT / name) for name in ("tools/sample_images/lettering.py", "images/labels.json")]
    return [*map(str, files), *filter(None, [words, dictionary]), *rendered]


def training_arguments(wildcards):
    """The arguments of train.py that the catalogue decides."""
    training, base = training_of(wildcards)
    goes_back = FORMATS[base.format].needs_paddle and model(wildcards).format == base.format
    return arguments(
        **training.changed(),
        data=training.data,
        validation=training.validation,
        rehearsal_data=list(map(located, training.rehearsal_data)),
        synthetic=training.synthetic and training.synthetic.model_dump_json(),
        paddle_dir=placed(paths.WEIGHTS.format(model=base.name)) if goes_back else None,
        trained_dictionary=(
            placed(build_plan.trained_dictionary(base)) if goes_back and base.charset else None
        ),
        normalisation=base.normalisation.model_dump_json(),
    )


def summaries_of_trainings(wildcards):
    """What training left of each trained model of the pipeline."""
    models = [part.model for part in PLAN.pipelines[wildcards.pipeline].parts]
    return [f"{paths.TRAINING}summary.json".format(model=one.trained_as) for one in models if one.training]
