import json

import pytest

from snapml_ocr.convert.pir_operators import unknown_operators

KNOWN = [
    "relu",
    "hard_sigmoid",
    "elementwise_add",
    "elementwise_mul",
    "matmul_v2",
    "batch_norm",
    "reduce_mean",
]


def program(*names, nested=()):
    inner = (
        [{"#": "1.if", "regions": [{"blocks": [{"ops": [{"#": name} for name in nested]}]}]}]
        if nested
        else []
    )
    blocks = [{"ops": [{"#": name} for name in names] + inner}]
    return json.dumps({"base_code": {}, "program": {"regions": [{"blocks": blocks}]}})


@pytest.mark.parametrize(
    ("names", "unknown"),
    [
        (["1.relu", "1.hardsigmoid", "1.add", "1.multiply", "1.matmul", "1.batch_norm_", "1.mean"], []),
        (["p", "0.combine", "1.feed", "1.fetch", "1.data"], []),
        (["1.relu", "1.brandnew", "1.other_"], ["brandnew", "other_"]),
    ],
)
def test_operators_without_a_counterpart_are_named(tmp_path, names, unknown):
    path = tmp_path / "inference.json"
    path.write_text(program(*names))
    assert unknown_operators(path, KNOWN) == unknown


def test_operators_of_nested_blocks_count(tmp_path):
    path = tmp_path / "inference.json"
    path.write_text(program("1.relu", nested=["1.brandnew"]))
    assert unknown_operators(path, KNOWN) == ["brandnew"]
