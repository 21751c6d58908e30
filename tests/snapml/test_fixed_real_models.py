"""The real models, fixed: what runs where, how far the outputs moved, and that nothing is left to change."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from real_models import REAL_SHAPES
from snapml_ocr.ocr.probe import probe_tensor
from snapml_ocr.runtime.feeds import run_all
from snapml_ocr.snapml.checker import check
from snapml_ocr.snapml.fixer import fix
from snapml_ocr.snapml.options import TARGETS, FixOptions, OutputForm
from snapml_ocr.snapml.probes import probe_feeds

IMAGES = sorted((Path(__file__).parents[2] / "images").glob("test*.png"))[:2]

RANDOM_INPUT = {"det": 1e-5, "rec": 5e-5, "cls": 5e-5}
"""Largest change of a detector's map and of a recognizer's or classifier's probabilities."""

PICTURES = {"det": 1e-4, "rec": 5e-5, "cls": 5e-5}
"""The same on pictures. A detector's map is steep there: the last bit of the input alone moves it by 4e-5."""

MASK_THRESHOLD = 0.3
SHARE_OF_MOVED_PIXELS = 0.005
"""How many pixels of a detector's map may move by more than `RANDOM_INPUT`; found: 0.0014."""

REMAINING = {
    "ch_PP-OCRv4_det_infer": {},
    "en_PP-OCRv3_det_infer": {},
    "ch_ppocr_mobile_v2_cls_infer": {"iphone_npu": {"Reshape": 1}},
    "en_number_mobile_v2.0_rec_infer": {
        "iphone_npu": {"LSTM": 2, "Reshape": 4, "Transpose": 3},
        "android_gpu": {"LSTM": 2},
    },
    "ch_PP-OCRv4_rec_infer": {"iphone_npu": {"Reshape": 11, "Transpose": 1}},
}
REMAINING["ch_PP-OCRv4_rec_infer-en"] = REMAINING["ch_PP-OCRv4_rec_infer"]
"""Layers that no exact rewrite brings to a target."""


def non_constant(proto):
    return sum(one.op_type != "Constant" for one in proto.graph.node)


@pytest.mark.parametrize(("name", "height", "width"), REAL_SHAPES)
def test_a_real_model_is_importable_equal_and_at_rest(real_simplified, name, height, width):
    simplified = onnx.load(real_simplified(name, height, width))
    probes = probe_feeds(simplified, IMAGES, probe_tensor)
    task = next(one for one in RANDOM_INPUT if one in name)
    fixed = fix(simplified, probes=probes, max_abs_diff=PICTURES[task])
    assert fixed.random_difference <= RANDOM_INPUT[task]

    told = {entry.key: entry.value for entry in simplified.metadata_props}
    assert {entry.key: entry.value for entry in fixed.model.metadata_props} == {
        **told,
        "snapml_ocr.stage": "snapml",
    }

    verdict = check(fixed.model)
    assert verdict.importable
    for target in TARGETS:
        counts = {}
        for layer in verdict.layers:
            if layer.status[target] != "available":
                counts[layer.operator] = counts.get(layer.operator, 0) + 1
        assert counts == REMAINING[name].get(target, {}), target

    if task == "det":
        assert non_constant(fixed.model) <= non_constant(simplified)
        made = {one.output[0] for one in fixed.model.graph.node if one.op_type == "Constant"}
        readers = {one.op_type for one in fixed.model.graph.node if made & set(one.input)}
        assert readers <= {"Clip"}  # the bounds of ReLU6 are no operands
    for feeds in probes:
        before, after = run_all(simplified, feeds), run_all(fixed.model, feeds)
        for output, array in before.items():
            if task == "det":
                assert np.array_equal(array > MASK_THRESHOLD, after[output] > MASK_THRESHOLD)
                moved = np.abs(array - after[output]) > RANDOM_INPUT[task]
                assert moved.mean() < SHARE_OF_MOVED_PIXELS
            else:
                assert np.array_equal(array.argmax(-1), after[output].argmax(-1))

    again = fix(fixed.model)
    assert not again.log.changes
    assert again.model.SerializeToString(deterministic=True) == fixed.model.SerializeToString(
        deterministic=True
    )


@pytest.mark.parametrize(
    ("name", "height", "width"), [("PP-OCRv6_det_tiny", 640, 640), ("PP-OCRv6_rec_tiny", 48, 320)]
)
def test_the_tiny_models_of_v6_run_wholly_on_every_target(real_simplified, name, height, width):
    simplified = onnx.load(real_simplified(name, height, width))
    is_recognizer = "rec" in name
    options = FixOptions(output=OutputForm.SCORES) if is_recognizer else FixOptions()
    probes = probe_feeds(simplified, IMAGES, probe_tensor)
    fixed = fix(simplified, options, probes, max_abs_diff=1e-4, max_approximation_diff=1e-3)
    assert fixed.log.approximations["gelu"]["places"] == (10 if is_recognizer else 13)
    verdict = check(fixed.model)
    assert verdict.importable
    assert all(verdict.count(target) == len(verdict.layers) for target in TARGETS)
    if not is_recognizer:
        erf, sigmoid = (
            sum(one.op_type == operator for one in proto.graph.node)
            for proto, operator in ((simplified, "Erf"), (fixed.model, "Sigmoid"))
        )
        places = fixed.log.approximations["gelu"]["places"]
        assert (erf, sigmoid) == (places, 2 * places + 1)
        apart = non_constant(simplified) - 4 * places  # Div, Erf, Add, Mul
        assert non_constant(fixed.model) - 7 * places <= apart
    for feeds in probes:
        (before,), (after,) = run_all(simplified, feeds).values(), run_all(fixed.model, feeds).values()
        if is_recognizer:
            assert np.array_equal(before.argmax(-1), after[:, :, 0].argmax(1))
        else:
            assert np.array_equal(before > MASK_THRESHOLD, after > MASK_THRESHOLD)
