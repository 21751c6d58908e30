"""Whatever way labels are written in, they are read as the plain form is."""

import json
import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from extended import EXTENDED
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.labels import Outline, Word

ROUND = settings(
    max_examples=3000 if EXTENDED else 150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

letters = st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters='"#\\')
texts = st.lists(st.text(letters, min_size=1, max_size=8), min_size=1, max_size=3).map(" ".join)
texts |= st.sampled_from(["1996", "12,50", "Latin", "a, b", "1,2", "x: [[1]]", "O'Neil", "100%", "3 x 4"])


@st.composite
def quads(draw: Any) -> Outline:
    """A line of text that leans at most by a third, now and then in fractions of pixels or partly outside."""
    left, top = draw(st.integers(-20, 900)), draw(st.integers(-10, 900))
    width, height = draw(st.integers(30, 400)), draw(st.integers(8, 60))
    lean = draw(st.integers(-width // 3, width // 3))
    part = draw(st.sampled_from([0.0, 0.5, 0.25]))
    right, bottom = left + width, top + height
    corners = [(left, top), (right, top + lean), (right, bottom + lean), (left, bottom)]
    return tuple((x + part, y + part) for x, y in corners)


labels = st.lists(st.tuples(quads(), texts), min_size=1, max_size=6)


def as_polygon(quad: Outline, more: int) -> Outline:
    """The same outline with `more` corners on each of its long sides."""
    shares = [step / (more + 1) for step in range(more + 2)]
    sides = (quad[:2], quad[2:])
    return tuple(
        (x + share * (end_x - x), y + share * (end_y - y))
        for (x, y), (end_x, end_y) in sides
        for share in shares
    )


def read(folder: Path, name: str, text: str, how: int) -> tuple[Word, ...]:
    """`how` chooses line ends, a byte order mark and an empty line at the end."""
    for path in folder.iterdir():
        path.unlink()
    Image.new("1", (8, 8)).save(folder / "a.png")
    text = text + ("\n\n" if how & 4 else "")
    text = text.replace("\n", "\r\n") if how & 1 else text
    (folder / name).write_bytes(text.encode("utf-8-sig" if how & 2 else "utf-8"))
    return open_dataset(folder).images[0].words


def numbers_of(outline: Outline) -> list[str]:
    return [f"{value:.9g}" for point in outline for value in point]


@ROUND
@given(
    labels,
    st.permutations(range(4)),
    st.integers(0, 7),
    st.sampled_from(["Label.txt", "labels.json", "gt_a.txt"]),
)
def test_corners_in_any_order(tmp_path: Path, words: Any, order: Any, how: int, name: str) -> None:
    mixed = [(tuple(quad[corner] for corner in order), text) for quad, text in words]
    if name == "Label.txt":
        content = f"a.png\t{json.dumps([{'transcription': text, 'points': quad} for quad, text in mixed])}"
    elif name == "labels.json":
        content = json.dumps([{"image": "a.png", "words": [{"quad": q, "text": t} for q, t in mixed]}])
    else:
        content = "\n".join(",".join([*numbers_of(quad), text]) for quad, text in mixed)
    assert [word.outline for word in read(tmp_path, name, content, how)] == [quad for quad, _ in words]


POINT = re.compile(r"[-+.\d]+[ ,]+[-+.\d]+[ ,]")
"""A text that begins with this says, behind four corners, the same as a fifth one."""
WAYS = ["plain", "marked", "script", "blanks", "polygon", "two corners", "Total-Text"]


@ROUND
@given(labels, st.sampled_from(WAYS), st.integers(0, 7), st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_every_way_to_write_a_line(tmp_path: Path, words: Any, way: str, how: int, more: Any) -> None:
    # A text that begins with numbers may be taken for further corners.
    ambiguous = {"polygon": re.compile(""), "plain": POINT, "blanks": POINT}.get(way)
    words = [(quad, f"no. {text}" if ambiguous and ambiguous.match(text) else text) for quad, text in words]
    lines, outlines = [], []
    for (quad, text), corners in zip(words, more, strict=False):
        outline = quad
        if way == "two corners":
            (left, top), (right, bottom) = quad[0], (quad[2][0], max(quad[2][1], quad[0][1] + 8))
            outline = ((left, top), (right, top), (right, bottom), (left, bottom))
        elif way in ("polygon", "marked", "Total-Text"):
            outline = as_polygon(quad, 2 if way == "polygon" else corners)
        outlines.append(outline)
        numbers = numbers_of(outline)
        xs, ys = " ".join(numbers[::2]), "\n ".join(numbers[1::2])
        lines.append(
            {
                "plain": ",".join([*numbers, text]),
                "polygon": ",".join([*numbers, text]),
                "blanks": " ".join([*numbers, text]),
                "marked": ",".join([*numbers, f"####{text}"]),
                "script": ",".join([*numbers, "Latin", text]),
                "two corners": " ".join([*numbers[:2], *numbers[4:6], f'"{text}"']),
                "Total-Text": f"x: [[{xs}]], y: [[{ys}]], ornt: [u'm'], transcriptions: [u'{text}']",
            }[way]
        )
    found = read(tmp_path, "gt_a.txt", "\n".join(lines), how)
    assert [word.text for word in found] == [text for _, text in words]
    for word, outline in zip(found, outlines, strict=True):
        assert len(word.outline) == len(outline)
        pairs = zip(word.outline, outline, strict=True)
        assert all(abs(x - u) + abs(y - v) < 0.01 for (x, y), (u, v) in pairs)
