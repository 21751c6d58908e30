"""The demonstration page in a browser, served as `make demo` serves it."""

import re
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from browser import chromium
from conftest import bundle_of, write_pipeline
from ocr.tiny_models import save_recognizer, stripes


@pytest.fixture(scope="module")
def address(tmp_path_factory, packages):
    folder = tmp_path_factory.mktemp("page")
    page = np.full((96, 160, 3), 128, np.uint8)
    for top, text in ((10, "bgr"), (52, "grbg")):
        strip = stripes(text, height=24)
        page[top : top + 24, 12 : 12 + strip.shape[1]] = strip
    cv2.imwrite(str(folder / "page.png"), page)
    pipeline = write_pipeline(folder, "own", list("bgr"), save=save_recognizer)
    bundle = bundle_of(pipeline, folder / "own", samples=[folder / "page.png"])
    server = subprocess.Popen(
        [sys.executable, "workflow/scripts/demo.py", bundle, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    yield re.search(r"http://127\.0\.0\.1:\d+/\S+", server.stdout.readline())[0]
    server.terminate()
    server.wait()


def test_the_page_reads_its_first_sample_with_the_bundles_own_files(address, tmp_path):
    command = [chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=3000000", "--dump-dom", address],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = re.findall(r'<span class="text">([^<]*)</span>', done.stdout)
    assert lines == ["bgr", "grbg"]
    assert re.search(r'id="state"[^>]*>Ready<', done.stdout)
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_a_folder_without_a_bundle_is_said_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "workflow/scripts/demo.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "make build" in done.stderr
