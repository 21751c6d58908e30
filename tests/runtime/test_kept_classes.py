import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snapml_ocr.runtime.kept_classes import keep_classes


def softmax(scores):
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@settings(deadline=None)
@given(
    scores=arrays.arrays(np.float64, (2, 3, 12), elements=st.floats(-30, 30)),
    kept=st.lists(st.integers(0, 11), min_size=1, unique=True),
)
def test_kept_probabilities_are_the_softmax_over_the_kept_scores(scores, kept):
    probabilities = softmax(scores).astype(np.float32)
    expected = softmax(scores[..., kept])
    assert np.allclose(keep_classes(probabilities, kept), expected, rtol=1e-5, atol=1e-7)


def test_a_step_that_is_certain_of_a_class_not_kept_is_the_first_kept_class():
    assert keep_classes(np.array([[0, 0, 1, 0]], np.float32), [0, 3]).tolist() == [[1, 0]]
