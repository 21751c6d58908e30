import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icdar_protocol import pooled_scores
from labelled import box, word

from snapml_ocr.evaluate.detection import hmean, match, precision, recall
from snapml_ocr.evaluate.end_to_end import score_image
from snapml_ocr.evaluate.labels import Word


def scores(words, quads):
    matching = match(words, quads)
    counts = len(matching.pairs), len(matching.detections), len(matching.truths)
    return precision(counts[0], counts[1]), recall(counts[0], counts[2]), hmean(*counts)


def test_the_toy_case_published_with_the_protocols_common_implementations():
    truths = [word(0, 0, width=1, height=1), word(2, 2, width=1, height=1)]
    found = [((0.1, 0.1), (1, 0), (1, 1), (0, 1))]

    assert scores(truths, found) == (1.0, 0.5, pytest.approx(2 / 3))


def test_two_detections_on_one_ground_truth_count_once():
    assert scores([word(0, 0)], [box(0, 0), box(1, 0)]) == (0.5, 1.0, pytest.approx(2 / 3))


def test_one_detection_over_two_ground_truths_matches_at_most_one():
    precise, recalled, _ = scores([word(0, 0), word(1, 0)], [box(0, 0)])

    assert (precise, recalled) == (1.0, 0.5)


def test_an_intersection_over_union_of_exactly_one_half_is_no_match():
    # 10x10 against its left 5x10 half: intersection 50, union 100
    assert scores([word(0, 0)], [box(0, 0, 5, 10)])[2] == 0.0
    assert scores([word(0, 0)], [box(0, 0, 5.01, 10)])[2] == 1.0


def test_a_detection_inside_a_dont_care_region_is_not_counted():
    words = [word(0, 0), word(100, 0, "###", ignore=True)]

    assert scores(words, [box(0, 0), box(101, 0, 8, 8)]) == (1.0, 1.0, 1.0)


def test_a_detection_half_inside_a_dont_care_region_is_counted():
    words = [word(0, 0), word(100, 0, "###", ignore=True)]

    assert scores(words, [box(0, 0), box(95, 0)])[0] == 0.5


def test_dont_care_regions_do_not_add_up():
    words = [word(0, 0, "###", ignore=True), word(10, 0, "###", ignore=True)]

    assert match(words, [box(6, 0, 8, 10), box(5, 0)]).detections == [0, 1]


def test_a_dont_care_region_is_no_missed_text():
    assert scores([word(0, 0), word(50, 0, ignore=True)], [box(0, 0)])[1] == 1.0


@pytest.mark.parametrize("words", [[], [word(0, 0)]])
@pytest.mark.parametrize("quads", [[], [box(50, 50)]])
def test_nothing_found_or_nothing_to_find_scores_zero(words, quads):
    assert scores(words, quads) == (0.0, 0.0, 0.0)


def test_an_outline_that_crosses_itself_has_the_area_it_encloses():
    crossed = ((0, 0), (10, 10), (10, 0), (0, 10))

    matching = match([Word(crossed, "x")], [crossed])

    assert matching.pairs == [(0, 0)]
    assert matching.truth_areas[0] == pytest.approx(50)


def test_a_detection_without_area_matches_nothing():
    assert scores([word(0, 0)], [box(0, 0, 0, 0)])[2] == 0.0


coordinates = st.integers(0, 30)
quads = st.builds(
    lambda x, y, w, h, skew: ((x, y), (x + w, y + skew), (x + w, y + h + skew), (x, y + h)),
    coordinates,
    coordinates,
    st.integers(1, 15),
    st.integers(1, 15),
    st.integers(-3, 3),
)
texts = st.sampled_from(["EXIT", "exit!", "Exit", "42", ""])


@settings(max_examples=150, deadline=None)
@given(
    truths=st.lists(st.tuples(quads, texts, st.booleans()), max_size=6),
    found=st.lists(st.tuples(quads, texts), max_size=6),
)
def test_scores_agree_with_the_independent_implementation_and_never_exceed_one(truths, found):
    expected = pooled_scores([(truths, found)])
    read = score_image(
        [Word(tuple(map(tuple, points)), text, ignore) for points, text, ignore in truths],
        [points for points, _ in found],
        [text for _, text in found],
    )

    for name, correct in (
        ("detection", len(read.matching.pairs)),
        ("end_to_end", read.correct["alphanumeric"]),
    ):
        counts = len(read.matching.detections), len(read.matching.truths)
        assert hmean(correct, *counts) == pytest.approx(expected[name]["hmean"])
        assert recall(correct, counts[1]) == pytest.approx(expected[name]["recall"])
        assert 0 <= hmean(correct, *counts) <= 1
