"""Where artifacts lie: in this folder, or in a storage such as S3, which knows nothing of the project's files."""

from snapml_ocr.records import link_results, local_copies

from snapml_ocr.verified_outputs import verified_checksum

IN_STORAGE = bool(workflow.storage_settings.default_storage_provider)

# Snakemake keeps local copies of what it has in a storage below its own folder; `results` becomes a link to them, so that
# commands, pipeline files and lineage name the same paths with a storage and without.
STORED = local_copies(workflow.storage_settings) if IN_STORAGE else Path()
if IN_STORAGE:
    try:
        link_results(Path(f"{PREFIX}{paths.RESULTS}"), STORED / f"{PREFIX}{paths.RESULTS}")
    except UserError as error:
        raise WorkflowError(str(error)) from None


def planned(file):
    """A file as the plan names it, of a file that may be the local copy of one in a storage."""
    return Path(file).relative_to(STORED).as_posix() if Path(file).is_relative_to(STORED) else str(file)


def in_plan(file):
    """A file as the plan of a build in the checkout itself names it."""
    return named(planned(file).removeprefix(PREFIX))


def placed(path):
    """An artifact of the plan where commands find it: behind the prefix of a module."""
    return f"{PREFIX}{path}" if path.startswith(f"{paths.RESULTS}/") else path


def from_project(files):
    """Inputs that may be files of the project or of a dataset.

    A storage holds what builds make alone. Jobs have the project by other means (a checkout, deployed sources, an
    image), where each has other dates; there `contents_of` its files is a parameter instead.
    """
    files = [file for file in files if not IN_STORAGE or file.startswith(f"{paths.RESULTS}/")]
    if not PREFIX:
        return files
    # Snakemake puts the prefix before every path that does not begin at the root.
    return [file if file.startswith(f"{paths.RESULTS}/") else os.path.abspath(file) for file in files]


def contents_of(files):
    """Entries of `software`: the files that `from_project` leaves out, and a hash of them, where it leaves out any."""
    own = sorted(file for file in set(files) if IN_STORAGE and not file.startswith(f"{paths.RESULTS}/"))
    return [f"files {sha256_of_files(*own)}", *(f"file {name}" for name in own)] if own else []


def contents_of_shard(wildcards):
    """Entries of `software` for the images of {shard} that are no inputs; of a large dataset, its labels in their place."""
    if not is_listed(wildcards):
        return contents_of(images_of(wildcards))
    state = state_of_shard(wildcards.dataset, wildcards.shard)
    return [f"files {state}", f"file {dataset_of(wildcards.dataset).label_file}"]


def trained_dictionaries(wildcards):
    """The dictionary that {model} was trained with, if it has one."""
    dictionary = build_plan.trained_dictionary(model(wildcards))
    return [dictionary] if dictionary else []


def uncut_dictionary(wildcards):
    """The dictionary of a recognizer that is cut, which its original needs."""
    return trained_dictionaries(wildcards) if model(wildcards).charset else []


def cut_from(wildcards):
    """The dictionary that is cut, and the file of the characters kept, if they are in one."""
    file = model(wildcards).charset.file
    return [build_plan.trained_dictionary(model(wildcards)), *([located(file)] if file else [])]


def verified_outputs(prefix, **extensions):
    """The outputs of a cached rule; each is compared with the list that its job writes beside it, `checksums`.

    Snakemake compares after every job, also when the files come from a shared cache and not from the job: a
    damaged entry ends the build.
    """
    sums = prefix + extensions["checksums"]

    def checksum_of(pattern):
        return lambda wildcards: verified_checksum(
            *(Path(placed(name.format(**wildcards))) for name in (pattern, sums))
        )

    if IN_STORAGE:
        # Snakemake 9.27 looks for the checksum before the file is in the storage, which checks uploads itself.
        return multiext(prefix, **extensions)
    return [
        file if file == sums else ensure(file, sha256=checksum_of(str(file)))
        for file in multiext(prefix, **extensions)
    ]
