import pytest
from labelled import box, write_predictions

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.prediction_files import Predictions


def test_shards_are_read_as_one(tmp_path):
    one = write_predictions(tmp_path / "1.jsonl", {"a.jpg": [(box(0, 0), "A")]})
    two = write_predictions(tmp_path / "2.jsonl", {"b.jpg": [], "c.jpg": "damaged"})

    predictions = Predictions([one, two])

    assert len(predictions) == 3
    assert predictions.of("a.jpg").texts == ("A",)
    assert predictions.of("b.jpg").quads == ()
    assert predictions.of("c.jpg").error == "damaged"
    assert predictions.of("d.jpg") is None


def test_a_label_with_folders_finds_the_bare_name_it_was_read_under(tmp_path):
    file = write_predictions(tmp_path / "p.jsonl", {"a.jpg": [], "x/b.jpg": [(box(0, 0), "B")]})

    predictions = Predictions([file])

    assert predictions.of("set/a.jpg") is not None
    assert predictions.of("x/b.jpg").texts == ("B",)
    assert predictions.of("y/b.jpg") is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "not a JSON object"),
        ("[]", "not a JSON object"),
        ('{"lines": []}', "key image"),
        ('{"image": "a.jpg", "lines": []}', "second time"),
    ],
)
def test_a_line_that_is_no_prediction_is_reported(tmp_path, line, message):
    file = tmp_path / "p.jsonl"
    file.write_text(f'{{"image": "a.jpg", "lines": []}}\n{line}\n', encoding="utf-8")

    with pytest.raises(UserError, match=rf"p\.jsonl, line 2: .*{message}"):
        Predictions([file])


def test_a_line_without_quads_is_reported_when_it_is_needed(tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_text('{"image": "a.jpg", "lines": [{"text": "x"}]}\n', encoding="utf-8")

    with pytest.raises(UserError, match=r"p\.jsonl, line 1: expected lines"):
        Predictions([file]).of("a.jpg")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.jsonl"):
        Predictions([tmp_path / "none.jsonl"])
