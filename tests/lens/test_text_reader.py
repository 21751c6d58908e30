"""TextReader.ts on an imitation of the Lens Studio API (not on Lens Studio): life cycle, layouts, errors."""

import json
import subprocess

import cv2
import numpy as np
import pytest

from conftest import bundle_of, write_pipeline
from ocr.tiny_models import save_recognizer, stripes
from snapml_ocr.lens.bundle import SOURCES
from snapml_ocr.lens.node import environment, node_program
from snapml_ocr.ocr.reader import Reader


@pytest.fixture(scope="module")
def compiled(packages, tmp_path_factory):
    """The scripts as JavaScript, checked against the project's own declarations of the Lens Scripting API."""
    folder = tmp_path_factory.mktemp("compiled")
    compiler = packages / "typescript/bin/tsc"
    project = SOURCES / "verify/tsconfig.json"
    done = subprocess.run(
        [node_program(), compiler, "-p", project, "--outDir", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="module")
def scene(tmp_path_factory, compiled):
    folder = tmp_path_factory.mktemp("lens")
    pipeline = write_pipeline(folder, "own", list("bgr"), save=save_recognizer)
    bundle = bundle_of(pipeline, folder / "own")
    page = np.full((96, 160, 3), 128, np.uint8)
    for top, text in ((10, "bgr"), (52, "grbg")):
        strip = stripes(text, height=24)
        page[top : top + 24, 12 : 12 + strip.shape[1]] = strip
    reader = Reader.open(pipeline)

    def expected_of(pixels):
        return [line.text for line in reader.read(pixels).lines]

    assert expected_of(page) == ["bgr", "grbg"]

    def ask(pixels=page, **request):
        if pixels is not None:
            (folder / "page").write_bytes(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA).tobytes())
            request |= {"pixels": str(folder / "page"), "width": pixels.shape[1], "height": pixels.shape[0]}
        done = subprocess.run(
            [node_program(), SOURCES / "verify/imitate.mjs", bundle, compiled],
            input=json.dumps(request),
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    ask.page, ask.expected, ask.expected_of = page, expected_of(page), expected_of
    return ask


@pytest.fixture(scope="module")
def pages(scene):
    """Pages at which the detector looks more than once: one as long as six, one that is turned."""
    lying = scene.page
    height, width = lying.shape[:2]
    long_page = np.vstack([lying] * 6)
    grey, centre = (128, 128, 128), (width, width)
    turned = cv2.copyMakeBorder(
        lying,
        width - height // 2,
        width - height // 2,
        width // 2,
        width // 2,
        cv2.BORDER_CONSTANT,
        value=grey,
    )
    turn = cv2.getRotationMatrix2D(centre, -40, 1)
    turned = cv2.warpAffine(
        turned, turn, turned.shape[1::-1], borderMode=cv2.BORDER_CONSTANT, borderValue=grey
    )
    return {"long": long_page, "turned": turned}


def texts(scan):
    return [line["text"] for line in scan["lines"]]


@pytest.mark.parametrize("lines_per_frame", [0, 1, 5])
@pytest.mark.parametrize("crop", [True, False], ids=["crop texture", "pixels"])
def test_it_reads_what_the_python_reader_reads(scene, crop, lines_per_frame):
    answer = scene(crop=crop, inputs={"linesPerFrame": lines_per_frame})
    assert (answer["errors"], [texts(scan) for scan in answer["scans"]]) == ([], [scene.expected])


@pytest.mark.parametrize("crop", [True, False], ids=["crop texture", "pixels"])
@pytest.mark.parametrize("kind", ["long", "turned"])
def test_long_and_turned_pages_are_looked_at_as_the_python_reader_does(scene, pages, kind, crop):
    answer = scene(pages[kind], crop=crop, inputs={"linesPerFrame": 0})
    assert len(scene.expected_of(pages[kind])) == {"long": 12, "turned": 2}[kind]
    assert (answer["errors"], texts(answer["scans"][0])) == ([], scene.expected_of(pages[kind]))


@pytest.mark.parametrize("called", [True, False], ids=["called back", "not called back"])
def test_a_model_that_is_waited_for_answers_within_the_frame(scene, called):
    answer = scene(
        called=called, inputs={"waitForModels": True, "linesPerFrame": 0, "pauseSeconds": 0}, scans=2
    )
    first, second = answer["scans"]
    assert (answer["errors"], texts(first)) == ([], scene.expected)
    assert second["frame"] - first["frame"] == 1


def test_a_model_that_is_waited_for_and_stops_is_said(scene):
    answer = scene(errors={"running": "too hot"}, inputs={"waitForModels": True})
    assert (len(answer["errors"]), answer["scans"]) == (1, [])
    assert "stopped: too hot" in answer["errors"][0]


def test_a_box_that_did_not_move_keeps_its_text(scene):
    answer = scene(scans=3)
    first, second, third = answer["scans"]
    assert first["lines"] == second["lines"] == third["lines"]
    runs = second["frame"] - first["frame"]
    again = scene(scans=2, inputs={"keepScans": 0})["scans"]
    assert runs < again[1]["frame"] - again[0]["frame"]


def test_the_example_lays_boxes_and_texts_over_the_lines(scene):
    answer = scene(example={})
    copies = answer["screen"]["copies"]
    assert not answer["screen"]["label"]["enabled"]
    assert [one["kind"] for one in copies] == ["Image", "Text", "Image", "Text"]
    assert [one["text"] for one in copies if one["kind"] == "Text"] == scene.expected
    height, width = scene.page.shape[:2]
    for line, frame, label in zip(answer["scans"][0]["lines"], copies[::2], copies[1::2], strict=True):
        left, top, right, _, _, bottom, *_ = line["quad"]
        expected = {"left": 2 * left / width - 1, "right": 2 * right / width - 1}
        expected |= {"bottom": 1 - 2 * bottom / height, "top": 1 - 2 * top / height}
        assert frame["anchors"] == label["anchors"] == pytest.approx(expected, abs=1e-6)
        assert frame["rotation"]["angle"] == pytest.approx(0)
        assert frame["enabled"]
        assert label["enabled"]


def test_the_example_shows_no_more_lines_than_asked_for_and_says_errors(scene):
    assert len(scene(example={"most": 1})["screen"]["copies"]) == 2
    label = scene(example={}, errors={"running": "too hot"})["screen"]["label"]
    assert label["enabled"]
    assert "too hot" in label["text"]


def test_shapes_that_were_left_out_are_not_missed(scene):
    answer = scene(models={"recognizer": ["recognizer_32x128.onnx"]})
    assert texts(answer["scans"][0]) == scene.expected


@pytest.mark.parametrize(
    ("request_of", "message"),
    [
        (
            {"models": {"detector": ["recognizer_32x64.onnx"]}},
            "takes 32x64, but this folder was built for 96x160",
        ),
        (
            {"models": {"recognizer": []}},
            "no recognizer: assign recognizer_32x64.onnx, recognizer_32x128.onnx",
        ),
        ({"errors": {"loading": "no memory"}}, "cannot be loaded: no memory"),
        ({"errors": {"running": "too hot"}}, "stopped: too hot"),
        ({"errors": {"layout": "channels first"}}, "gives its channels first, expected the layout NHWC"),
        ({"pixels": None}, "no texture"),
    ],
)
def test_what_is_not_as_it_was_built_is_said_in_one_line(scene, request_of, message):
    answer = scene(**request_of)
    assert message in answer["errors"][0]
    assert not answer["scans"]
    assert answer["printed"][0].startswith("TextReader: ")


def test_an_interpreter_without_a_compiler_finds_the_same_boxes(packages, tmp_path):
    picture = np.full((64, 64, 4), 128, np.uint8)
    picture.tofile(tmp_path / "picture")
    probabilities = np.zeros((64, 64), np.float32)
    probabilities[10:20, 8:50] = probabilities[40:50, 8:30] = 0.9
    probabilities.tofile(tmp_path / "map")
    np.full((5, 4), 0.25, np.float32).tofile(tmp_path / "line0")
    line = {"quad": [8, 10, 50, 10, 50, 20, 8, 20], "classes": 4}
    job = {"width": 64, "height": 64, "picture": {"width": 64, "height": 64}, "lines": [line]}
    (tmp_path / "job.json").write_text(json.dumps(job))
    script = SOURCES / "verify/interpreter.mjs"
    done = subprocess.run(
        [node_program(), script, SOURCES / "OcrCore.js", tmp_path],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    times = json.loads(done.stdout)
    assert times["lines"] == times["quickjs"]["lines"] == 2
    assert 0 < times["node"]["boxes_ms"] < times["quickjs"]["boxes_ms"]
