"""Lines that are rendered for rehearsal and for new characters."""

import json
from pathlib import Path

from training_runs import in_paddle


def test_words_on_signs_are_single_of_every_form_and_as_often_light_as_dark() -> None:
    done = in_paddle(Path(__file__).with_name("render.py"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    signs, printed = found["signs"], found["print"]
    assert set(signs["texts"]) == {"one", "ONE", "One", "Two", "two", "TWO", "THREE", "three", "Three"}
    assert any(" " in text for text in printed["texts"])
    # Half of 120 lines, with a standard deviation of 5.5; of print far fewer.
    assert 44 <= signs["light_on_dark"] <= 76
    assert printed["light_on_dark"] <= 40
