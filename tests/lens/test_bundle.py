"""The bundle: models that take plain pixels, the same bytes each time, any alphabet."""

import hashlib
import json
import subprocess
import sys
import zipfile

import numpy as np
import onnx
import pytest
import yaml

from coded_recognizer import colours, line_of, save_coded_recognizer
from conftest import bundle_of, write_pipeline
from ocr.tiny_models import save_classifier, save_detector, save_recognizer, stripes
from small_build import built, small_project
from snapml_ocr.errors import CheckFailedError
from snapml_ocr.lens.bundle import SOURCES, ShippedModel, budget_of, make_bundle
from snapml_ocr.lens.comparison import read_in_node
from snapml_ocr.lens.node import running_script
from snapml_ocr.lens.pixel_input import padding_colour, pixel_difference, with_pixel_input
from snapml_ocr.ocr.normalisation import DETECTION, RECOGNITION, Normalisation
from snapml_ocr.ocr.reader import Reader

LATIN = list("abcdefghij")
HEBREW = list("אבגדהוזחטי")
RGB = Normalisation((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), "rgb")


def page_of(lines, classes):
    """A (H, 160, 3) grey page on which lines of coloured stripes lie one below the other."""
    page = np.full((96, 160, 3), 128, np.uint8)
    for row, labels in enumerate(lines):
        # Stripes side by side: with grey between them each would be a region of its own.
        strip = np.repeat(colours(classes)[list(labels)], 16, axis=0)
        page[12 + 40 * row : 12 + 40 * row + 20, 10 : 10 + len(strip)] = strip
    return page


@pytest.mark.parametrize(
    "normalisation", [DETECTION, RECOGNITION, RGB], ids=["detection", "recognition", "rgb"]
)
@pytest.mark.parametrize("save", [save_detector, save_recognizer, save_classifier])
def test_a_model_that_takes_plain_pixels_gives_the_same_outputs(tmp_path, save, normalisation):
    model = onnx.load(save(tmp_path / "model.onnx", 32, 64))
    plain = with_pixel_input(model, normalisation, label="model")
    picture = np.random.default_rng(0).integers(0, 256, (32, 64, 3), dtype=np.uint8)
    assert pixel_difference(model, plain, normalisation, [picture]) < 1e-5
    assert plain.graph.node[0].op_type == "BatchNormalization"
    assert [node.op_type for node in plain.graph.node].count("Conv") == 1
    assert onnx.load(tmp_path / "model.onnx") == model


def test_channels_are_exchanged_where_no_convolution_comes_first(tmp_path):
    pipeline = json.loads(write_pipeline(tmp_path, "own", LATIN).read_text())
    path = tmp_path / pipeline["recognizer"]["stages"]["snapml"][0]["path"]
    model = onnx.load(path)
    plain = with_pixel_input(model, RECOGNITION, label="model")
    assert [node.op_type for node in plain.graph.node[:3]] == ["BatchNormalization", "Conv", "ReduceMean"]
    picture = np.random.default_rng(0).integers(0, 256, (32, 64, 3), dtype=np.uint8)
    assert pixel_difference(model, plain, RECOGNITION, [picture]) < 1e-4


def test_the_padding_colour_is_zero_after_normalisation():
    for normalisation in (DETECTION, RECOGNITION, RGB):
        red_green_blue = np.array(padding_colour(normalisation)) / 255
        order = red_green_blue if normalisation.channel_order == "rgb" else red_green_blue[::-1]
        assert (order - normalisation.mean) / normalisation.std == pytest.approx([0, 0, 0], abs=1e-12)


def test_the_same_pipeline_gives_the_same_bytes(tmp_path):
    pipeline = write_pipeline(tmp_path, "own", LATIN)
    first = bundle_of(pipeline, tmp_path / "a" / "own")
    second = bundle_of(pipeline, tmp_path / "b" / "own")
    assert first.with_suffix(".zip").read_bytes() == second.with_suffix(".zip").read_bytes()
    names = {path.relative_to(first).as_posix() for path in first.rglob("*") if path.is_file()}
    with zipfile.ZipFile(first.with_suffix(".zip")) as archive:
        assert {name.removeprefix("own/") for name in archive.namelist()} == names
        assert archive.testzip() is None


