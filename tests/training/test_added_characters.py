"""What trained scores say of characters that were added to the dictionary."""

import json
from pathlib import Path

import pytest
from training_runs import in_paddle


def test_new_character_that_is_as_frequent_as_another_in_training_is_thought_rarer_when_reading() -> None:
    done = in_paddle(Path(__file__).with_name("ambiguous.py"))
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert scores["a"] - scores["€"] == pytest.approx(1.0, abs=0.1)
