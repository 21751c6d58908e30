"""What the rules take in: files and flags, found from wildcards and the configuration."""

IMAGES = config["evaluate"]["parity_dataset"]
# The tables that every report has; each has a caption of its name in workflow/report/.
REPORT_TABLES = [
    "accuracy",
    "compatibility",
    "fixes",
    "gates",
    "half_precision",
    "latency",
    "latency_ratios",
    "models",
    "operator_times",
    "operators",
    "parity",
    "speed",
]
SAMPLES = sorted(image.name for image in open_dataset(Path("images")).images)


def fetch_flags(wildcards):
    """Sources and checksums of a model's files; those of a trained model are known when they are there."""
    model = entry(wildcards)
    if model.training:
        files = {Path(file).name: file for file in trained_files(wildcards)}
        sums = " ".join(f"--file {name}=$(sha256sum < {file} | cut -c1-64)" for name, file in files.items())
        return f"{flags('source', model.sources)} {sums}"
    files = [f"{name}={sha256}" for name, sha256 in sorted(model.files.items())]
    return f"{flags('source', model.sources)} {flags('file', files)}"


def trained_files(wildcards):
    """What a training leaves in the place of fetched weights; nothing for models that are fetched."""
    model = entry(wildcards)
    if not model.training:
        return []
    folder = paths.TRAINING.format(model=model.trained_as)
    return [f"{folder}weights/{name}" for name in FORMATS[model.format].files]


def fetched_dictionary_flags(wildcards):
    """Sources and checksum of a dictionary that is fetched."""
    dictionary = entry(wildcards).dictionary
    file = f"{dictionary.name}={dictionary.sha256}"
    return f"{flags('source', dictionary.sources)} {flags('file', [file])}"


def whole_dictionary_of(model):
    """The dictionary a recognizer was trained with: its own file of the project, or the fetched one."""
    if model.dictionary.is_fetched:
        return f"results/dictionaries/{model.name}/{model.dictionary.name}"
    return model.dictionary.name


def dictionary_of(model):
    """The dictionary of the recognizer that is built: the whole one, or what the charset leaves of it."""
    if model.charset:
        return f"results/dictionaries/{model.name}/charset.txt"
    return whole_dictionary_of(model)


def dictionaries_of(model):
    """Both, or one; nothing for the other tasks."""
    return sorted({whole_dictionary_of(model), dictionary_of(model)}) if model.dictionary else []


def charset_flags(wildcards):
    """The flags of cut_dictionary.py that say what to keep."""
    model = entry(wildcards)
    given = {"charset": model.charset.file, "characters": model.charset.characters}
    # With `=`, since characters may begin with a hyphen.
    text = " ".join(f"--{name}={shlex.quote(value)}" for name, value in given.items() if value)
    return f"{text} {flags('use_space_char', [model.use_space_char])}"


def whole_dictionary_flags(wildcards, cut_only=False):
    """The flags that name the dictionary a Paddle model was trained with, and what is kept of it."""
    model = entry(wildcards)
    if not model.dictionary or (cut_only and not model.charset):
        return ""
    given = flags("dictionary", [whole_dictionary_of(model)])
    if model.charset:
        given += f" {flags('cut_dictionary', [dictionary_of(model)])}"
    return f"{given} {script_flags(model)}"


def script_flags(model):
    """The flags that say what the file of a dictionary does not."""
    given = {"use_space_char": model.use_space_char, "right_to_left": model.right_to_left}
    return " ".join(flags(name, [value]) for name, value in given.items())


def dictionary_files(wildcards):
    """The dictionary of a recognizer; nothing for the other tasks."""
    model = entry(wildcards)
    return [dictionary_of(model)] if model.dictionary else []


def dictionary_flags(wildcards):
    """The flags that name it, for the programs that decode what a recognizer says."""
    model = entry(wildcards)
    if not model.dictionary:
        return ""
    return f"{flags('dictionary', [dictionary_of(model)])} {script_flags(model)}"


def dataset_flags(name):
    """The flags that name a dataset: its folder, and its label file where the configuration gives one."""
    entry = config["datasets"][name]
    return flags("dataset", [entry["path"]]) + (
        f" {flags('labels', [entry['labels']])}" if "labels" in entry else ""
    )


def stage_files(stage, part):
    """The files of a pipeline's part at a stage: one for each shape, or one that takes any shape."""
    return build_plan.stage_files(part, stage)


def stage_flags(stage, part, prefix):
    """The flags of inference.py that open a part at a stage: `--det_...`, `--rec_...` or `--cls_...`."""
    files = [f"results/weights/{part.model.name}"] if stage == "paddle" else stage_files(stage, part)
    given = flags(f"{prefix}_model_dir", files)
    if stage in ("paddle", "onnx"):
        given += f" --{prefix}_shapes {' '.join(map(str, part.shapes))}"
    return f"{given} --{prefix}_normalisation {shlex.quote(part.model.normalisation.model_dump_json())}"


def roles(pipeline, kind):
    """The parts of a pipeline that read images of this kind: crops of one line need no detector."""
    unused = {"detector"} if kind == "recognition" else set()
    return {role: part for role in ROLES if role not in unused and (part := PIPELINES[pipeline].part(role))}


