import json
import subprocess
import sys
from pathlib import Path

import pytest

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.diagnosis import diagnose
from snapml_ocr.evaluate.gates import (
    Check,
    accuracy_checks,
    compatibility_checks,
    float16_checks,
    parity_checks,
    training_checks,
)
from snapml_ocr.plan.configuration import read_gates

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "gate.py"
PAIR = {"max_abs": 1e-4, "mean_abs": 1e-8, "argmax_equal": 1.0, "equal_decoded": 1.0, "not_finite": 0}
PARITY = {"task": "detection", "stages": {stage: {"against_original": PAIR} for stage in ("onnx", "snapml")}}
COMPATIBILITY = {
    "import_reasons": [],
    "targets": {"cpu": {"layers": 9, "available": 9}, "iphone_npu": {"layers": 9, "available": 7}},
    "size": {"float32_megabytes": 12.0, "stored_megabytes": 6.0, "stored_evidence": "reported"},
}


def accuracy(same_texts=10, loss=0.0, hmean=0.8):
    scores = {
        "detection": {"hmean": {"value": hmean}},
        "end_to_end": {"strict": {"hmean": {"value": 0.5}}},
    }
    return {
        "dataset": "images",
        "kind": "end_to_end",
        "stages": {"paddle": scores, "snapml": {**scores, "by_category": {"signs": scores}}},
        "against_baseline": {
            "snapml": {"images": 10, "images_with_same_texts": same_texts, "loss": {"detection_hmean": loss}}
        },
    }


def failed(checks):
    return [(check.gate, check.subject, check.stage, check.measure) for check in checks if not check.passed]


@pytest.mark.parametrize(("limit", "fails"), [(1e-4, 0), (0.9e-4, 2)])
def test_parity_is_checked_at_every_stage(limit, fails):
    checks = list(parity_checks({"parity": {"detection": {"max_abs": limit}}}, {"m_1x1": PARITY}))

    assert len(failed(checks)) == fails
    assert {check.stage for check in checks} == {"onnx", "snapml"}


def test_values_that_are_not_finite_fail_without_being_asked_for():
    broken = {"task": "detection", "stages": {"snapml": {"against_original": {**PAIR, "not_finite": 3}}}}

    checks = parity_checks({"parity": {"detection": {"max_abs": 1.0}}}, {"m": broken})

    assert failed(checks) == [("parity", "m", "snapml", "not_finite")]


def test_parity_of_another_version_is_refused_in_one_line():
    other = {"task": "detection", "stages": {"snapml": {"against_paddle": PAIR}}}
    with pytest.raises(UserError, match="parity of m: made by another version"):
        list(parity_checks({}, {"m": other}))


def test_a_task_without_limits_is_not_checked():
    assert not list(parity_checks({"parity": {"recognition": {"max_abs": 0}}}, {"m": PARITY}))


def test_accuracy_is_checked_against_the_baseline_and_the_minimum():
    gates = {
        "accuracy": {
            "max_loss": 0.01,
            "same_texts": 0.95,
            "minimum": {"images": {"detection_hmean": 0.9}, "images/signs": {"detection_hmean": 0.7}},
        }
    }

    checks = accuracy_checks(gates, {"images": accuracy(same_texts=9, loss=0.02)})

    assert failed(checks) == [
        ("accuracy loss", "images", "snapml", "detection_hmean"),
        ("same texts", "images", "snapml", "images"),
        ("accuracy", "images", "snapml", "detection_hmean"),
    ]


def test_a_category_or_score_that_does_not_exist_is_an_error():
    for minimum in ({"images/sings": {"detection_hmean": 0.1}}, {"images": {"detection_hmaen": 0.1}}):
        with pytest.raises(UserError, match=r"gates\.accuracy\.minimum"):
            list(accuracy_checks({"accuracy": {"minimum": minimum}}, {"images": accuracy()}))


def test_layers_that_do_not_run_and_sizes_are_checked():
    gates = {
        "compatibility": {"importable": True, "detection": ["cpu", "iphone_npu"]},
        "size": {"model_megabytes": 10, "pipeline_stored_megabytes": 10},
    }

    files = {"a_640x640": COMPATIBILITY, "b_48x320": COMPATIBILITY}
    checks = compatibility_checks(gates, files, {"a_640x640": "detection"})

    assert failed(checks) == [
        ("compatibility", "a_640x640", "snapml", "layers not on iphone_npu"),
        ("size", "a_640x640", "snapml", "MB float32"),
        ("size", "b_48x320", "snapml", "MB float32"),
        ("size", "one shape of each", "snapml", "MB as stored (reported)"),
    ]


def test_a_second_shape_of_a_model_does_not_count_against_the_budget_of_a_lens():
    gates = {"size": {"pipeline_stored_megabytes": COMPATIBILITY["size"]["stored_megabytes"]}}

    checks = compatibility_checks(gates, {"a_48x320": COMPATIBILITY, "a_48x832": COMPATIBILITY}, {})

    assert failed(checks) == []


