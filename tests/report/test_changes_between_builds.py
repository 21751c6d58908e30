import json
from pathlib import Path

import pytest
from fabricated_build import DETECTOR, KEYS, MACHINE, RECOGNIZER, fabricate

from real_models import PROJECT
from snapml_ocr.plan.build_plan import Part, Pipeline
from snapml_ocr.plan.configuration import read_catalogue
from snapml_ocr.plan.shape import Shape
from snapml_ocr.report.build import read_build
from snapml_ocr.report.changes import changes_between

MODELS = read_catalogue(PROJECT / "config/models.yaml")
PLAN = Pipeline(
    "ppocrv4-en",
    (
        Part("detector", MODELS[DETECTOR], (Shape(640, 640),)),
        Part("recognizer", MODELS[RECOGNIZER], (Shape(48, 320), Shape(48, 832))),
    ),
)


def read(results: Path):
    return read_build(results, [PLAN], ["images"], ["cpu", "iphone_gpu"])


def verdicts(old, new):
    return {row["what"]: row["verdict"] for row in changes_between(read(old), read(new)).table.rows}


@pytest.fixture
def old(tmp_path):
    return fabricate(tmp_path / "old")


def test_a_build_compared_with_itself_is_the_same_in_every_row(old):
    changes = changes_between(read(old), read(old))
    assert {row["verdict"] for row in changes.table.rows} == {"same"}
    assert not changes.noteworthy.rows
    assert len(changes.table.rows) > 50


def test_twice_the_time_is_worse_and_half_of_it_better(old, tmp_path):
    slow = fabricate(tmp_path / "slow", slower=2.0)
    what = f"{DETECTOR}_640x640, snapml: median, 1 thread"
    assert verdicts(old, slow)[what] == "worse"
    assert verdicts(slow, old)[what] == "better"


def test_times_within_the_spread_of_both_runs_say_nothing(old, tmp_path):
    near = fabricate(tmp_path / "near", slower=1.03)
    assert verdicts(old, near)[f"{DETECTOR}_640x640, snapml: median, 1 thread"] == "within its uncertainty"


def test_times_of_another_machine_are_not_compared(old, tmp_path):
    other = fabricate(tmp_path / "other", slower=2.0)
    for key in KEYS:
        path = other / f"latency/{key}.json"
        document = json.loads(path.read_text())
        document["machine"] = {**MACHINE, "processor": "Another"}
        path.write_text(json.dumps(document))
    found = verdicts(old, other)[f"{DETECTOR}_640x640, snapml: median, 1 thread"]
    assert found == "other machine, not comparable"


def test_more_right_lines_are_better_only_beyond_the_interval(old, tmp_path):
    what = "ppocrv4-en, snapml: accuracy on images"
    assert verdicts(old, fabricate(tmp_path / "up", right=0.95))[what] == "better"
    assert verdicts(old, fabricate(tmp_path / "down", right=0.65))[what] == "worse"
    assert verdicts(old, fabricate(tmp_path / "near", right=0.82))[what] == "within its uncertainty"


def test_what_only_one_build_has_is_new_or_gone(old, tmp_path):
    new = fabricate(tmp_path / "new")
    (new / f"parity/{DETECTOR}_640x640.json").unlink()
    what = f"{DETECTOR}_640x640, snapml: largest difference from the original"
    assert verdicts(old, new)[what] == "gone"
    assert verdicts(new, old)[what] == "new"


def test_another_file_is_a_change_and_the_worst_news_come_first(old, tmp_path):
    new = fabricate(tmp_path / "new", slower=2.0)
    path = new / f"inspect/{DETECTOR}_640x640.json"
    document = json.loads(path.read_text())
    document["snapml"]["sha256"] = "f" * 64
    path.write_text(json.dumps(document))
    rows = changes_between(read(old), read(new)).table.rows
    assert rows[0]["verdict"] == "worse"
    assert {row["what"]: row["verdict"] for row in rows}[f"{DETECTOR}_640x640, snapml: file"] == "changed"


def test_files_of_another_version_are_named_and_not_compared(old, tmp_path):
    document = json.loads((old / f"snapml/{DETECTOR}_640x640.compat.json").read_text())
    del document["schema"]
    document["layers"][0]["findings"] = [{"kind": "caveat", "says": "s", "evidence": "documented"}]
    (old / f"snapml/{DETECTOR}_640x640.compat.json").write_text(json.dumps(document))
    parity = old / f"parity/{DETECTOR}_640x640.json"
    parity.write_text(json.dumps({"stages": {"snapml": {"against_paddle": {"max_abs": 1e-6}}}}))
    changes = changes_between(read(old), read(fabricate(tmp_path / "new")))
    assert changes.summary.endswith(
        f" 2 files of the older build could not be compared: results/snapml/{DETECTOR}_640x640.compat.json"
        " has no 'schema'; made by another version?"
    )
