"""Real builds in a bucket on this machine: the bytes of a local build, and no harm from faults."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_builds import ended, models_of_a_local_build, start
from local_s3 import BUCKET, Fault, Store, running_store

from small_build import DIFFER, PICTURES, artifacts, small_project, undisturbed

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as started:
        yield started


def build(folder: Path, store: Store, prefix: str, *arguments: str) -> tuple[int, str]:
    """A small build below a prefix of the bucket, or of the bucket that the prefix names."""
    address = prefix if "://" in prefix else f"s3://{BUCKET}/{prefix}"
    options = ("--cores", "2", "--default-storage-prefix", address, *arguments)
    return ended(start(small_project(folder), "s3", *options, environment=store.environment))


def of_stored(store: Store, prefix: str) -> dict[str, str]:
    """SHA-256 of the artifacts below a prefix, as `artifacts` gives them for a folder."""
    stored = store.objects(f"{prefix}/results/")
    named = {name.removeprefix(f"{prefix}/results/"): content for name, content in stored.items()}
    return {
        name: hashlib.sha256(content).hexdigest()
        for name, content in named.items()
        if name.split("/")[0] not in DIFFER
    }


def test_a_build_in_a_bucket_has_the_bytes_of_a_local_one_and_a_fresh_clone_finds_nothing_to_do(
    store: Store, tmp_path: Path
) -> None:
    code, output = build(tmp_path / "project", store, "small")
    assert code == 0, output
    assert of_stored(store, "small") == artifacts(undisturbed())
    stored = {name.removeprefix("small/") for name in store.objects("small/results/")}
    files = (path for path in (undisturbed() / "results").rglob("*") if path.is_file())
    made = {path.relative_to(undisturbed()).as_posix() for path in files}
    assert {name for name in stored ^ made if "/.snakemake" not in name} == set(), "every file is declared"
    pictures = (undisturbed() / "results/report/index.html").read_text().count("data:image/")
    assert pictures_of_report(store, "small") == pictures >= len(PICTURES)

    code, output = build(tmp_path / "clone", store, "small")
    assert code == 0, output
    assert "Nothing to be done" in output

    code, output = build(tmp_path / "another", store, "small", "--forcerun", "report")
    assert code == 0, output
    assert pictures_of_report(store, "small") == pictures, "also where no other job has left them"


def pictures_of_report(store: Store, prefix: str) -> int:
    """How many pictures the report below a prefix shows."""
    page = f"{prefix}/results/report/index.html"
    return store.objects(page)[page].decode().count("data:image/")


@pytest.mark.parametrize(("fault", "every"), [(Fault.ERRORS, 7), (Fault.SLOW, 5), (Fault.TRUNCATED, 3)])
def test_a_server_that_disturbs_a_build_changes_nothing(
    store: Store, tmp_path: Path, fault: Fault, every: int
) -> None:
    with store.behind(fault, every=every) as disturbing:
        code, output = build(tmp_path / "project", disturbing, fault.name, "--", "models")
    assert code == 0, output
    assert disturbing.faults > 3
    assert of_stored(store, fault.name) == models_of_a_local_build()


def test_credentials_that_are_refused_are_one_clear_line(store: Store, tmp_path: Path) -> None:
    with store.behind(Fault.REFUSED) as refusing:
        code, output = build(tmp_path / "project", refusing, "refused", "--", "models")
    assert code != 0
    assert f"s3://{BUCKET}: access is refused (403)" in output
    assert "SNAKEMAKE_STORAGE_S3_ACCESS_KEY" in output
    assert "Traceback" not in output
    assert not of_stored(store, "refused")


def test_a_bucket_that_is_not_there_is_named_and_not_made(store: Store, tmp_path: Path) -> None:
    code, output = build(tmp_path / "project", store, "s3://no-such-bucket/x", "--", "models")
    assert code != 0
    assert "s3://no-such-bucket: no such bucket" in output
    assert "Traceback" not in output
    assert BUCKET in (names := [one["Name"] for one in store.client().list_buckets()["Buckets"]])
    assert "no-such-bucket" not in names


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    code, output = build(tmp_path / "project", Store(port=9), "x", "--", "models")
    assert code != 0
    assert "http://127.0.0.1:9" in output
    assert "Traceback" not in output
