"""What is checked before the first step of a training."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_runs import sample_lines, write_set

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.training.augmentation import every_second_augmented
from snapml_ocr.training.labelled_lines import (
    Encoder,
    Line,
    check_lines,
    read_lines,
    rehearsal_lines,
    split_by_image,
)

LETTERS = Dictionary(tuple("abcdefgh "), space=True)


def line(text: str, image: str = "one.png", seed: int = 0) -> Line:
    pixels = np.random.default_rng([seed, len(text)]).integers(0, 255, (8, 40, 3)).astype(np.uint8)
    return Line(pixels, text, image)


def test_unknown_characters_are_counted_and_the_option_that_adds_them_is_named() -> None:
    checked = check_lines([line("a€", seed=1), line("€ß", seed=2), line("abc", seed=3)], LETTERS, 40)
    assert checked.unknown == Counter({"€": 2, "ß": 1})
    with pytest.raises(UserError, match=r"2 of 3 lines .* --characters '€ß' adds"):
        checked.require_few_bad(2)


def test_lines_that_cannot_be_learned_are_skipped_with_their_reason() -> None:
    lines = [
        line("", seed=1),
        line("aabb", seed=2),
        line("abc", seed=3),
        line("abc", seed=3),
        line("abd", seed=3),
    ]
    checked = check_lines(lines, LETTERS, 5)
    reasons = [reason for _, _, reason in checked.skipped]
    assert reasons == [
        "empty text",
        "more characters than the 5 steps of the input",
        "the same crop twice",
        "the same crop with another text",
    ]
    checked.require_few_bad(80)
    with pytest.raises(UserError, match="4 of 5 lines cannot be used"):
        checked.require_few_bad(79)


def test_damaged_and_missing_images_are_listed(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", sample_lines(4))
    (folder / "001.png").write_bytes(b"no picture")
    (folder / "002.png").unlink()
    lines, unreadable, _ = read_lines([open_dataset(folder)])
    assert [one.image for one in lines] == ["set/000.png", "set/003.png"]
    assert [(image, reason) for image, _, reason in unreadable] == [
        ("set/001.png", "damaged image"),
        ("set/002.png", "missing image"),
    ]


@given(
    images=st.lists(st.integers(1, 9), min_size=2, max_size=12),
    share=st.floats(0.05, 0.6),
    seed=st.integers(0, 99),
)
def test_no_image_is_on_both_sides_of_the_split(images: list[int], share: float, seed: int) -> None:
    lines = [line("ab", f"{number}.png") for number, count in enumerate(images) for _ in range(count)]
    training, validation = split_by_image(lines, share, seed)
    assert training
    assert validation
    assert len(training) + len(validation) == len(lines)
    assert not {one.image for one in training} & {one.image for one in validation}


def test_the_last_class_of_a_character_is_written() -> None:
    assert Encoder(LETTERS).encode("a b") == [1, 10, 2]


def test_lines_for_rehearsal_need_no_labels(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", sample_lines(3))
    assert [bool(one.text) for one in rehearsal_lines(str(folder))] == [True] * 3
    (folder / "rec_gt.txt").unlink()
    assert [one.text for one in rehearsal_lines(str(folder))] == [""] * 3


def test_every_second_rehearsal_line_is_changed_and_all_keep_their_texts() -> None:
    lines = [line("abc", seed=number) for number in range(21)]
    made = list(every_second_augmented(lines, 0))
    assert [one.text for one in made] == ["abc"] * 21
    same = [np.array_equal(one.crop, other.crop) for one, other in zip(lines, made, strict=True)]
    assert all(same[::2])
    assert sum(same[1::2]) <= 3  # a change is made with a probability of its own, rarely none
    again = every_second_augmented(lines, 0)
    assert all(np.array_equal(one.crop, other.crop) for one, other in zip(made, again, strict=True))
