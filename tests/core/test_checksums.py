from pathlib import Path

import pytest

from snapml_ocr.errors import UserError
from snapml_ocr.files import sha256_of
from snapml_ocr.verified_outputs import verified_checksum, write_checksums


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / "a.onnx", tmp_path / "a b.json"]
    for file in made:
        file.write_text(file.name)
    write_checksums(made, tmp_path / "a.sha256")
    return made


def test_files_that_are_as_listed_are_told_their_checksum(files: list[Path]) -> None:
    for file in files:
        assert verified_checksum(file, file.parent / "a.sha256") == sha256_of(file)


@pytest.mark.parametrize("content", [b"", b"a.onn", b"a.onnX", b"a.onnx\n"])
def test_another_content_is_refused(files: list[Path], content: bytes) -> None:
    files[0].write_bytes(content)
    with pytest.raises(UserError, match=r"a\.onnx does not have the checksum in .*; make it anew"):
        verified_checksum(files[0], files[0].parent / "a.sha256")


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"0000  a.onnx\n", b"no list"])
def test_a_damaged_list_is_refused(files: list[Path], content: bytes) -> None:
    (files[0].parent / "a.sha256").write_bytes(content)
    with pytest.raises(UserError, match="does not have the checksum"):
        verified_checksum(files[0], files[0].parent / "a.sha256")


def test_links_into_a_cache_are_named_with_what_they_lead_to(files: list[Path], tmp_path: Path) -> None:
    link = tmp_path / "elsewhere.onnx"
    link.symlink_to(files[0])
    with pytest.raises(UserError, match=rf"remove the damaged cache entry: rm {files[0]}$"):
        verified_checksum(link, tmp_path / "a.sha256")
