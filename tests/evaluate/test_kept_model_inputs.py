import json
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from labelled import image, word, write_labels, write_picture

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.dataset import open_dataset
from snapml_ocr.evaluate.model_inputs import ModelInputs, write_inputs
from snapml_ocr.evaluate.sampling import make_samples
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
from snapml_ocr.ocr.orientation import OrientationClassifier
from snapml_ocr.ocr.recognizer import Recognizer

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"
NORMALISATION = Normalisation((0.5, 0.4, 0.3), (0.2, 0.3, 0.4), "rgb")


@pytest.fixture
def dataset(tmp_path):
    images = []
    for number, words in enumerate([1, 3, 0, 6, 2]):
        name = f"{number}.png"
        write_picture(tmp_path / name, width=120, height=90, seed=number)
        images.append(
            image(
                name,
                *(word(5, 12 * row, f"{number}-{row}", width=50) for row in range(words)),
                word(80, 0, ignore=True),
            )
        )
    return open_dataset(write_labels(tmp_path, images))


def names_of(samples):
    return [sample.image for sample in samples]


def test_every_image_is_an_input_of_a_detector(dataset):
    samples = list(make_samples(dataset, "detection", (64, 64), 50))

    assert names_of(samples) == ["0.png", "1.png", "2.png", "3.png", "4.png"]
    assert samples[0].pixels.shape == (64, 64, 3)
    assert samples[0].words[0].outline[0] == (2.67, 8.0)


def test_fewer_inputs_than_images_are_spread_over_the_dataset(dataset):
    assert names_of(make_samples(dataset, "detection", (64, 64), 3)) == ["0.png", "2.png", "4.png"]


def test_lines_are_dealt_to_the_images_in_turn(dataset):
    samples = list(make_samples(dataset, "recognition", (16, 64), 8))

    assert names_of(samples) == ["0.png", "1.png", "1.png", "1.png", "3.png", "3.png", "4.png", "4.png"]
    assert all(not sample.words[0].ignore for sample in samples)


def test_lines_too_long_for_the_input_are_taken_only_where_there_are_no_others(tmp_path):
    long, short = word(0, 0, "long", width=100), word(0, 20, "short", width=20)
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / name, width=120, height=90)
    dataset = open_dataset(write_labels(tmp_path, [image("a.png", long, short), image("b.png", long)]))

    samples = make_samples(dataset, "recognition", (16, 64), 9)

    assert [sample.words[0].text for sample in samples] == ["short", "long"]


def test_there_are_no_more_lines_than_labelled(dataset):
    assert len(list(make_samples(dataset, "recognition", (16, 64), 500))) == 12


def test_every_second_line_for_the_classifier_is_upside_down(dataset):
    upright = list(make_samples(dataset, "recognition", (16, 64), 4))
    turned = list(make_samples(dataset, "classification", (16, 64), 4))

    assert np.array_equal(upright[0].pixels, turned[0].pixels)
    columns = turned[1].length
    assert np.array_equal(upright[1].pixels[:, :columns], turned[1].pixels[::-1, columns - 1 :: -1])


def test_a_set_of_crops_has_no_inputs_for_a_detector(tmp_path):
    (tmp_path / "rec_labels.json").write_text('[{"image": "a.png", "text": "x"}]', encoding="utf-8")

    with pytest.raises(UserError, match="crops of lines"):
        list(make_samples(open_dataset(tmp_path), "detection", (64, 64), 3))


def test_kept_tensors_are_normalised_and_zero_where_padded(tmp_path, dataset):
    samples = list(make_samples(dataset, "recognition", (16, 96), 3))
    write_inputs(
        tmp_path / "inputs.npz",
        task="recognition",
        normalisation=NORMALISATION,
        pixels=[sample.pixels for sample in samples],
        lengths=[sample.length for sample in samples],
        samples=[sample.described() for sample in samples],
    )

    inputs = ModelInputs(tmp_path / "inputs.npz")

    tensor, length = inputs.tensor(0), samples[0].length
    assert tensor.shape == (1, 3, 16, 96)
    assert not tensor[..., length:].any()
    expected = (samples[0].pixels[:, :length, ::-1] / 255 - NORMALISATION.mean) / NORMALISATION.std
    assert np.abs(tensor[0, :, :, :length].transpose(1, 2, 0) - expected).max() < 1e-5


