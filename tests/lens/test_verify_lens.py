"""`verify_lens.py` says how far a bundle reads what the Python reader reads, and fails when it does not."""

import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from conftest import bundle_of, write_pipeline
from ocr.tiny_models import save_recognizer, stripes

PLACES = ((10, 12, "bgr"), (52, 12, "grbg"))
"""Top, left and text of the lines of the page."""

CORE, SETTINGS = "OCR/OcrCore.js", "OCR/OcrSettings.js"


@pytest.fixture(scope="module")
def built(tmp_path_factory, packages):
    """A pipeline, its bundle, and a labelled picture of two lines."""
    folder = tmp_path_factory.mktemp("verify")
    pipeline = write_pipeline(folder, "own", list("bgr"), save=save_recognizer)
    bundle = bundle_of(pipeline, folder / "own")
    page, words = np.full((96, 160, 3), 128, np.uint8), []
    for top, left, text in PLACES:
        strip = stripes(text, height=24)
        right, bottom = left + strip.shape[1], top + 24
        page[top:bottom, left:right] = strip
        quad = [[left, top], [right, top], [right, bottom], [left, bottom]]
        words.append({"quad": quad, "text": text, "ignore": False})
    images = folder / "pictures"
    images.mkdir()
    cv2.imwrite(str(images / "page.png"), page)
    (images / "labels.json").write_text(json.dumps([{"image": "page.png", "words": words}]))
    return pipeline, bundle, images


def verified(built, output, **options):
    pipeline, bundle, images = built
    command = [sys.executable, "workflow/scripts/verify_lens.py", "--pipeline", pipeline]
    command += ["--bundle", options.get("bundle", bundle), "--images", options.get("images", images)]
    done = subprocess.run([*command, "--output", output], capture_output=True, text=True, check=False)
    return done, json.loads(output.read_text()) if output.exists() else None


def test_a_bundle_as_it_was_built_reads_what_python_reads(built, tmp_path):
    done, document = verified(built, tmp_path / "verify.json")
    assert done.returncode == 0, done.stderr
    assert document["pictures"] == 1
    same = document["equal_inputs"]
    assert (same["boxes"], same["same_boxes"], same["lines"], same["same_texts"]) == (2, 1, 2, 1)
    assert document["pictures_themselves"] == {"lines": 2, "same_texts": 1}
    assert document["scores"] == {"python": 1, "lens": 1}
    assert document["differing"] == []


WRONG = {
    "boxes from equal inputs 0.00%": (
        CORE,
        "unclip(rectangle, settings.det_db_unclip_ratio)",
        "unclip(rectangle, 3 * settings.det_db_unclip_ratio)",
    ),
    "texts from equal inputs 0.00%": (CORE, "if (run > 0) {", "if (run > 1) {"),
    "texts from pictures 0.00%": (SETTINGS, '"drop_score": 0.6', '"drop_score": 2'),
    "0.0000 against 1.0000": (SETTINGS, '"drop_score": 0.6', '"drop_score": 2'),
}
"""What is said when a text in a file of the bundle is replaced by another: boxes that grow too far, another
blank, lines dropped.
"""


@pytest.mark.parametrize("said", WRONG)
def test_a_bundle_that_reads_otherwise_is_refused(built, tmp_path, said):
    file, right, wrong = WRONG[said]
    changed = tmp_path / "changed"
    shutil.copytree(built[1], changed)
    script = (changed / file).read_text()
    assert right in script
    (changed / file).write_text(script.replace(right, wrong))
    done, document = verified(built, tmp_path / "verify.json", bundle=changed)
    assert (done.returncode, done.stderr.count("error:")) == (1, 1)
    assert said in done.stderr
    assert document["differing"]


def test_a_folder_without_pictures_is_said_in_one_line(built, tmp_path):
    done, document = verified(built, tmp_path / "verify.json", images=tmp_path)
    assert (done.returncode, done.stderr.count("\n"), document) == (2, 1, None)
