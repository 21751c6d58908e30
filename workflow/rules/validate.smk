"""Proof that nothing was lost: parity on identical tensors, accuracy on labelled images, gates on both."""

PARITY_FILES = [
    str(dataset_of(PARITY_DATASET).label_file),
    *(str(dataset_of(PARITY_DATASET).path_of(image.name)) for image in dataset_of(PARITY_DATASET).images),
]


rule parity_inputs:
    """Real input for one model and shape, prepared exactly as for reading."""
    input:
        from_project(PARITY_FILES),
    output:
        paths.MODEL_INPUTS,
    log:
        "logs/parity_inputs/{model}_{shape}.log",
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1000),
        runtime=doubling(10),
    params:
        dataset=dataset_arguments(PARITY_DATASET),
        form=lambda wildcards: arguments(
            task=model(wildcards).task, normalisation=model(wildcards).normalisation.model_dump_json()
        ),
        size=size_of,
        samples=CONFIG.evaluate.parity_samples,
        software=software("make_inputs.py") + contents_of(PARITY_FILES),
    message:
        "Prepare real input for {wildcards.model} at {wildcards.shape}"
    shell:
        "python workflow/scripts/make_inputs.py {params.form} {params.dataset} {params.size}"
        " --max_samples {params.samples} {output} > {log} 2>&1"


rule paddle_reference:
    """What the original model says to that input, made once, in the environment that it needs.

    Of a recognizer that is cut, its probabilities of the characters kept, divided by their sum.
    """
    input:
        model=lambda wildcards: build_plan.weight_files(model(wildcards)),
        inputs=paths.MODEL_INPUTS,
        dictionary=lambda wildcards: from_project(uncut_dictionary(wildcards)),
        charset=lambda wildcards: build_plan.charset_file(model(wildcards)) or [],
    output:
        paths.REFERENCE,
    log:
        "logs/paddle_reference/{model}_{shape}.log",
    conda:
        "../../envs/paddle.yaml"
    resources:
        mem_mb=doubling(2500),
        runtime=doubling(15),
    params:
        python=lambda wildcards: python_of(lock_of_original(wildcards)),
        model=lambda wildcards, input: opened(input.model),
        dictionary=lambda wildcards: [*map(placed, uncut_dictionary(wildcards))],
        script=lambda wildcards: arguments(use_space_char=model(wildcards).use_space_char),
        software=lambda wildcards: (
            software("paddle_reference.py", lock=lock_of_original(wildcards))
            + contents_of(uncut_dictionary(wildcards))
        ),
    message:
        "Run the original of {wildcards.model} at {wildcards.shape}"
    shell:
        "{params.python} workflow/scripts/paddle_reference.py --model {params.model} --inputs {input.inputs}"
        " --dictionary {params.dictionary} --cut_dictionary {input.charset} {params.script}"
        " {output} > {log} 2>&1"


rule parity:
    """Every stage against the original and against the stage before, on identical tensors."""
    input:
        unpack(stages_at(*CONVERTED)),
        inputs=paths.MODEL_INPUTS,
        reference=paths.REFERENCE,
    output:
        multiext(paths.PARITY, numbers=".json", worst_arrays=".worst.npz", worst_picture=".worst.png"),
    log:
        "logs/parity/{model}_{shape}.log",
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(1500),
        runtime=doubling(15),
    params:
        stages=as_stages(*CONVERTED),
        original=lambda wildcards: FORMATS[model(wildcards).format].stage,
        options=lambda wildcards: arguments(**options_of_task(CONFIG.inference, model(wildcards).task)),
        software=software("parity.py"),
    message:
        "Compare the stages of {wildcards.model} at {wildcards.shape}"
    shell:
        "python workflow/scripts/parity.py --model {wildcards.model} --inputs {input.inputs}"
        " --reference {input.reference} --original {params.original} {params.stages} {params.options}"
        " --output {output.numbers} > {log} 2>&1"


rule float16:
    """What float16 will do to the model: largest activations, and outputs with rounded weights."""
    input:
        inputs=paths.MODEL_INPUTS,
        model=STAGES[SHIPPED].artifact,
    output:
        paths.FLOAT16,
    log:
        "logs/float16/{model}_{shape}.log",
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(2500),
        runtime=doubling(15),
    params:
        options=lambda wildcards: arguments(**options_of_task(CONFIG.inference, model(wildcards).task)),
        software=software("float16.py"),
    message:
        "Round {wildcards.model} at {wildcards.shape} to float16"
    shell:
        "python workflow/scripts/float16.py {input.model} --name {wildcards.model}"
        " --inputs {input.inputs} {params.options} --output {output} > {log} 2>&1"


rule accuracy:
    """Score what each stage read in one dataset."""
    input:
        unpack(
            lambda wildcards: build_plan.predictions_of(
                PLAN, **wildcards, shards=shards_of(wildcards.dataset)
            )
        ),
        labels=lambda wildcards: from_project([str(dataset_of(wildcards.dataset).label_file)]),
    output:
        paths.ACCURACY,
    log:
        "logs/accuracy/{pipeline}/{dataset}.log",
    conda:
        "../../envs/pipeline.yaml"
    resources:
        mem_mb=doubling(2000),
        runtime=doubling(60),
    params:
        dataset=lambda wildcards: dataset_arguments(wildcards.dataset),
        predictions=lambda wildcards, input: [
            f"{stage}={pattern_of_shards(input.get(stage))}" for stage in READ_STAGES if input.get(stage)
        ],
        software=lambda wildcards: (
            software("evaluate.py") + contents_of([str(dataset_of(wildcards.dataset).label_file)])
        ),
    message:
        "Score {wildcards.pipeline} on {wildcards.dataset}"
    shell:
        "python workflow/scripts/evaluate.py {params.dataset} --name {wildcards.dataset}"
        " --pipeline {wildcards.pipeline} --predictions {params.predictions:q} --output {output} > {log} 2>&1"


rule gates:
    """Judge a pipeline against the limits of the configuration; the report shows the result."""
    input:
        parity=of_pipeline(f"{paths.PARITY}.json"),
        float16=of_pipeline(paths.FLOAT16, where=lambda model: model.runs_outside_lens_studio),
        compatibility=of_pipeline(paths.COMPATIBILITY),
        accuracy=expand(paths.ACCURACY, dataset=CONFIG.evaluate.datasets, allow_missing=True),
        training=summaries_of_trainings,
    output:
        paths.GATES,
    log:
        "logs/gates/{pipeline}.log",
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        gates=lambda wildcards: json.dumps(build_plan.gates_of(PLAN, wildcards.pipeline)),
        software=software("gate.py"),
    message:
        "Judge {wildcards.pipeline}"
    shell:
        "python workflow/scripts/gate.py --gates {params.gates:q} --pipeline {wildcards.pipeline}"
        " --parity {input.parity} --float16 {input.float16} --compatibility {input.compatibility}"
        " --accuracy {input.accuracy} --training {input.training} --report_only --output {output} > {log} 2>&1"


rule enforce_gates:
    """End the build with the table of limits when one is not kept; the report is there all the same."""
    input:
        judged=paths.GATES,
        report=f"{paths.REPORT}/index.html",
    output:
        touch(paths.GATES_PASSED),
    log:
        "logs/gates/{pipeline}.enforced.log",
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        software=software("gate.py"),
    message:
        "Hold {wildcards.pipeline} to its limits"
    shell:
        "python workflow/scripts/gate.py --enforce {input.judged} > {log} 2>&1"