def test_float16_is_checked_for_overflow_and_loss():
    document = {
        "share_of_limit": 1.2,
        "accuracy": {"float32": {"strict": 0.9}},
        "variants": {"weights": {"accuracy": {"strict": 0.9}}, "both": {"accuracy": {"strict": 0.5}}},
    }
    gates = {"float16": {"max_share_of_limit": 1.0, "max_loss": 0.1}}

    checks = float16_checks(gates, {"m": document})

    assert failed(checks) == [
        ("float16", "m", "snapml", "share_of_float16_limit"),
        ("float16", "m", "snapml", "strict with float16 both"),
    ]


@pytest.mark.parametrize(("after", "fails"), [(0.2, 0), (0.25, 0), (0.26, 1)])
def test_trained_model_is_checked_against_its_base(after, fails):
    rates = {
        "base": {"character_error_rate": 0.25, "strict": 0.5},
        "trained": {"character_error_rate": after, "strict": 0.9},
        "against_paddle": {"lines": 9, "max_abs": 1e-4, "max_log": None},
    }

    checks = list(training_checks({"training": {"max_added_error": 0.0}}, {"receipts": rates}))

    assert len(failed(checks)) == fails
    assert [check.subject for check in checks] == ["receipts"]
    assert not list(training_checks({}, {"receipts": rates}))


@pytest.mark.parametrize(("limit", "fails"), [(1e-4, 0), (0.9e-4, 1)])
def test_file_of_a_training_is_checked_against_the_network_in_paddle(limit, fails):
    found = {"lines": 9, "max_abs": 1e-4, "max_log": None}
    gates = {"parity": {"recognition": {"max_abs": limit, "max_log": 0.1}}}

    checks = list(training_checks(gates, {"receipts": {"against_paddle": found}}))

    assert [check.measure for check in checks] == ["max_abs"]
    assert len(failed(checks)) == fails


@pytest.mark.parametrize(
    ("gates", "hint"),
    [
        ({"pairty": {}}, "did you mean 'parity'"),
        ({"parity": {"detection": {"max_abs_diff": 1}}}, "did you mean 'max_abs'"),
        ({"accuracy": {"maximum_loss": 1}}, "accuracy: unknown key 'maximum_loss'"),
        ({"float16": {"max_loss": "1e-5"}}, r"float16\.max_loss: .* YAML needs 1\.0e-5"),
        ({"size": 5}, "size: 5 found"),
    ],
)
def test_a_limit_with_a_typing_error_says_what_was_meant(gates, hint):
    with pytest.raises(UserError, match=hint):
        read_gates(gates, "gates")


@pytest.mark.parametrize(
    ("parity_kept", "same_texts", "words"),
    [
        (True, 10, "nothing was lost"),
        (True, 9, "resizing, padding"),
        (False, 10, "no text changed"),
        (False, 9, "look at the conversion"),
    ],
)
def test_the_diagnosis_tells_numbers_from_what_is_around_them(parity_kept, same_texts, words):
    check = Check("parity", "m", "snapml", "max_abs", 1.0, "at most", 2.0 if parity_kept else 0.5)

    (entry,) = diagnose([check], {"images": accuracy(same_texts=same_texts)})

    assert words in entry["verdict"]
    assert entry["images_with_other_texts"] == 10 - same_texts


def judge(folder, limit, *more):
    (folder / "m_1x1.json").write_text(json.dumps(PARITY))
    (folder / "gates.yaml").write_text(f"parity: {{detection: {{max_abs: {limit}}}}}")
    command = [SCRIPT, "--gates", folder / "gates.yaml", "--parity", folder / "m_1x1.json", *more]
    command += ["--output", folder / "gate.json"]
    return subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)


def test_a_failed_gate_stops_with_a_table_and_still_writes_the_result(tmp_path):
    done = judge(tmp_path, "1.0e-6")

    assert done.returncode == 1
    assert done.stdout.splitlines()[1].split() == [
        *["FAILED", "parity", "m_1x1", "onnx", "max_abs", "0.0001", "at", "most", "1e-06"]
    ]
    assert "the first: parity of m_1x1, stage onnx: max_abs is 0.0001, allowed at most 1e-06" in done.stderr
    assert not json.loads((tmp_path / "gate.json").read_text())["passed"]


def test_a_failed_gate_only_reports_when_asked_to(tmp_path):
    done = judge(tmp_path, "1.0e-6", "--report_only")

    assert done.returncode == 0
    assert "FAILED" in done.stdout


def test_limits_that_are_kept_pass(tmp_path):
    done = judge(tmp_path, "1.0e-3")

    assert done.returncode == 0
    assert "4 of 4 limits kept" in done.stdout
    assert json.loads((tmp_path / "gate.json").read_text())["passed"]
