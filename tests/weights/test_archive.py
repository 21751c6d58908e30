import gzip
import io
import tarfile
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from snapml_ocr.weights import archive
from snapml_ocr.weights.file_spec import FileSpec, SourceError
from weights.archives import GRAPH, PARAMS, WANTED, contents, member, model_members, model_tar, tar_bytes

EXPECTED = {"inference.pdmodel": GRAPH, "inference.pdiparams": PARAMS}


def extracted(content, tmp_path):
    path, folder = tmp_path / "x.tar", tmp_path / "out"
    path.write_bytes(content)
    folder.mkdir()
    archive.extract(path, WANTED, folder)
    return contents(folder)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_only_the_wanted_members_are_written(tmp_path, mode):
    assert extracted(model_tar(mode), tmp_path) == EXPECTED


@pytest.mark.parametrize("folder", ["", "./", "a/b/c/"])
def test_members_are_found_at_any_depth(tmp_path, folder):
    assert extracted(tar_bytes(*model_members(folder)), tmp_path) == EXPECTED


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_common_tar_format_is_read_with_long_names(tmp_path, tar_format):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as tar:
        for info, content in model_members("/".join(["folder" * 10] * 2) + "/"):
            tar.addfile(info, io.BytesIO(content))
    assert extracted(buffer.getvalue(), tmp_path) == EXPECTED


HOSTILE = {
    "symbolic link": (member("inference.pdmodel", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "link"),
    "hard link": (member("inference.pdmodel", type=tarfile.LNKTYPE, linkname="../x"), "link"),
    "character device": (member("x", type=tarfile.CHRTYPE), "no regular file"),
    "block device": (member("x", type=tarfile.BLKTYPE), "no regular file"),
    "pipe": (member("x", type=tarfile.FIFOTYPE), "no regular file"),
    "contiguous file": (member("x", type=tarfile.CONTTYPE), "no regular file"),
    "sparse file": (member("x", type=tarfile.GNUTYPE_SPARSE), "no regular file"),
    "parent folder": (member("../inference.pdmodel", GRAPH), "outside"),
    "parent folder inside": (member("a/../../x", b""), "outside"),
    "absolute name": (member("/tmp/inference.pdmodel", GRAPH), "outside"),
    "backslash": (member("..\\x", b""), "outside"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("place", ["first", "last"])
def test_an_archive_with_a_hostile_member_is_refused(tmp_path, kind, place):
    hostile, reason = HOSTILE[kind]
    members = [hostile, *model_members()] if place == "first" else [*model_members(), hostile]
    with pytest.raises(SourceError, match=reason):
        extracted(tar_bytes(*members), tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["out", "x.tar"]


def test_thousands_of_members_are_refused_quickly(tmp_path):
    started = time.monotonic()
    with pytest.raises(SourceError, match="more than 1000 members"):
        extracted(tar_bytes(*(member(f"m/{number}") for number in range(30_000))), tmp_path)
    assert time.monotonic() - started < 10


def test_a_member_that_claims_a_terabyte_is_refused_without_reading_it(tmp_path):
    huge = tarfile.TarInfo("inference.pdmodel")
    huge.size = 2**40
    with pytest.raises(SourceError, match="claims 1099511627776 bytes"):
        extracted(huge.tobuf(tarfile.GNU_FORMAT) + bytes(1024), tmp_path)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.REGTYPE])
@pytest.mark.parametrize("size", [-(2**40), -512, 2**62, 2**31])
def test_absurd_sizes_in_headers_are_refused_at_once(tmp_path, kind, size):
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, size
    started = time.monotonic()
    with pytest.raises(SourceError):
        extracted(info.tobuf(tarfile.GNU_FORMAT) + bytes(10_240), tmp_path)
    assert time.monotonic() - started < 5


def test_a_chain_of_long_name_headers_is_refused(tmp_path):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 10
    with pytest.raises(SourceError):
        extracted((info.tobuf(tarfile.GNU_FORMAT) + b"a" * 512) * 5000, tmp_path)


def test_a_gzip_bomb_is_refused_at_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 2**24)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb") as bomb:
        for _ in range(64):
            bomb.write(bytes(2**20))
    with pytest.raises(SourceError, match="16 MiB when decompressed"):
        extracted(buffer.getvalue(), tmp_path)


def test_a_missing_member_is_named_with_what_is_there(tmp_path):
    with pytest.raises(SourceError, match=r"holds no inference\.pdiparams; it holds inference\.pdmodel"):
        extracted(tar_bytes(member("m/inference.pdmodel", GRAPH)), tmp_path)


def test_a_member_that_is_there_twice_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"inference\.pdmodel 2 times"):
        extracted(tar_bytes(*model_members(), member("other/inference.pdmodel", GRAPH)), tmp_path)


