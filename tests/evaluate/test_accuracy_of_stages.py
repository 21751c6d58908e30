import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from labelled import box, image, word, write_labels, write_predictions

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.accuracy import evaluate, headline
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.prediction_files import Predictions

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "evaluate.py"
IMAGES = [
    image("a.jpg", word(0, 0, "ONE"), word(20, 0, "two"), category="signs"),
    image("b.jpg", word(0, 0, "three"), category="pages"),
    image("c.jpg", word(0, 0, "###", ignore=True), category="pages"),
]
PERFECT = {
    "a.jpg": [(box(0, 0), "ONE"), (box(20, 0), "two")],
    "b.jpg": [(box(0, 0), "three")],
    "c.jpg": [],
}


@pytest.fixture
def dataset(tmp_path):
    return open_dataset(write_labels(tmp_path / "set", IMAGES))


def result_of(dataset, tmp_path, **stages):
    return evaluate(
        dataset,
        {
            name: Predictions([write_predictions(tmp_path / f"{name}.jsonl", one)])
            for name, one in stages.items()
        },
    )


def test_scores_of_three_images_by_hand(dataset, tmp_path):
    found = {"a.jpg": [(box(0, 0), "one"), (box(80, 0), "x")], "b.jpg": [(box(0, 0), "three")], "c.jpg": []}

    stage = result_of(dataset, tmp_path, paddle=found)["stages"]["paddle"]

    assert stage["detection"]["precision"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert stage["detection"]["recall"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert stage["end_to_end"]["strict"]["hmean"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert stage["end_to_end"]["alphanumeric"]["hmean"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert stage["reading_of_found"]["strict"]["value"] == 0.5
    assert stage["by_category"]["pages"]["detection"]["hmean"]["value"] == 1.0
    assert stage["by_category"]["signs"]["detection"]["hmean"]["value"] == 0.5
    assert stage["counts"]["lines"] == 3


def test_every_value_lies_inside_its_interval(dataset, tmp_path):
    stage = result_of(dataset, tmp_path, paddle={**PERFECT, "b.jpg": []})["stages"]["paddle"]

    for score in (*stage["detection"].values(), *stage["end_to_end"]["strict"].values()):
        assert score["low"] <= score["value"] <= score["high"]


def test_a_stage_is_compared_with_the_first(dataset, tmp_path):
    other = {**PERFECT, "b.jpg": [(box(0, 0), "thre")]}

    against = result_of(dataset, tmp_path, paddle=PERFECT, snapml=other)["against_baseline"]["snapml"]

    assert against["images_with_same_texts"] == 2
    assert against["images_with_same_boxes"] == 3
    assert against["different"] == [{"image": "b.jpg", "boxes": [1, 1], "texts": ["three", "thre"]}]
    assert against["loss"]["detection_hmean"] == 0
    assert against["loss"]["end_to_end_hmean_strict"] == pytest.approx(1 / 3, abs=1e-6)


def test_boxes_are_the_same_when_corners_move_by_at_most_a_pixel(dataset, tmp_path):
    moved = {**PERFECT, "a.jpg": [(box(1, 0), "ONE"), (box(22, 0), "two")], "b.jpg": [(box(1, 0), "three")]}

    against = result_of(dataset, tmp_path, paddle=PERFECT, snapml=moved)["against_baseline"]["snapml"]

    assert against["images_with_same_boxes"] == 2
    assert against["largest_corner_shift_px"] == 2


def test_an_image_that_failed_counts_as_read_without_result(dataset, tmp_path):
    stage = result_of(dataset, tmp_path, paddle={**PERFECT, "b.jpg": "damaged"})["stages"]["paddle"]

    assert stage["failures"] == [{"image": "b.jpg", "error": "damaged"}]
    assert stage["detection"]["recall"]["value"] == pytest.approx(2 / 3, abs=1e-6)


def test_an_image_without_prediction_names_image_and_stage(dataset, tmp_path):
    with pytest.raises(UserError, match=r"stage paddle .*'b\.jpg'"):
        result_of(dataset, tmp_path, paddle={"a.jpg": []})


def test_crops_are_scored_with_the_texts_of_all_their_lines(tmp_path):
    labels = [{"image": "a.png", "text": "NO ENTRY"}, {"image": "b.png", "text": "x"}]
    (tmp_path / "rec_labels.json").write_text(json.dumps(labels), encoding="utf-8")
    found = {"a.png": [(box(0, 0), "NO"), (box(9, 0), "ENTRY")], "b.png": []}

    result = result_of(open_dataset(tmp_path), tmp_path, paddle=found)

    assert result["kind"] == "recognition"
    assert headline("recognition", result["stages"]["paddle"])["strict"] == 0.5
    assert result["stages"]["paddle"]["errors"]["reading"]["lines"]["nothing_read"] == 1


def test_examples_list_the_best_and_the_worst_images_that_have_text(dataset, tmp_path):
    examples = result_of(dataset, tmp_path, paddle={**PERFECT, "b.jpg": []})["examples"]

    assert [example["image"] for example in examples["worst"]] == ["b.jpg"]
    assert [example["image"] for example in examples["best"]] == ["a.jpg"]
    assert examples["best"][0]["read"] == ["ONE", "two"]
    assert examples["by_category"]["pages"]["worst"][0]["truth"] == ["three"]


def test_the_same_input_gives_the_same_result(dataset, tmp_path):
    first, second = (result_of(dataset, tmp_path, paddle=PERFECT, snapml=PERFECT) for _ in range(2))

    assert json.dumps(first) == json.dumps(second)


def test_memory_does_not_hold_the_predictions(tmp_path):
    peaks = {}
    for lines in (1, 100):
        images = [image(f"{number}.jpg", word(0, 0)) for number in range(300)]
        dataset = open_dataset(write_labels(tmp_path / str(lines), images))
        found = {one.name: [(box(0, 20 * row), "text " * 20) for row in range(lines)] for one in images}
        predictions = {"paddle": Predictions([write_predictions(tmp_path / "found.jsonl", found)])}
        del found
        tracemalloc.start()
        evaluate(dataset, predictions)
        peaks[lines] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peaks[100] < peaks[1] + 1_000_000


def run(*arguments):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_the_program_takes_the_shards_of_a_stage_in_any_order_or_as_a_pattern(dataset, tmp_path):
    shards = [
        write_predictions(tmp_path / f"{index:03}-of-004.jsonl", {name: found})
        for index, (name, found) in enumerate(PERFECT.items())
    ]
    (tmp_path / "001-of-002.jsonl").write_text("of an older number of shards")
    results = []
    for order in (shards, shards[::-1], [tmp_path / "*-of-004.jsonl"]):
        output = tmp_path / "accuracy.json"
        done = run(
            *["--dataset", dataset.folder, "--name", "set", "--predictions"],
            *[f"paddle={file}" for file in order],
            *["--output", output],
        )
        assert done.returncode == 0, done.stderr
        assert "evaluate set: 3 images of 3 images" in done.stderr
        results.append(output.read_bytes())

    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("predictions", ["paddle", "=x.jsonl", "paddle=none.jsonl", "paddle=*-of-004.jsonl"])
def test_the_program_says_what_is_wrong_with_its_predictions_in_one_line(dataset, tmp_path, predictions):
    output = tmp_path / "accuracy.json"

    done = run("--dataset", dataset.folder, "--predictions", predictions, "--output", output)

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert not output.exists()
