"""Labelled images: datasets of the configuration, cut into shards."""

from snapml_ocr.evaluate.shards import shard, state_of_files

# Datasets of more are no inputs image by image: of a million, Snakemake would need 8 GB to plan.
MANY_IMAGES = 10_000


@cache  # reading a million labels takes a minute, and few jobs need them
def dataset_of(name):
    """The labelled images of a dataset; Snakemake would take braces in names for wildcards."""
    entry = CONFIG.datasets[name]
    dataset = open_dataset(Path(located(entry.path)), Path(entry.labels) if entry.labels else None)
    for path in (str(dataset.folder / image.name) for image in dataset.images):
        if set("{}") & set(path):
            raise UserError(f"{dataset.label_file}: {path!r} has a brace in its name; rename it")
    return dataset


@cache
def shards_of(name):
    """The images of each shard of a dataset."""
    return shard([image.name for image in dataset_of(name).images], CONFIG.evaluate.shard_size)


@cache
def files_of_shard(dataset, shard):
    """The image files of a shard."""
    return [str(dataset_of(dataset).path_of(name)) for name in shards_of(dataset)[shard]]


@cache
def state_of_shard(dataset, shard):
    """One hash of the images of a shard of a large dataset, which a plan does not read."""
    return state_of_files(files_of_shard(dataset, shard))


def images_of(wildcards):
    """The images of {shard} of {dataset}."""
    return files_of_shard(wildcards.dataset, wildcards.shard)


def is_listed(wildcards):
    """Whether {dataset} has more images than a plan holds as inputs one by one."""
    return len(dataset_of(wildcards.dataset).images) > MANY_IMAGES


def listing_of(wildcards):
    """A command that gives the images of {shard} to the program behind it, as its last arguments."""
    size = arguments(shard=wildcards.shard, shard_size=CONFIG.evaluate.shard_size)
    listing = f"python {SCRIPTS}/list_shard.py {dataset_arguments(wildcards.dataset)} {size}"
    # A word of a command line holds 128 kB, all of them 2 MB on Linux. -x: end rather than read in two runs.
    return f"{listing} | xargs -0 -x -n 1000000 -s 1500000"


try:
    for name in CONFIG.evaluate.datasets if workflow.is_main_process else ():
        dataset_of(name)
except UserError as error:
    raise WorkflowError(str(error)) from None
