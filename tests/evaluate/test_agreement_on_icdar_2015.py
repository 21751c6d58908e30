"""Scores of real models on ICDAR 2015 images, computed twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from icdar_protocol import pooled_scores

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


@pytest.fixture(scope="module")
def predictions(tmp_path_factory, shared_data, real_onnx, real_simplified, real_dictionary):
    """What a detector and a recognizer read in 200 images; the detector at a small shape, to be quick."""
    output = tmp_path_factory.mktemp("icdar") / "predictions.jsonl"
    recognizer = "en_number_mobile_v2.0_rec_infer"
    command = [SCRIPTS / "inference.py", "-i", shared_data / "ic15-dev" / "images", "--run_pipeline"]
    command += ["--det_model_dir", real_onnx("en_PP-OCRv3_det_infer"), "--det_shapes", "384x640"]
    command += ["--rec_model_dir", real_simplified(recognizer, 32, 320)]
    command += ["--rec_char_dict_path", real_dictionary(recognizer), "--output_json", output]
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return output


def test_both_implementations_agree_to_four_decimals(predictions, shared_data, tmp_path):
    folder = shared_data / "ic15-dev"
    command = [SCRIPTS / "evaluate.py", "--dataset", folder, "--predictions", f"snapml={predictions}"]
    command += ["--output", tmp_path / "accuracy.json"]
    subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True)
    stage = json.loads((tmp_path / "accuracy.json").read_text())["stages"]["snapml"]

    lines = {entry["image"]: entry["lines"] for entry in map(json.loads, predictions.open(encoding="utf-8"))}
    expected = pooled_scores(
        (
            [(word["quad"], word["text"], word["ignore"]) for word in entry["words"]],
            [(line["quad"], line["text"]) for line in lines[entry["image"]]],
        )
        for entry in json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    )

    assert expected["detection"]["hmean"] > 0.2
    for ours, theirs in (
        (stage["detection"], expected["detection"]),
        (stage["end_to_end"]["alphanumeric"], expected["end_to_end"]),
    ):
        for name, value in theirs.items():
            assert ours[name]["value"] == pytest.approx(value, abs=5e-5)