def test_checksums_and_manifest_name_every_file(tmp_path):
    folder = bundle_of(write_pipeline(tmp_path, "own", LATIN), tmp_path / "own")
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == files - {"manifest.json", "SHA256SUMS"}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_import_records_are_yaml_with_the_settings_of_the_readme(tmp_path):
    folder = bundle_of(write_pipeline(tmp_path, "own", LATIN), tmp_path / "own")

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader, tag, node):
        return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else node.value

    Loader.add_multi_constructor("", mapping)
    for name, size, side in (
        ("detector_96x160", (160, 96), "Center"),
        ("recognizer_32x64", (64, 32), "Left"),
    ):
        (record,) = yaml.load((folder / "OCR" / f"{name}.onnx.meta").read_text(), Loader)
        (entry,) = record["ImporterSettings"]["Inputs"]
        assert (entry["Shape"]["x"], entry["Shape"]["y"], entry["Shape"]["z"]) == (*size, 3)
        assert entry["Normalizations"] == [{"scale": 1.0, "bias": 0.0}] * 3
        assert (entry["Transformer"]["stretch"], entry["Transformer"]["alignment.horizontal"]) == (
            False,
            side,
        )


def test_a_model_that_would_change_by_more_than_allowed_is_not_shipped(tmp_path):
    pipeline = write_pipeline(tmp_path, "own", LATIN)
    archive = tmp_path / "own.zip"
    with pytest.raises(CheckFailedError, match="outputs differ by"):
        make_bundle(pipeline, tmp_path / "own", archive=archive, probes=[], samples=[], max_abs_diff=-1.0)
    assert not archive.exists()


def test_shapes_to_leave_out_bring_the_rest_within_the_limit():
    def model(role, width, megabytes):
        return ShippedModel(
            role, f"{role}_48x{width}.onnx", (48, width), "", 2 * megabytes, megabytes, 0.0, RECOGNITION
        )

    budget = budget_of([model("detector", 640, 3), model("recognizer", 320, 4), model("recognizer", 832, 4)])
    assert (budget.total, budget.leave_out, budget.remaining) == (11, ("recognizer_48x832.onnx",), 7)
    assert budget_of([model("detector", 640, 12)]).leave_out == ()


@pytest.mark.parametrize("alphabet", [LATIN, HEBREW], ids=["latin", "right to left"])
def test_an_own_alphabet_is_read_in_node_as_in_python(tmp_path, packages, alphabet):
    pipeline = write_pipeline(tmp_path, "own", alphabet, right_to_left=alphabet is HEBREW)
    folder = bundle_of(pipeline, tmp_path / "own")
    page = page_of([[1, 2, 3, 4, 5, 6, 7], [4, 1, 5, 2, 6, 3, 7, 8]], len(alphabet) + 2)
    expected = [line.text for line in Reader.open(pipeline).read(page).lines]
    assert [line["text"] for line in lines_in_node(folder, page, tmp_path)] == expected
    assert [len(text.replace(" ", "")) for text in expected] == [7, 8]


def lines_in_node(folder, page, tmp_path):
    with running_script(SOURCES / "verify/read_pictures.mjs", folder) as script:
        return read_in_node(script, page, tmp_path)["lines"]


@pytest.mark.parametrize("missing", ["detector", "recognizer"])
def test_a_pipeline_of_one_model_is_read_as_python_reads_it(tmp_path, packages, missing):
    pipeline = write_pipeline(tmp_path, "own", LATIN)
    pipeline.write_text(json.dumps(json.loads(pipeline.read_text()) | {missing: None}))
    folder = bundle_of(pipeline, tmp_path / "own")
    classes = len(LATIN) + 2
    page = (
        page_of([[1, 2, 3], [4, 1, 5, 2]], classes)
        if missing == "recognizer"
        else line_of([1, 2, 3], classes)
    )
    expected = Reader.open(pipeline).read(page).lines
    found = lines_in_node(folder, page, tmp_path)
    assert [line["text"] for line in found] == [line.text for line in expected]
    assert len(found) == (2 if missing == "recognizer" else 1)
    for line, other in zip(found, expected, strict=True):
        assert np.reshape(line["quad"], (4, 2)) == pytest.approx(other.quad, abs=0.5)


@pytest.mark.parametrize("classifier", [None, save_classifier], ids=["recognizer alone", "classifier"])
def test_which_way_up_a_line_is_read_as_in_python(tmp_path, packages, classifier):
    pipeline = write_pipeline(tmp_path, "own", list("bgr"), save=save_recognizer, classifier=classifier)
    folder = bundle_of(pipeline, tmp_path / "own")
    page = np.full((96, 160, 3), 128, np.uint8)
    # Upside down, and red from the left edge on, which is what the classifier looks at.
    strip = stripes("bgrgbgr", height=24)[::-1, -9:7:-1]
    page[30:54, 12 : 12 + strip.shape[1]] = strip
    expected = [line.text for line in Reader.open(pipeline).read(page).lines]
    assert [line["text"] for line in lines_in_node(folder, page, tmp_path)] == expected
    assert expected == ["bgrgbgr" if classifier else "rgbgrgb"]