def reading_models(pipeline, stage, kind="end_to_end"):
    """The files that a pipeline reads images with at a stage."""
    parts = roles(pipeline, kind)
    files = [file for part in parts.values() for file in stage_files(stage, part)]
    for part in parts.values():
        dictionaries = dictionaries_of(part.model)
        files += dictionaries if stage == "paddle" else dictionaries and [dictionary_of(part.model)]
    return files


def predict_flags(wildcards):
    """The flags of inference.py that read a dataset at a stage, to boxes of what its labels are by."""
    level = config["datasets"][wildcards.dataset].get("level", "line")
    dataset = DATASETS[wildcards.dataset]
    given = reading_flags(wildcards.pipeline, wildcards.stage, dataset.kind)
    return f"{given} --level {level} {flags('image_root', [dataset.image_root])}"


def reading_flags(pipeline, stage, kind="end_to_end", mode=True):
    """The flags of inference.py for a pipeline at a stage; without `mode` those that programs around it share."""
    parts = roles(pipeline, kind)
    given = [stage_flags(stage, part, ROLES[role].prefix) for role, part in parts.items()]
    recognizer = parts.get("recognizer")
    if recognizer:
        given.append(flags("rec_char_dict_path", [dictionary_of(recognizer.model)]))
        if stage == "paddle" and recognizer.model.charset:
            given.append(flags("rec_trained_dict_path", [whole_dictionary_of(recognizer.model)]))
        given.append(script_flags(recognizer.model))
    given += [flags(name, [value]) for name, value in config["inference"].items()]
    if mode:
        whole_image = "--run_pipeline" if recognizer else "--run_detection"
        given.append("--run_recognition" if kind == "recognition" else whole_image)
    return " ".join(given)


def prediction_files(wildcards):
    """The predictions of every stage, shard by shard."""
    return [
        f"results/predictions/{wildcards.pipeline}/{wildcards.dataset}/{stage}/{shard}.jsonl"
        for stage in READ_STAGES
        for shard in SHARDS[wildcards.dataset]
    ]


def shapes_of(pattern):
    """A function of wildcards: `pattern` for every model and shape of the pipeline."""

    def files(wildcards):
        return [
            pattern.format(model=part.model.name, shape=shape)
            for part in PIPELINES[wildcards.pipeline].parts
            for shape in part.shapes
        ]

    return files


def everything(wildcards):
    """All that the report shows and the manifest lists, for every pipeline of the build."""
    per_shape = [
        "results/simplified/{model}_{shape}.onnx",
        "results/snapml/{model}_{shape}.onnx",
        "results/simplified/{model}_{shape}.json",
        "results/snapml/{model}_{shape}.fixes.json",
        "results/snapml/{model}_{shape}.compat.json",
        "results/inspect/{model}_{shape}.json",
        "results/parity/{model}_{shape}.json",
        "results/half/{model}_{shape}.json",
        "results/latency/{model}_{shape}.json",
    ]
    per_pipeline = [
        "results/inference/{pipeline}/predictions.jsonl",
        "results/latency/pipelines/{pipeline}.json",
        "results/gates/{pipeline}.json",
        *(f"results/accuracy/{{pipeline}}/{dataset}.json" for dataset in DATASETS),
    ]
    return (
        [
            f"results/weights/{model}/{file}"
            for model in MODELS
            for file in ["provenance.json", *MODELS[model].files]
        ]
        + [f"results/onnx/{model}.onnx" for model in MODELS]
        + [
            path
            for model in MODELS.values()
            for path in dictionaries_of(model)
            if path.startswith("results/")
        ]
        + [path for pattern in per_shape for path in artifacts(pattern)]
        + expand(per_pipeline, pipeline=PIPELINES)
    )


def lineage_of(paths):
    """What each artifact is made from, as its rule has it (inputs, hash of the code, lock of the packages)."""
    lineage = []
    for path in sorted(paths):
        maker = next(one for one in workflow.rules if one.is_producer(path))
        files = [str(file) for file in maker.expand_input(maker.get_wildcards(path), None)[0]]
        code = [file for file in files if file.startswith(f"{SCRIPTS}/")]
        locks = [file for file in files if file.startswith("envs/")] or ["envs/pipeline.lock"]
        lineage.append(
            {
                "path": path,
                "inputs": [file for file in files if file not in {*code, *locks}],
                "code": code_hash(code),
                "lock": locks[0],
            }
        )
    return lineage


def failed_steps(paths):
    """The steps behind `paths` that ran and failed: their inputs are there, their log is, an output is not."""
    failed, seen, waiting = {}, set(), list(paths)
    while waiting:
        path = str(waiting.pop())
        maker = next((one for one in workflow.rules if one.is_producer(path)), None)
        if path in seen or maker is None:
            continue
        seen.add(path)
        wildcards = maker.get_wildcards(path)
        inputs = [str(file) for file in maker.expand_input(wildcards, None)[0]]
        waiting += inputs
        log = str(maker.expand_log(wildcards)[0])
        if not Path(path).exists() and all(map(os.path.exists, inputs)) and Path(log).exists():
            values = dict(wildcards.items())
            size = f"{values.pop('height')}x{values.pop('width')}" if "height" in values else ""
            subject = " ".join(filter(None, [*values.values(), size]))
            failed[log] = {"step": maker.name, "subject": subject, "log": log}
    return [failed[log] for log in sorted(failed)]
