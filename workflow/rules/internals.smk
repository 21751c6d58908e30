"""Everything that reaches into Snakemake's inside, and why; tests/workflow/test_internals.py notices its end.

The rest of the workflow uses what Snakemake documents.
"""

from snakemake.iocontainers import Wildcards

from snapml_ocr.records import keep_records_with, link_records, require_cache

# What Snakemake knows of each result lies beside the results, so that a copy of `results/` is up to date elsewhere.
# It opens its records by their path, so a link in its own folder is enough. Planning makes no folder.
if not (IN_STORAGE or PROJECT.name):
    link_records(Path(paths.RESULTS), Path())


onstart:
    try:
        if not IN_STORAGE:
            keep_records_with(Path(paths.RESULTS), Path())
    except OSError as error:
        raise WorkflowError(
            f"{error.filename}: {error.strerror}; a build writes to results/ and .snakemake/"
        )
    # Its limit of jobs per second makes Snakemake look for new jobs every second, once more for every job that
    # ended; that takes a core from the measurements. Locally jobs that end make it look, which is enough.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def require_bucket():
    """End before any job when the bucket cannot be used; the plugin takes every refusal for "nothing there"."""
    settings = workflow.storage_settings
    if settings.default_storage_provider != "s3" or not workflow.is_main_process:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    bucket = (settings.default_storage_prefix or "").removeprefix("s3://").partition("/")[0]
    if not bucket:
        raise WorkflowError("a build in a bucket needs --default-storage-prefix s3://BUCKET/PREFIX")
    try:
        workflow.storage_registry.default_storage_provider.s3c.meta.client.head_bucket(Bucket=bucket)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        reason = {
            403: "access is refused (403); are SNAKEMAKE_STORAGE_S3_ACCESS_KEY and …_SECRET_KEY right?",
            404: "no such bucket; make it, or correct --default-storage-prefix",
        }.get(status, f"the server answers {status}")
        raise WorkflowError(f"s3://{bucket}: {reason}") from None
    except BotoCoreError as error:
        raise WorkflowError(f"s3://{bucket}: {error}") from None


def maker_of(path):
    """The rule that makes a file, with its wildcards and inputs; None when none does.

    Rules know their inputs before there is a job for them; Snakemake documents no way to ask.
    """
    stored = str(STORED / placed(path))
    maker = next((one for one in workflow.rules if one.is_producer(stored)), None)
    if maker is None:
        return None
    wildcards = Wildcards(fromdict=maker.get_wildcards(stored))
    inputs = [str(file) for file in maker.expand_input(wildcards, None)[0]]
    return maker, wildcards, [in_plan(file) for file in inputs]


def made_for(paths):
    """Every file that jobs write on the way to `paths`, themselves included."""
    made, seen, waiting = set(), set(), list(paths)
    while waiting:
        path = waiting.pop()
        known = None if path in seen or path in made else maker_of(path)
        seen.add(path)
        if known is not None:
            maker, wildcards, inputs = known
            made.update(in_plan(file) for file in maker.expand_output(wildcards)[0])
            waiting += inputs
    return sorted(made)


def lineage_of(paths):
    """What each artifact is made from, as the workflow has it; inputs, hash of the code, lock of the packages."""
    lineage = []
    for path in sorted(paths):
        maker, wildcards, inputs = maker_of(path)
        fingerprint = dict(maker.params.items())["software"]
        if callable(fingerprint):
            fingerprint = fingerprint(wildcards)
        lock, code = (entry.split()[1] for entry in fingerprint[:2])
        left_out = {entry.removeprefix("file ") for entry in fingerprint if entry.startswith("file ")}
        lineage.append({"path": path, "inputs": sorted({*inputs, *left_out}), "code": code, "lock": lock})
    return lineage


def is_there(file):
    """Whether a file of the plan exists: an artifact, or a file of the project."""
    return os.path.exists(placed(file)) or (PROJECT / file).exists()


def failed_steps(paths):
    """The steps behind `paths` that ran and failed: their inputs are there, their log is, an output is not."""
    failed, seen, waiting = {}, set(), list(paths)
    while waiting:
        path = str(waiting.pop())
        known = None if path in seen else maker_of(path)
        seen.add(path)
        if known is None:
            continue
        maker, wildcards, inputs = known
        waiting += inputs
        log = str(maker.expand_log(wildcards)[0])
        if not is_there(path) and all(map(is_there, inputs)) and Path(log).exists():
            subject = " ".join(dict(wildcards.items()).values())
            failed[log] = {"step": maker.name, "subject": subject, "log": log}
    return [failed[log] for log in sorted(failed)]


def refuse_unusable_cache():
    """End before any job when `--cache` was given and cannot work; called when all rules are known."""
    cached = workflow.workflow_settings.cache
    if cached is None:
        return
    uncached = [
        name for name in cached if not any(rule.name == name and rule.cache.flag for rule in workflow.rules)
    ]
    if uncached:
        raise WorkflowError(
            f"--cache takes the names of rules, and {uncached[0]} is none that is cached;"
            f" to build the target {uncached[0]} with all caching: snakemake --cache -- {uncached[0]}"
        )
    in_storage = workflow.storage_settings.default_storage_provider is not None
    try:
        require_cache(os.environ.get("SNAKEMAKE_OUTPUT_CACHE"), in_storage=in_storage)
    except UserError as error:
        raise WorkflowError(str(error)) from None
