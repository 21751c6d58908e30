"""The demonstration page in a browser, served as `make demo` serves it."""

import re
import subprocess
import sys
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from page_session import PageSession

from conftest import bundle_of, write_pipeline
from ocr.tiny_models import save_recognizer, stripes


@pytest.fixture(scope="module")
def address(tmp_path_factory, packages):
    folder = tmp_path_factory.mktemp("page")
    page = np.full((96, 160, 3), 128, np.uint8)
    for top, text in ((10, "bgr"), (52, "grbg")):
        strip = stripes(text, height=24)
        page[top : top + 24, 12 : 12 + strip.shape[1]] = strip
    second = np.full((96, 160, 3), 128, np.uint8)
    second[30:54, 12 : 12 + stripes("rgb", height=24).shape[1]] = stripes("rgb", height=24)
    cv2.imwrite(str(folder / "page.png"), page)
    cv2.imwrite(str(folder / "second.png"), second)
    pipeline = write_pipeline(folder, "own", list("bgr"), save=save_recognizer)
    bundle = bundle_of(pipeline, folder / "own", samples=[folder / "page.png", folder / "second.png"])
    server = subprocess.Popen(
        [sys.executable, "workflow/scripts/demo.py", bundle, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    yield re.search(r"http://127\.0\.0\.1:\d+/\S+", server.stdout.readline())[0]
    server.terminate()
    server.wait()


LINES = "Array.from(document.querySelectorAll('#lines .text'), (line) => line.textContent)"
STATE = "document.getElementById('state').textContent"
FOCUS = "document.activeElement.id || document.activeElement.title || document.activeElement.innerText"
FAKE_CAMERA = ("--use-fake-device-for-media-stream",)


@contextmanager
def opened(address, folder, *options, width=1280):
    """The page once it has read its first sample."""
    with PageSession(address, folder, width, 900, *options) as page:
        page.wait_for(f"{STATE} === 'Ready' && document.querySelectorAll('#lines li').length")
        yield page


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_reads_its_first_sample_with_the_bundles_own_files(address, tmp_path, width):
    with opened(address, tmp_path, width=width) as page:
        assert page.evaluate(LINES) == ["bgr", "grbg"]
        assert page.evaluate("document.scrollingElement.scrollWidth") == width


def test_everything_is_done_by_keyboard(address, tmp_path):
    with opened(address, tmp_path) as page:
        visited = []
        for _ in range(15):
            page.press("Tab")
            visited.append(page.evaluate(FOCUS))
        start = ["file", "camera", "texts", "stage", "page.png", "second.png", "copy-text", "copy-json"]
        thresholds = ["Thresholds", "det_db_thresh", "det_db_box_thresh", "drop_score", "reset"]
        assert [one.split("\n")[0] for one in visited] == [*start, "bgr", "grbg", *thresholds]
        marked = "Array.from(document.querySelectorAll('#lines .on .text'), (line) => line.textContent)"
        page.evaluate("document.querySelector('#lines li:last-child').focus()")
        assert page.evaluate(marked) == ["grbg"]
        page.evaluate("document.querySelector('[title=\"second.png\"]').focus()")
        page.press("Enter")
        page.wait_for(f"{LINES}.join() === 'rgb'")
        page.evaluate("document.getElementById('det_db_box_thresh').focus()")
        page.press("ArrowRight", times=20)
        told = "document.querySelector('label[for=det_db_box_thresh] output').textContent"
        page.wait_for(f"{STATE} === 'Ready' && {told} === '0.95'")
        assert page.evaluate(LINES) == ["rgb"]


def test_a_slider_that_is_drawn_reads_at_its_last_place_alone(address, tmp_path):
    with opened(address, tmp_path) as page:
        readings = page.evaluate(
            """new Promise((resolve) => {
              const [state, slider] = ['state', 'det_db_box_thresh'].map((id) => document.getElementById(id));
              let readings = 0;
              new MutationObserver(() => {
                readings += state.textContent === 'Reading…';
                if (state.textContent === 'Ready') setTimeout(() => resolve(readings), 100);
              }).observe(state, {childList: true});
              for (const value of ['0.6', '0.8', '0.95', '0.55']) {
                slider.value = value;
                slider.dispatchEvent(new Event('input'));
              }
            })"""
        )
        assert readings == 1
        assert page.evaluate(LINES) == ["bgr", "grbg"]


def test_why_there_is_no_camera_is_said(address, tmp_path):
    with opened(address, tmp_path) as page:
        page.evaluate("document.getElementById('camera').click()")
        page.wait_for(f"{STATE} === 'No camera was found'")
    with opened(address, tmp_path, *FAKE_CAMERA, "--deny-permission-prompts") as page:
        page.evaluate("document.getElementById('camera').click()")
        page.wait_for(f"{STATE}.startsWith('The camera was refused: allow it for this page')")


def test_the_camera_is_read_until_it_is_stopped(address, tmp_path):
    with opened(address, tmp_path, *FAKE_CAMERA, "--use-fake-ui-for-media-stream") as page:
        page.evaluate("document.getElementById('camera').click()")
        page.wait_for("document.getElementById('canvas').width !== 160")
        assert page.evaluate("document.getElementById('camera').textContent") == "Stop the camera"
        page.evaluate("document.getElementById('camera').click()")
        assert page.evaluate("document.getElementById('camera').textContent") == "Use the camera"


def test_a_folder_without_a_bundle_is_said_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "workflow/scripts/demo.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "make build" in done.stderr
