import math
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.arrays import Arrays, write_arrays
from snapml_ocr.evaluate.differences import DifferenceSums, differences


def test_two_vectors_by_hand():
    result = differences(np.array([[0.0, 1.0]], np.float32), np.array([[0.5, 0.75]], np.float32))

    assert result.max_abs == 0.5
    assert result.mean_abs == 0.375
    assert result.psnr_db == pytest.approx(10 * math.log10(1 / ((0.25 + 0.0625) / 2)))
    assert result.cosine == pytest.approx(0.75 / math.hypot(0.5, 0.75))
    assert result.argmax_equal == 1.0


def test_identical_outputs():
    result = differences(np.eye(3), np.eye(3))

    assert (result.max_abs, result.psnr_db, result.cosine, result.max_log) == (0.0, None, 1.0, 0.0)


def test_a_map_is_decided_by_its_threshold():
    result = differences(np.array([[[[0.29, 0.31]]]]), np.array([[[[0.31, 0.32]]]]), threshold=0.3)

    assert result.argmax_equal == 0.5
    assert result.max_log is None


def test_swapped_classes_that_are_never_likely_show_in_the_ratio_of_probabilities():
    reference = np.array([[0.999, 1e-9, 1e-12]])

    result = differences(reference, reference[:, [0, 2, 1]])

    assert result.max_abs < 1e-8
    assert result.argmax_equal == 1.0
    assert result.max_log == pytest.approx(math.log(1000))


def test_values_that_are_not_finite_are_counted_and_make_the_sample_the_worst():
    sums = DifferenceSums()

    assert sums.add(np.zeros((1, 3)), np.array([[np.nan, np.inf, 0.5]])) == math.inf
    assert sums.result().not_finite == 2
    assert sums.result().max_abs == 0.5


def test_other_shapes_are_an_error():
    with pytest.raises(ValueError, match=r"\(1, 2\) became \(1, 3\)"):
        differences(np.zeros((1, 2)), np.zeros((1, 3)))


probabilities = arrays(np.float32, (4, 3), elements=st.floats(0, 1, width=32))


@given(st.lists(st.tuples(probabilities, probabilities), min_size=1, max_size=4))
def test_samples_added_up_equal_all_at_once(samples):
    sums = DifferenceSums()
    for reference, other in samples:
        sums.add(reference, other)
    whole = differences(
        np.concatenate([reference for reference, _ in samples]),
        np.concatenate([other for _, other in samples]),
    )

    ours = sums.result()
    assert ours.max_abs == whole.max_abs
    assert ours.mean_abs == pytest.approx(whole.mean_abs)
    assert ours.argmax_equal == whole.argmax_equal
    assert ours.cosine == pytest.approx(whole.cosine)
    assert ours.psnr_db == (None if whole.psnr_db is None else pytest.approx(whole.psnr_db))


def test_archives_have_the_same_bytes_every_time_and_open_with_numpy(tmp_path):
    content = {"one": np.arange(6, dtype=np.float32).reshape(2, 3), "two": np.zeros(0, np.int64)}
    for name in ("a.npz", "b.npz"):
        write_arrays(tmp_path / name, content, {"text": "ä"})

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert np.array_equal(np.load(tmp_path / "a.npz")["one"], content["one"])
    assert Arrays(tmp_path / "a.npz").meta == {"text": "ä"}


def test_archives_ask_for_zip64_only_above_2_gb_since_versions_of_python_write_it_differently(tmp_path):
    write_arrays(tmp_path / "a.npz", {"one": np.zeros(1000)}, {})

    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert {member.create_version for member in archive.infolist()} == {zipfile.DEFAULT_VERSION}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"\x93NUMPY nonsense"])
def test_a_damaged_archive_is_named(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)

    with pytest.raises(UserError, match=r"a\.npz: not an \.npz archive"):
        Arrays(tmp_path / "a.npz")
