import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_models import save_classifier, save_detector, save_recognizer, stripes

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.images import UnreadableImageError
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.ocr.recognizer import RecognizerSettings

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "inference.py"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Models that read coloured stripes, and their dictionary."""
    folder = tmp_path_factory.mktemp("tiny models")
    save_detector(folder / "det.onnx", None, None)
    save_detector(folder / "det_128x256.onnx", 128, 256)
    save_recognizer(folder / "rec.onnx", None, None)
    for width in (64, 128):
        save_recognizer(folder / f"rec_32x{width}.onnx", 32, width)
    save_classifier(folder / "cls.onnx", 32, 128)
    (folder / "dict.txt").write_text("b\ng\nr\n")
    return folder


def reader_of(tiny, recognizers=("rec_32x64.onnx", "rec_32x128.onnx"), detectors=(), **options):
    settings = options.pop("settings", ReaderSettings(use_space_char=False, drop_score=0.0))
    return Reader(
        [tiny / name for name in detectors],
        [tiny / name for name in recognizers],
        tiny / "dict.txt",
        settings=settings,
        **options,
    )


def text_of(reader, crop):
    (line,) = reader.read(crop).lines
    return line.text


@pytest.mark.parametrize("text", ["b", "rgb", "bgrbgr"])
def test_a_crop_is_read_whatever_width_it_needs(tiny, text):
    assert text_of(reader_of(tiny), stripes(text)) == text


@pytest.mark.parametrize("height", [16, 32, 100])
def test_a_crop_is_scaled_to_the_height_of_the_model(tiny, height):
    factor = height // 16
    crop = stripes("rgb", height=height, letter=4 * factor, gap=4 * factor)
    assert text_of(reader_of(tiny), crop) == "rgb"


def test_a_line_longer_than_the_widest_input_is_split_and_put_together(tiny):
    text = "rgbrgbgrbrgbbrgbrgrbgb".replace("bb", "b").replace("gg", "g")
    assert text_of(reader_of(tiny), stripes(text)).replace(" ", "") == text


def test_a_line_slightly_too_long_is_shrunk(tiny):
    assert text_of(reader_of(tiny), stripes("rgbrgbr", letter=12, gap=8)) == "rgbrgbr"


def test_a_vertical_crop_is_turned(tiny):
    crop = np.ascontiguousarray(np.rot90(stripes("rgbr"), -1))
    assert text_of(reader_of(tiny), crop) == "rgbr"


def test_a_line_upside_down_is_turned_by_the_classifier(tiny):
    crop = stripes("brrr", gap=0)
    assert text_of(reader_of(tiny, classifier=tiny / "cls.onnx"), crop) == "br"
    turned = np.ascontiguousarray(crop[::-1, ::-1])
    assert text_of(reader_of(tiny, classifier=tiny / "cls.onnx"), turned) == "br"
    assert text_of(reader_of(tiny), turned) == "rb"


def test_only_allowed_characters_are_read(tiny):
    settings = ReaderSettings(use_space_char=False, recognizer=RecognizerSettings(allowed="bg"))
    assert set(text_of(reader_of(tiny, settings=settings), stripes("rgb"))) <= set("bg")


def scene():
    """White plates on black, with nothing the tiny recognizer reads."""
    image = np.zeros((300, 600, 3), np.uint8)
    image[40:80, 50:250] = 255
    image[150:190, 300:500] = 255
    return image


def test_boxes_are_found_where_they_are_in_reading_order(tiny):
    reader = Reader([tiny / "det_128x256.onnx"])
    first, second = reader.read(scene()).lines
    for line, (left, top, right, bottom) in [(first, (50, 40, 250, 80)), (second, (300, 150, 500, 190))]:
        inner = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        assert (np.sign(line.quad - inner.mean(axis=0)) == np.sign(inner - inner.mean(axis=0))).all()
        np.testing.assert_allclose(line.quad.mean(axis=0), inner.mean(axis=0), atol=3)
        assert line.text == ""


def test_a_large_image_gives_the_same_boxes_with_tiles(tiny):
    from snapml_ocr.ocr.detector import DetectorSettings

    image = np.kron(scene(), np.ones((4, 4, 1), np.uint8))
    settings = ReaderSettings(detector=DetectorSettings(tile_below=0.5))
    tiled = Reader([tiny / "det_128x256.onnx"], settings=settings).read(image).lines
    whole = Reader([tiny / "det_128x256.onnx"]).read(image).lines
    assert len(tiled) == len(whole) == 2
    for one, other in zip(tiled, whole, strict=True):
        np.testing.assert_allclose(one.quad.mean(axis=0), other.quad.mean(axis=0), atol=12)


@pytest.mark.parametrize("turned", [False, True])
def test_a_page_many_times_as_long_as_wide_is_read_in_tiles_by_itself(tiny, turned):
    page = np.zeros((6000, 400, 3), np.uint8)
    for top in range(20, 5960, 60):
        page[top : top + 20, 40:340] = 255
    image = np.ascontiguousarray(page.transpose(1, 0, 2)) if turned else page
    assert len(Reader([tiny / "det_128x256.onnx"]).read(image).lines) == 99


def test_dynamic_models_run_at_the_shapes_given(tiny):
    options = {"det_shapes": [(128, 256)], "rec_shapes": [(32, 64), (32, 128)]}
    fixed = reader_of(tiny, detectors=["det_128x256.onnx"]).read(scene())
    dynamic = reader_of(tiny, ["rec.onnx"], ["det.onnx"], **options).read(scene())
    assert [line.quad.tolist() for line in dynamic.lines] == [line.quad.tolist() for line in fixed.lines]


def test_a_shape_no_model_takes_is_an_error(tiny):
    with pytest.raises(UserError, match="shape 64x64: no given model takes it"):
        Reader([tiny / "det_128x256.onnx"], det_shapes=[(64, 64)])


def test_a_recognizer_in_place_of_a_detector_is_an_error(tiny):
    with pytest.raises(UserError, match="is it a text detector"):
        Reader([tiny / "rec_32x128.onnx"]).read(scene())


def test_a_dictionary_of_wrong_length_is_an_error_when_opening(tiny):
    with pytest.raises(UserError, match="4 classes"):
        reader_of(tiny, settings=ReaderSettings(use_space_char=True))


def test_many_images_come_in_order_and_a_bad_one_does_not_stop_the_rest(tiny, tmp_path):
    names = [f"{index:02d}.png" for index in range(12)]
    for index, name in enumerate(names):
        cv2.imwrite(str(tmp_path / name), stripes("rgb"[: index % 3 + 1]))
    (tmp_path / names[5]).write_bytes(b"not an image")
    with reader_of(tiny) as reader:
        pages = list(reader.read_many([tmp_path / name for name in names]))
    assert [page.image for page in pages] == names
    assert [page.error is not None for page in pages] == [index == 5 for index in range(12)]
    good = [(page.lines[0].text, index) for index, page in enumerate(pages) if page.error is None]
    assert all(text == "rgb"[: index % 3 + 1] for text, index in good)


def test_one_bad_image_read_alone_is_an_error(tiny, tmp_path):
    (tmp_path / "a.png").write_bytes(b"not an image")
    with pytest.raises(UnreadableImageError):
        reader_of(tiny).read(tmp_path / "a.png")


def run(*arguments, **options):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures with spaces é")
    for index, text in enumerate(["rgb", "b", "gr"]):
        cv2.imwrite(str(folder / f"crop {index}.png"), stripes(text))
    (folder / "notes.txt").write_text("no image")
    return folder


def reading(tiny, folder, *more):
    models = [tiny / "rec_32x64.onnx", tiny / "rec_32x128.onnx"]
    return [
        "--run_recognition", "--rec_model_dir", *models,
        "--rec_char_dict_path", tiny / "dict.txt", "--use_space_char", "False", "-i", folder, *more,
    ]  # fmt: skip


def test_the_program_writes_one_json_line_an_image(tiny, folder, tmp_path):
    done = run(*reading(tiny, folder, "--output_json", tmp_path / "out.jsonl", "--drop_score", "0.1"))
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(record["image"], record["lines"][0]["text"]) for record in records] == [
        ("crop 0.png", "rgb"), ("crop 1.png", "b"), ("crop 2.png", "gr"),
    ]  # fmt: skip
    assert records[0]["lines"][0]["quad"] == [[0.0, 0.0], [56.0, 0.0], [56.0, 32.0], [0.0, 32.0]]


def test_images_of_one_name_in_two_folders_keep_apart_below_an_image_root(tiny, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), stripes(f"r{name}" if name == "b" else "g"))
    images = [tmp_path / "a", tmp_path / "b" / "1.png"]
    done = run(*reading(tiny, images[0], images[1], "--output_json", "-", "--image_root", tmp_path))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["image"] for record in records] == ["a/1.png", "b/1.png"]


def test_the_bytes_do_not_depend_on_the_number_of_threads(tiny, folder):
    runs = [
        run(*reading(tiny, folder, "--output_json", "-", "--word_boxes", "--threads", threads))
        for threads in ("1", "3")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout.splitlines()) == 3


def test_bad_images_are_reported_and_the_exit_code_is_one(tiny, folder, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no")
    done = run(
        *reading(tiny, folder, "--output_json", "-", "-i", tmp_path / "bad.png", folder / "crop 1.png")
    )
    assert done.returncode == 1
    bad, good = (json.loads(line) for line in done.stdout.splitlines())
    assert bad["image"] == "bad.png"
    assert set(bad) == {"image", "error"}
    assert good["lines"][0]["text"] == "b"
    assert "1 of 2 images could not be read" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--image_path"),
        (["-i", "none.png", "--run_detection", "--run_pipeline"], "not allowed with"),
        (["-i", "none.png", "--run_detection"], "--det_model_dir is needed"),
        (["-i", "none.png", "--run_detection", "--det_model_dir", "none.onnx"], "none.png: no such image"),
        (["-i", __file__, "--run_detection", "--det_model_dir", "none.onnx"], "no such model"),
        (["-i", __file__, "--run_detection", "--det_model_dir", __file__], "ONNX Runtime cannot open it"),
        (["-i", __file__, "--run_detection", "--use_dilation", "maybe"], "expected True or False"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_code_two(arguments, message):
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_onnx_check_refuses_what_is_no_valid_model(tiny, folder, tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    broken = ["--rec_model_dir", tmp_path / "broken.onnx", "--onnx_check"]
    done = run(*reading(tiny, folder, *broken))
    assert done.returncode == 2
    assert "broken.onnx: not a valid ONNX model" in done.stderr
    assert run(*reading(tiny, folder, "--onnx_check", "--output_json", "-")).returncode == 0


def test_pictures_and_crops_are_written_for_every_image(tiny, folder, tmp_path):
    cv2.imwrite(str(tmp_path / "scene.png"), scene())
    done = run(
        "-i", tmp_path / "scene.png", "--run_detection", "--det_model_dir", tiny / "det_128x256.onnx",
        "--output_dir", tmp_path / "drawn", "--crops", tmp_path / "crops",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "drawn").iterdir()] == ["scene.png"]
    assert sorted(path.name for path in (tmp_path / "crops").iterdir()) == ["scene_001.png", "scene_002.png"]
    assert cv2.imread(str(tmp_path / "crops" / "scene_001.png")).min() == 0


def test_pictures_never_replace_the_images_they_show(tiny, folder):
    before = (folder / "crop 0.png").read_bytes()
    done = run(*reading(tiny, folder, "--output_dir", folder))
    assert done.returncode == 2
    assert "would replace an image" in done.stderr
    assert (folder / "crop 0.png").read_bytes() == before