def test_a_wrong_checksum_names_both_hashes(tmp_path):
    with pytest.raises(SourceError, match=rf"has SHA-256 \w{{64}} .* expected {WANTED[0].sha256}"):
        extracted(tar_bytes(member("inference.pdmodel", GRAPH + b"!"), *model_members()[1:]), tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"<html>not found</html>", b"\x1f\x8b", b"\x1f\x8bxxxxxxx", bytes(100)]
)
def test_what_is_no_archive_is_refused_clearly(tmp_path, content):
    with pytest.raises(SourceError, match=r"not a complete|holds no"):
        extracted(content, tmp_path)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_archive_is_refused(tmp_path, mode, share):
    whole = model_tar(mode)
    with pytest.raises(SourceError):
        extracted(whole[: int(len(whole) * share)], tmp_path)


@settings(max_examples=300, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.integers(0, 2500), st.binary(min_size=1, max_size=24)), max_size=8),
    mode=st.sampled_from(["w", "w:gz"]),
    keep=st.integers(0, 70_000),
)
@example(edits=[(124, b"\xff" * 12)], mode="w", keep=70_000)
@example(edits=[(156, b"L")], mode="w", keep=70_000)
@example(edits=[(156, b"x")], mode="w", keep=70_000)
def test_a_damaged_archive_gives_the_wanted_bytes_or_one_clear_error(tmp_path_factory, edits, mode, keep):
    content = bytearray(model_tar(mode)[:keep])
    for place, replacement in edits:
        content[place : place + len(replacement)] = replacement
    tmp_path = tmp_path_factory.mktemp("fuzz")
    with suppress(SourceError):  # any other exception fails the test
        assert (
            extracted(_with_valid_checksums(content) if mode == "w" else bytes(content), tmp_path) == EXPECTED
        )
    assert {path.name for path in tmp_path.iterdir()} == {"x.tar", "out"}


@settings(max_examples=200, deadline=10_000)
@given(content=st.binary(max_size=3000))
def test_random_bytes_give_one_clear_error(tmp_path_factory, content):
    with pytest.raises(SourceError):
        extracted(content, tmp_path_factory.mktemp("fuzz"))


def test_a_file_larger_than_any_model_is_refused_while_copying(tmp_path, monkeypatch):
    monkeypatch.setattr("snapml_ocr.weights.file_spec.MAX_FILE_BYTES", 1000)
    with pytest.raises(SourceError, match="larger than"):
        extracted(model_tar(), tmp_path)


def test_a_wanted_folder_name_is_no_file(tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes(member("model/wanted", type=tarfile.DIRTYPE)))
    with pytest.raises(SourceError, match="holds no wanted"):
        archive.extract(path, [FileSpec("wanted", "0" * 64)], tmp_path)


def _with_valid_checksums(content):
    """Make the first header's checksum right again, so that edits reach the code behind that check."""
    if len(content) >= 512:
        content[148:156] = b" " * 8
        content[148:156] = f"{sum(content[:512]):06o}\0 ".encode()
    return bytes(content)
