import pytest
from labelled import box, word

from snapml_ocr.evaluate.detection import match
from snapml_ocr.evaluate.error_analysis import FindingErrors, ReadingErrors
from snapml_ocr.evaluate.geometry import text_height


def finding(words, quads):
    errors = FindingErrors()
    errors.add(words, match(words, quads))
    return errors.summary()


def only(counts, **expected):
    return {name: count for name, count in counts.items() if count} == expected


def test_a_line_over_two_words_merges_them():
    result = finding([word(0, 0), word(12, 0)], [box(0, 0, 22, 10)])

    assert only(result["lines"], merged=2)
    assert only(result["false_detections"], merges_lines=1)


def test_two_pieces_of_one_line_split_it():
    result = finding([word(0, 0, width=40)], [box(0, 0, 18), box(21, 0, 18)])

    assert only(result["lines"], split=1)
    assert only(result["false_detections"], part_of_line=2)


def test_a_box_far_too_large_is_badly_framed():
    result = finding([word(0, 0)], [box(0, 0, 40, 10)])

    assert only(result["lines"], badly_framed=1)
    assert only(result["false_detections"], badly_framed=1)


def test_text_without_any_box_is_not_found_and_a_box_without_text_is_none():
    result = finding([word(0, 0)], [box(80, 80)])

    assert only(result["lines"], not_found=1)
    assert only(result["false_detections"], no_text=1)


def test_small_text_is_counted_by_its_height():
    result = finding(
        [word(0, y, width=60, height=h) for y, h in ((0, 6), (50, 20), (90, 20))], [box(0, 50, 60, 20)]
    )

    by_height = {row["from_px"]: row for row in result["by_height"] if row["lines"]}
    assert by_height[0] == {"from_px": 0, "below_px": 8, "lines": 1, "found": 0, "not_found": 1}
    assert by_height[16] == {"from_px": 16, "below_px": 24, "lines": 2, "found": 1, "not_found": 1}


def test_ignored_text_is_no_missed_line():
    assert only(finding([word(0, 0, ignore=True)], [])["lines"])


@pytest.mark.parametrize(
    ("outline", "height"),
    [
        (box(0, 0, 40, 10), 10),
        (box(0, 0, 10, 40), 10),
        (((0, 0), (30, 40), (22, 46), (-8, 6)), 10),
        (((0, 0), (20, 0), (40, 0), (40, 10), (20, 10), (0, 10)), 10),
        (((0, 0), (0, 0), (0, 0), (0, 0), (0, 0)), 0),
    ],
)
def test_height_of_text_is_the_short_side(outline, height):
    assert text_height(outline) == pytest.approx(height)


def test_misread_characters_are_paired():
    errors = ReadingErrors()
    for truth, read in [("O0O", "00O"), ("cat", "ct"), ("dog", "dogs"), ("O", "0"), ("same", "same")]:
        errors.add(truth, read)

    result = errors.summary()

    assert result["confusions"] == [
        {"truth": "O", "read": "0", "count": 2},
        {"truth": "", "read": "s", "count": 1},
        {"truth": "a", "read": "", "count": 1},
    ]
    assert result["wrong_characters"] == 4


@pytest.mark.parametrize(
    ("truth", "read", "kind"),
    [
        ("Exit 5", "Exit 5", "right"),
        ("Exit 5", "Exit5", "spaces_only"),
        ("Exit", "EXIT", "case_only"),
        ("Exit!", "EXIT", "punctuation_only"),
        ("Exit", "Exlt", "other"),
        ("Exit", "", "nothing_read"),
    ],
)
def test_misread_lines_are_told_apart(truth, read, kind):
    errors = ReadingErrors()
    errors.add(truth, read)

    assert only(errors.summary()["lines"], **{kind: 1})
