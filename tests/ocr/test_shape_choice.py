import itertools
import subprocess
import sys
from pathlib import Path

import cv2
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import save_recognizer, stripes

from snapml_ocr.ocr.shape_choice import (
    Candidate,
    best_within,
    detector_shapes,
    pareto_front,
    width_sets,
)

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "recommend_shapes.py"

candidates = st.lists(
    st.builds(
        Candidate,
        shapes=st.just(((32, 320),)),
        accuracy=st.floats(0, 1),
        milliseconds=st.floats(0.1, 100),
        overflow=st.just(0.0),
        megabytes=st.floats(0.1, 10),
    ),
    min_size=1,
    max_size=12,
)


@given(candidates)
def test_nothing_beats_what_is_on_the_front_and_everything_else_is_beaten(given_):
    front = pareto_front(given_)
    for one in given_:
        beaten = any(
            other.milliseconds <= one.milliseconds and other.accuracy >= one.accuracy for other in front
        )
        assert beaten
    assert all(
        slow.milliseconds >= fast.milliseconds and slow.accuracy > fast.accuracy
        for fast, slow in itertools.pairwise(front)
    )


@given(candidates, st.floats(0, 100), st.floats(0, 10))
def test_the_choice_keeps_the_budget_and_gives_away_no_more_than_the_slack(given_, milliseconds, megabytes):
    best = best_within(given_, milliseconds=milliseconds, megabytes=megabytes, slack=0.01)
    allowed = [one for one in given_ if one.milliseconds <= milliseconds and one.megabytes <= megabytes]
    if best is None:
        assert not allowed
    else:
        assert best in allowed
        assert best.accuracy >= max(one.accuracy for one in allowed) - 0.01


def test_detector_shapes_follow_the_images_own_aspect_ratio():
    assert detector_shapes([(720, 1280)] * 3, [640]) == [((640, 640),), ((384, 640),)]
    assert detector_shapes([(720, 1280), (1280, 720)], [640])[1] == ((384, 640), (640, 384))
    assert detector_shapes([(500, 500)], [640]) == [((640, 640),)]


@given(needed=st.lists(st.integers(1, 2000), min_size=1, max_size=50), most=st.integers(1, 4))
def test_width_sets_are_small_ordered_and_different(needed, most):
    sets = width_sets(needed, 32, [96, 160, 320, 832], most)
    assert len(set(sets)) == len(sets)
    for shapes in sets:
        assert 1 <= len(shapes) <= most
        assert list(shapes) == sorted(set(shapes))


def test_the_program_recommends_a_width_that_holds_the_crops(tmp_path):
    for index, text in enumerate(["rgb", "bgr", "rb", "gb"]):
        cv2.imwrite(str(tmp_path / f"{index}.png"), stripes(text))
    labels = ", ".join(
        f'{{"image": "{index}.png", "text": "{text}"}}'
        for index, text in enumerate(["rgb", "bgr", "rb", "gb"])
    )
    (tmp_path / "rec_labels.json").write_text(f"[{labels}]")
    (tmp_path / "dict.txt").write_text("b\ng\nr\n")
    model = save_recognizer(tmp_path / "rec.onnx", 32, None)
    command = [
        sys.executable, SCRIPT, "-i", tmp_path, "--recognizer", "--rec_model_dir", model,
        "--rec_char_dict_path", tmp_path / "dict.txt", "--use_space_char", "False",
        "--widths", "16", "64", "--most_shapes", "1", "--plot", tmp_path / "plot.png",
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "shapes: [32x64]"
    assert cv2.imread(str(tmp_path / "plot.png")) is not None
    done = subprocess.run([*map(str, command), "--max_ms", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, "no candidate is within the budget" in done.stderr) == (1, True)
