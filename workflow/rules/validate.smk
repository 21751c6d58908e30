"""Proof that nothing was lost: parity on identical tensors, accuracy on labelled images, gates on both."""


rule parity_inputs:
    """Real input for one model and shape, prepared exactly as for reading."""
    input:
        labels=str(DATASETS[IMAGES].label_file),
        images=[str(DATASETS[IMAGES].path_of(image.name)) for image in DATASETS[IMAGES].images],
        code=code_of("make_inputs.py"),
    output:
        "results/parity/inputs/{model}_{height}x{width}.npz",
    log:
        "logs/parity_inputs/{model}_{height}x{width}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("make_inputs.py"),
        dataset=dataset_flags(IMAGES),
        task=lambda wildcards: entry(wildcards).task,
        normalisation=lambda wildcards: shlex.quote(entry(wildcards).normalisation.model_dump_json()),
        samples=config["evaluate"]["parity_samples"],
    message:
        "Prepare real input for {wildcards.model} at {wildcards.height}x{wildcards.width}"
    shell:
        "python workflow/scripts/make_inputs.py --task {params.task} {params.dataset}"
        " --height {wildcards.height} --width {wildcards.width} --normalisation {params.normalisation}"
        " --max_samples {params.samples} {output} > {log} 2>&1"


rule paddle_reference:
    """What the original model says to that input; made once, in Paddle's own environment.

    Of a recognizer that is cut, its probabilities of the characters kept, divided by their sum.
    """
    input:
        model=lambda wildcards: [
            f"results/weights/{wildcards.model}/{name}" for name in sorted(entry(wildcards).files)
        ],
        inputs="results/parity/inputs/{model}_{height}x{width}.npz",
        dictionaries=lambda wildcards: dictionaries_of(entry(wildcards)) if entry(wildcards).charset else [],
        code=code_of("paddle_reference.py"),
        lock="envs/paddle.lock",
    output:
        "results/parity/paddle/{model}_{height}x{width}.npz",
    log:
        "logs/paddle_reference/{model}_{height}x{width}.log",
    conda:
        "../../envs/paddle.yaml"
    params:
        software=software_of("paddle_reference.py", "envs/paddle.lock"),
        python=python_of("paddle"),
        dictionary=lambda wildcards: whole_dictionary_flags(wildcards, cut_only=True),
    message:
        "Run {wildcards.model} at {wildcards.height}x{wildcards.width} in Paddle"
    shell:
        "{params.python} workflow/scripts/paddle_reference.py --model results/weights/{wildcards.model}"
        " --inputs {input.inputs} {params.dictionary} {output} > {log} 2>&1"


rule parity:
    """Every stage against Paddle and against the stage before, on identical tensors."""
    input:
        inputs="results/parity/inputs/{model}_{height}x{width}.npz",
        reference="results/parity/paddle/{model}_{height}x{width}.npz",
        onnx="results/onnx/{model}.onnx",
        simplified="results/simplified/{model}_{height}x{width}.onnx",
        snapml="results/snapml/{model}_{height}x{width}.onnx",
        dictionary=dictionary_files,
        code=code_of("parity.py"),
    output:
        multiext(
            "results/parity/{model}_{height}x{width}",
            numbers=".json",
            worst_arrays=".worst.npz",
            worst_picture=".worst.png",
        ),
    log:
        "logs/parity/{model}_{height}x{width}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("parity.py"),
        dictionary=dictionary_flags,
    message:
        "Compare the stages of {wildcards.model} at {wildcards.height}x{wildcards.width} with Paddle"
    shell:
        "python workflow/scripts/parity.py --model {wildcards.model} --inputs {input.inputs}"
        " --reference {input.reference} --stage onnx={input.onnx} --stage simplified={input.simplified}"
        " --stage snapml={input.snapml} {params.dictionary} --output {output.numbers} > {log} 2>&1"


rule half_precision:
    """What float16 will do to the model: largest activations, and outputs with rounded weights."""
    input:
        inputs="results/parity/inputs/{model}_{height}x{width}.npz",
        snapml="results/snapml/{model}_{height}x{width}.onnx",
        dictionary=dictionary_files,
        code=code_of("half_precision.py"),
    output:
        "results/half/{model}_{height}x{width}.json",
    log:
        "logs/half_precision/{model}_{height}x{width}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("half_precision.py"),
        dictionary=dictionary_flags,
    message:
        "Round {wildcards.model} at {wildcards.height}x{wildcards.width} to float16"
    shell:
        "python workflow/scripts/half_precision.py {input.snapml} --name {wildcards.model}"
        " --inputs {input.inputs} {params.dictionary} --output {output} > {log} 2>&1"


rule accuracy:
    """Score what each stage read in one dataset."""
    input:
        predictions=prediction_files,
        labels=lambda wildcards: str(DATASETS[wildcards.dataset].label_file),
        code=code_of("evaluate.py"),
    output:
        "results/accuracy/{pipeline}/{dataset}.json",
    log:
        "logs/accuracy/{pipeline}/{dataset}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("evaluate.py"),
        dataset=lambda wildcards: dataset_flags(wildcards.dataset),
        predictions=lambda wildcards, input: [
            f"{Path(path).parent.name}={path}" for path in input.predictions
        ],
    message:
        "Score {wildcards.pipeline} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/evaluate.py {params.dataset} --name {wildcards.dataset}"
        " --pipeline {wildcards.pipeline} --predictions {params.predictions} --output {output} > {log} 2>&1"


rule gates:
    """Judge a pipeline against the limits of the configuration; the report shows the result."""
    input:
        parity=shapes_of("results/parity/{model}_{shape}.json"),
        half=shapes_of("results/half/{model}_{shape}.json"),
        compatibility=shapes_of("results/snapml/{model}_{shape}.compat.json"),
        accuracy=expand("results/accuracy/{{pipeline}}/{dataset}.json", dataset=DATASETS),
        code=code_of("gate.py"),
    output:
        "results/gates/{pipeline}.json",
    log:
        "logs/gates/{pipeline}.log",
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software_of("gate.py"),
        gates=json.dumps({name: limits for name, limits in config["gates"].items() if name != "enforce"}),
    message:
        "Judge {wildcards.pipeline}"
    shell:
        "python workflow/scripts/gate.py --gates {params.gates:q} --pipeline {wildcards.pipeline}"
        " --parity {input.parity} --half_precision {input.half} --compatibility {input.compatibility}"
        " --accuracy {input.accuracy} --report_only --output {output} > {log} 2>&1"