@pytest.mark.parametrize("alphabet", [LATIN, HEBREW], ids=["latin", "right to left"])
def test_words_are_those_of_python(tmp_path, packages, alphabet):
    pipeline = write_pipeline(tmp_path, "own", alphabet, level="word", right_to_left=alphabet is HEBREW)
    folder = bundle_of(pipeline, tmp_path / "own")
    space = len(alphabet) + 1
    page = page_of([[1, 2, space, 3, 4, 5], [6, space, 7, 8]], len(alphabet) + 2)
    expected = Reader.open(pipeline).read(page).lines
    found = lines_in_node(folder, page, tmp_path)
    assert [line["text"] for line in found] == [line.text for line in expected]
    assert len(expected) >= 4
    for line, other in zip(found, expected, strict=True):
        assert np.reshape(line["quad"], (4, 2)) == pytest.approx(other.quad, abs=0.5)
        assert line["score"] == pytest.approx(other.score, abs=1e-3)


def test_a_line_longer_than_every_input_is_read_in_parts_as_in_python(tmp_path, packages):
    pipeline = write_pipeline(tmp_path, "own", list("bgr"), save=save_recognizer, shape=(96, 640))
    folder = bundle_of(pipeline, tmp_path / "own")
    text = "bgrbgrgrbgrbrgbgrbrgbgbrgbr"
    strip = stripes(text, height=24)
    page = np.full((96, 640, 3), 128, np.uint8)
    page[30:54, 12 : 12 + strip.shape[1]] = strip
    (expected,) = Reader.open(pipeline).read(page).lines
    (found,) = lines_in_node(folder, page, tmp_path)
    assert found["text"] == expected.text
    assert expected.text.replace(" ", "") == text


@pytest.mark.slow
def test_an_added_model_of_right_to_left_lines_gets_a_bundle(tmp_path, packages):
    """From `add_model.py` to the archive, with files of configuration alone."""
    project = small_project(tmp_path / "project")
    classes = len(HEBREW) + 2
    save_coded_recognizer(tmp_path / "signs.onnx", classes)
    (tmp_path / "hebrew.txt").write_text("\n".join(HEBREW) + "\n", encoding="utf-8")
    command = [sys.executable, "workflow/scripts/add_model.py", tmp_path / "signs.onnx", "--no_questions"]
    command += ["--dictionary", tmp_path / "hebrew.txt", "--shapes", "32x128"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (project / "config/small.yaml").write_text(
        "build: [signs]\n"
        "pipelines: {signs: {recognizer: {model: signs, shapes: [32x128]}}}\n"
        "convert: {probe_images: [images/test1.png]}\n"
    )
    built(project, "--", "results/lens/signs.zip", "results/pipelines/signs/snapml.json")
    with zipfile.ZipFile(project / "results/lens/signs.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    line = line_of([1, 2, 3, 1], classes)
    (expected,) = Reader.open(project / "results/pipelines/signs/snapml.json").read(line).lines
    (found,) = lines_in_node(tmp_path / "unpacked/signs", line, tmp_path)
    assert found["text"] == expected.text == "אגבא"


def test_the_program_says_what_is_shipped(tmp_path):
    def run(pipeline):
        command = [sys.executable, "workflow/scripts/make_lens.py", "--output", tmp_path / "out"]
        return subprocess.run([*command, "--pipeline", pipeline], capture_output=True, text=True, check=False)

    done = run(write_pipeline(tmp_path, "own", LATIN))
    assert (done.returncode, done.stderr) == (0, "")
    assert "detector_96x160.onnx" in done.stdout
    assert "a Lens may hold 10 MB" in done.stdout
    missing = run("nowhere.json")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)


def test_the_checker_knows_a_bundle(tmp_path):
    folder = bundle_of(write_pipeline(tmp_path, "own", LATIN), tmp_path / "own")
    command = [
        sys.executable,
        "workflow/scripts/snapml_check.py",
        folder,
        "--output",
        tmp_path / "check.json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert "a Lens may hold 10 MB" in done.stdout
    document = json.loads((tmp_path / "check.json").read_text())
    assert len(document["models"]) == 3
    assert document["stored"]["leave_out"] == []
