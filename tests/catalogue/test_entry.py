"""The text of entries: read back as what was meant, and the rest of the file untouched."""

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from snapml_ocr.catalogue.entry import Entry, write_entry
from snapml_ocr.errors import UserError
from snapml_ocr.plan.configuration import DictionaryFile

HASH = "1" * 63 + "a"
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)


def entry(source: str = "folder:models/x", **changes) -> Entry:
    values = {
        "task": "recognition",
        "format": "pdmodel",
        "source": source,
        "files": {"inference.pdmodel": HASH, "inference.pdiparams": "1" * 64},
        "normalisation": {"mean": (0.5, 0.5, 0.5), "std": (0.5, 1e-05, 0.5), "channel_order": "bgr"},
        "shapes": ["48x320"],
        "dictionary": DictionaryFile(name="rec_char_dict/en_dict.txt"),
        "use_space_char": False,
        "remarks": {"normalisation": "published values"},
    }
    return Entry(**(values | changes))


@example(name="1e5", path="a\u2028b: #\ufeff \U0001f600 ")
@given(name=NAMES, path=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_any_name_and_path_is_read_back_as_it_was(name: str, path: str) -> None:
    assert yaml.safe_load(entry(f"folder:{path}", right_to_left=True).as_yaml(name)) == {
        name: {
            "task": "recognition",
            "format": "pdmodel",
            "sources": [f"folder:{path}"],
            "files": {"inference.pdmodel": HASH, "inference.pdiparams": "1" * 64},
            "normalisation": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 1e-05, 0.5], "channel_order": "bgr"},
            "dictionary": "rec_char_dict/en_dict.txt",
            "use_space_char": False,
            "right_to_left": True,
            "shapes": ["48x320"],
        }
    }


def filled(tmp_path: Path) -> Path:
    catalogue = tmp_path / "models.yaml"
    catalogue.write_text("# head\n\n")
    for name in ("one", "two", "three"):
        write_entry(catalogue, name, entry(f"folder:{name}", right_to_left=name == "two"))
    text = catalogue.read_text().replace("\n\nthree:", "\n\n# about three\n\n# more\nthree:")
    catalogue.write_text(
        text.replace("  shapes: [48x320]\n\n# about", "  shapes: [48x320]  # kept\n\n# about")
    )
    return catalogue


@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_replacing_changes_the_lines_of_one_entry_alone(name: str, tmp_path: Path) -> None:
    catalogue = filled(tmp_path)
    before = yaml.safe_load(catalogue.read_text())
    comments = [line for line in catalogue.read_text().splitlines() if line.startswith("#")]
    write_entry(catalogue, name, entry("folder:new"), replace=True)
    after = yaml.safe_load(catalogue.read_text())
    assert list(after) == list(before) == ["one", "two", "three"]
    assert after.pop(name)["sources"] == ["folder:new"]
    before.pop(name)
    assert after == before
    assert [line for line in catalogue.read_text().splitlines() if line.startswith("#")] == comments
    assert "\n# more\nthree:" in catalogue.read_text()


def test_a_taken_name_and_a_broken_entry_leave_the_file_as_it_was(tmp_path: Path) -> None:
    catalogue = filled(tmp_path)
    before = catalogue.read_bytes()
    with pytest.raises(UserError, match="has an entry one already"):
        write_entry(catalogue, "one", entry())
    with pytest.raises(UserError, match="shapes"):
        write_entry(catalogue, "four", entry(shapes=["48"]))
    assert catalogue.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["models.yaml"]


def test_what_was_assumed_stands_above_its_key(tmp_path: Path) -> None:
    catalogue = filled(tmp_path)
    assert "  # assumed: published values\n  normalisation: {mean: " in catalogue.read_text()
