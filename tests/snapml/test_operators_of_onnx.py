"""The operator tests of the onnx package through the fixer: the same numbers, or one line that says why."""

from collections import Counter
from functools import cache
from pathlib import Path

import onnx
import pytest
from onnx.backend.test.case.node import collect_testcases

from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.snapml.fixer import fix

PAGE = Path(__file__).parents[2] / "docs" / "snapml.md"
SHARE = 12
"""One case of so many in the quick run."""


@cache
def cases() -> list[onnx.ModelProto]:
    """Every case whose inputs are tensors of fixed size."""
    models = [case.model for case in collect_testcases(None) if case.model is not None]
    return [model for model in models if all(_is_fixed(value) for value in model.graph.input)]


def _is_fixed(value: onnx.ValueInfoProto) -> bool:
    tensor = value.type.tensor_type
    return (
        value.type.HasField("tensor_type")
        and tensor.HasField("shape")
        and all(dim.HasField("dim_value") for dim in tensor.shape.dim)
    )


def outcome(model: onnx.ModelProto) -> str:
    """Return `equal`, `refused` (in one line) or what else was said; a defect goes through by name."""
    try:
        fix(model, max_abs_diff=1e-3)
    except CheckFailedError as error:
        raise AssertionError(f"{model.graph.name}: {error}") from None
    except UserError as error:
        return "refused" if len(str(error).splitlines()) == 1 else f"{model.graph.name}: {error}"
    return "equal"


@pytest.mark.parametrize("part", range(4))
def test_an_operator_is_rewritten_with_the_same_numbers_or_refused_in_one_line(part):
    sample = cases()[::SHARE]
    assert len(sample) > 50
    assert {outcome(model) for model in sample[part::4]} <= {"equal", "refused"}


@pytest.mark.slow
def test_the_page_has_the_counts_of_all_operator_tests():
    counts = Counter(outcome(model) for model in cases())
    sentence = (
        f"Of {len(cases())} operator tests of onnx {onnx.__version__} whose inputs have fixed sizes, "
        f"{counts['equal']} give the same numbers, {counts['refused']} are refused in one line"
    )
    assert sentence in " ".join(PAGE.read_text(encoding="utf-8").split())