class Recorder:
    """Stands in the recognizer's place and keeps what the reading code feeds it."""

    input_shape = (1, 3, 48, 320)
    output_names = ("out",)
    metadata: ClassVar[dict] = {}

    def __init__(self):
        self.seen = []

    def run(self, batch):
        self.seen.append(batch.copy())
        return np.eye(3, dtype=np.float32)[None, [0]]


@pytest.mark.parametrize("size", [(160, 20), (30, 60), (400, 48), (33, 48), (60, 300)])
def test_kept_lines_are_the_tensors_that_reading_uses(tmp_path, monkeypatch, size):
    recorder = Recorder()
    monkeypatch.setattr("snapml_ocr.ocr.fixed_shape.open_model", lambda *_, **__: recorder)
    write_picture(tmp_path / "a.png", *size)
    (tmp_path / "rec_labels.json").write_text('[{"image": "a.png", "text": "x"}]', encoding="utf-8")
    (sample,) = make_samples(open_dataset(tmp_path), "recognition", (48, 320), 1)
    write_inputs(
        tmp_path / "inputs.npz",
        task="recognition",
        normalisation=RECOGNITION,
        pixels=[sample.pixels],
        lengths=[sample.length],
        samples=[sample.described()],
    )

    Recognizer([Path("model.onnx")], Dictionary(("a", "b"), space=False)).read(read_image(tmp_path / "a.png"))

    # before the line comes a check of the dictionary, after it a second look at what was not sure
    assert np.array_equal(recorder.seen[1], ModelInputs(tmp_path / "inputs.npz").tensor(0))


class Upright:
    """Stands in the classifier's place likewise."""

    input_shape = (1, 3, 48, 192)
    output_names = ("out",)

    def run(self, batch):
        self.seen = batch.copy()
        return np.array([[1.0, 0.0]], np.float32)


@pytest.mark.parametrize("size", [(160, 20), (30, 60), (60, 300)])
def test_kept_lines_are_the_tensors_that_the_classifier_uses(tmp_path, monkeypatch, size):
    recorder = Upright()
    monkeypatch.setattr("snapml_ocr.ocr.fixed_shape.open_model", lambda *_, **__: recorder)
    write_picture(tmp_path / "a.png", *size)
    (tmp_path / "rec_labels.json").write_text('[{"image": "a.png", "text": "x"}]', encoding="utf-8")
    (sample,) = make_samples(open_dataset(tmp_path), "classification", (48, 192), 1)

    OrientationClassifier(Path("model.onnx")).is_upside_down(read_image(tmp_path / "a.png"))

    expected = RECOGNITION.tensor(sample.pixels[:, : sample.length])
    assert np.array_equal(recorder.seen[..., : sample.length], expected)


def test_the_program_writes_the_same_bytes_twice(tmp_path, dataset):
    normalisation = json.dumps({"mean": [0.5] * 3, "std": [0.5] * 3, "channel_order": "bgr"})
    for name in ("a.npz", "b.npz"):
        command = [
            SCRIPTS / "make_inputs.py",
            "--task",
            "recognition",
            "--dataset",
            dataset.folder,
            tmp_path / name,
        ]
        command += ["--height", "32", "--width", "100", "--normalisation", normalisation]
        subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True)

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert len(ModelInputs(tmp_path / "a.npz")) == 12


def test_an_archive_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", meta=np.frombuffer(b'{"task": "x"}', np.uint8))

    with pytest.raises(UserError, match="make_inputs"):
        ModelInputs(tmp_path / "a.npz")
