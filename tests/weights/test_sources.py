import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.errors import UserError
from snapml_ocr.weights.sources import (
    Folder,
    LocalArchive,
    LocalFile,
    MirrorArchive,
    MirrorFolder,
    UrlArchive,
    UrlFile,
    Wheel,
    in_order,
    parse_source,
    without_credentials,
)

HASH = "ad" * 32
URL = "https://example.org/models/x_infer.tar"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (URL, UrlArchive(URL)),
        (f"wheel:a-b==1.4.5#sha256={HASH}!pkg/models/x", Wheel("a-b", "1.4.5", HASH, "pkg/models/x")),
        ("folder:some/where", Folder(Path("some/where"))),
        ("tar:some/where.tar", LocalArchive(Path("some/where.tar"))),
        ("tar:some/where.tar!det.onnx", LocalArchive(Path("some/where.tar"), "det.onnx")),
        ("file:some/det.onnx", LocalFile(Path("some/det.onnx"))),
        ("https://example.org/det.onnx", UrlFile("https://example.org/det.onnx")),
        (f"{URL}!det.onnx", UrlArchive(URL, "det.onnx")),
        (f"wheel:a==1#sha256={HASH}!pkg/det.onnx", Wheel("a", "1", HASH, "pkg", "det.onnx")),
    ],
)
def test_every_documented_form_is_read(text, source):
    assert parse_source(text) == source
    assert str(source)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.tar",
        "ftp://example.org/x.tar",
        "https://",
        "https://example.org/",
        "folder:",
        "tar:",
        "file:",
        "file:model",
        "tar:some/where.tar!folder/det.onnx",
        "tar:some/where.tar!det.bin",
        "wheel:a",
        "wheel:a==1",
        f"wheel:a==1#sha256={HASH}",
        "wheel:a==1#sha256=12!pkg",
        f"wheel:a==1#sha256={HASH}!../pkg",
        f"wheel:a==1#sha256={HASH}!/pkg",
        f"wheel:a ==1#sha256={HASH}!pkg",
        f"wheel:a==1 --proxy=http://evil#sha256={HASH}!pkg",
        f"wheel:a==1\n--pre#sha256={HASH}!pkg",
        f"wheel:-a==1#sha256={HASH}!pkg",
    ],
)
def test_anything_else_is_refused_with_the_text_in_the_message(text):
    with pytest.raises(UserError) as caught:
        parse_source(text)
    assert repr(text) in str(caught.value)


def test_a_mirror_is_asked_before_the_first_url_and_after_local_sources():
    sources = [parse_source("folder:mine"), parse_source(URL), parse_source("tar:late.tar")]
    assert in_order(sources, "/mirror", "x") == [
        sources[0],
        MirrorArchive("/mirror", "x_infer.tar"),
        MirrorFolder("/mirror", "x"),
        sources[1],
        sources[2],
    ]


def test_a_mirror_is_asked_last_when_there_is_no_url():
    sources = [parse_source("folder:mine")]
    assert in_order(sources, "/mirror", "x") == [*sources, MirrorFolder("/mirror", "x")]


@pytest.mark.parametrize("mirror", [None, ""])
def test_without_a_mirror_the_sources_stay_as_they_are(mirror):
    sources = [parse_source(URL), parse_source("folder:mine")]
    assert in_order(sources, mirror, "x") == sources


@pytest.mark.parametrize("mirror", ["https://host/a", "https://host/a/", "https://host/a/?token=1"])
def test_a_url_mirror_is_a_prefix_and_keeps_its_query(mirror):
    location = MirrorArchive(mirror, "x.tar").location
    assert location.startswith("https://host/a/x.tar")
    assert location.endswith("?token=1") == mirror.endswith("?token=1")


def test_secrets_of_a_url_are_neither_shown_nor_written():
    source = parse_source("https://user:secret@host/x.tar?token=secret#secret")
    assert "secret" not in str(source)
    assert "secret" not in json.dumps(source.provenance())
    assert without_credentials("/path/@x?y") == "/path/@x?y"


@given(
    st.text(st.characters(exclude_characters="/\0"), min_size=1).filter(lambda text: text not in {".", ".."})
)
def test_provenance_never_holds_a_local_path(place):
    for source in (
        Folder(Path("/home/somebody") / place),
        LocalArchive(Path("/home/somebody") / place),
        MirrorArchive(f"/home/somebody/{place}", "x.tar"),
        MirrorFolder(f"/home/somebody/{place}", "x"),
    ):
        assert "somebody" not in json.dumps(source.provenance())
