"""train.py on a small set of real crops: what it writes, what it refuses, and that it can be interrupted."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
import pytest
from training_runs import TRAIN, command, in_paddle, sample_lines, summary_of, write_set

from extended import EXTENDED
from real_models import PROJECT
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.normalisation import RECOGNITION
from snapml_ocr.ocr.recognizer import Recognizer
from snapml_ocr.runtime.feeds import largest_difference

RECOGNIZER = "ch_PP-OCRv4_rec_infer-en"
QUICK = ("--steps", 12, "--evaluate_every", 4, "--views", 1, "--batch_size", 8, "--learning_rate", 0.002)
QUICK = (*QUICK, "--rehearsal_lines", 20, "--rehearsal", 0.25)

KILLS = 20 if EXTENDED else 2
MADE = ("model.onnx", "last.npz", "metrics.csv", "curves.svg")

RealModel = Callable[[str], Path]


@pytest.fixture(scope="module")
def capitals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crops labelled in capitals whatever is on them: a habit of labelling that is soon learned."""
    return write_set(tmp_path_factory.mktemp("capitals") / "set", sample_lines(100)[40:], str.upper)


@pytest.fixture(scope="module")
def arguments(real_onnx: RealModel, capitals: Path) -> list[object]:
    return [real_onnx(RECOGNIZER), "--data", capitals, "--rehearsal_data", capitals, *QUICK]


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory,
    arguments: list[object],
    real_weights: RealModel,
    real_whole_dictionary: RealModel,
) -> Path:
    """The folder of a training that nothing interrupted."""
    folder = tmp_path_factory.mktemp("training") / "undisturbed"
    paddle = [
        "--paddle_dir",
        real_weights(RECOGNIZER),
        "--trained_dictionary",
        real_whole_dictionary(RECOGNIZER),
    ]
    done = in_paddle(TRAIN, *arguments, "--output_dir", folder, *paddle)
    assert done.returncode == 0, done.stderr
    assert "below 300, letters may be read worse" in done.stdout
    assert " s left" in done.stderr
    return folder


@pytest.mark.parametrize(("name", "height"), [(RECOGNIZER, 48), ("en_number_mobile_v2.0_rec_infer", 32)])
def test_interpreted_program_gives_what_onnx_runtime_gives(
    real_onnx: RealModel, tmp_path: Path, name: str, height: int
) -> None:
    batch = np.zeros((16, 3, height, 320), np.float32)
    for row, (_, crop, _) in zip(batch, sample_lines(16), strict=True):
        length = min(320, input_length(crop, height))
        row[:, :, :length] = RECOGNITION.tensor(scale_line(crop, height, length))[0]
    np.save(tmp_path / "inputs.npy", batch)
    done = in_paddle(Path(__file__).with_name("equality.py"), real_onnx(name), tmp_path / "inputs.npy")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["difference"] <= 1e-3
    assert found["argmax_equal"]
    assert found["same_model"]


def test_trained_model_surpasses_its_base_and_keeps_its_dictionary(
    undisturbed: Path, real_onnx: RealModel
) -> None:
    summary = summary_of(undisturbed)
    assert summary["trained"]["character_error_rate"] < summary["base"]["character_error_rate"]
    recognizer = Recognizer([undisturbed / "model.onnx"], from_metadata, shapes=[(48, 320)])
    read = [recognizer.read(crop).text for _, crop, _ in sample_lines(40)]
    base = Recognizer([real_onnx(RECOGNIZER)], from_metadata, shapes=[(48, 320)])
    was = [base.read(crop).text for _, crop, _ in sample_lines(40)]
    assert sum(text.isupper() for text in read) > sum(text.isupper() for text in was)
    for name in ("metrics.csv", "curves.svg", "augmentation.png", "last.npz"):
        assert (undisturbed / name).stat().st_size > 0


def test_weights_in_the_paddle_folder_are_those_of_the_trained_model(
    undisturbed: Path, tmp_path: Path, real_whole_dictionary: RealModel, real_dictionary: RealModel
) -> None:
    again = tmp_path / "again.onnx"
    dictionaries = [
        "--dictionary",
        real_whole_dictionary(RECOGNIZER),
        "--cut_dictionary",
        real_dictionary(RECOGNIZER),
    ]
    export = command("workflow/scripts/export.py", undisturbed / "weights", again, *dictionaries)
    export[2] = "envs/export-pdmodel.lock"
    subprocess.run(export, check=True, cwd=PROJECT, capture_output=True)
    feeds = {"x": np.random.default_rng(0).uniform(-1, 1, (2, 3, 48, 320)).astype(np.float32)}
    assert largest_difference(undisturbed / "model.onnx", again, [feeds]) <= 1e-6


def test_interrupted_training_ends_with_the_same_bytes(
    undisturbed: Path, arguments: list[object], tmp_path: Path
) -> None:
    folder = tmp_path / "interrupted"
    process = subprocess.Popen(
        command(TRAIN, *arguments, "--output_dir", folder, "--resume"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("step 4:"):
            process.send_signal(signal.SIGINT)
    assert process.wait() == 130, said
    assert not (folder / "model.onnx").exists()
    done = in_paddle(TRAIN, *arguments, "--output_dir", folder, "--resume")
    assert done.returncode == 0, done.stderr
    assert "resumed at step" in done.stdout
    for name in MADE:
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes(), name


@pytest.mark.slow
def test_training_killed_at_random_moments_ends_with_the_same_bytes(
    arguments: list[object], tmp_path: Path
) -> None:
    """The moments lie where a run has something to lose: from its first evaluation to its end."""
    often = [*arguments, "--evaluate_every", 2]
    rng = np.random.default_rng(int(time.time()))
    with subprocess.Popen(
        command(TRAIN, *often, "--output_dir", tmp_path / "whole"),
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    ) as whole:
        assert whole.stdout is not None
        lines, times = zip(*((line, time.monotonic()) for line in whole.stdout), strict=True)
    assert whole.returncode == 0
    first = next(number for number, line in enumerate(lines, 1) if line.startswith("step "))
    kills = ends = resumed = 0
    is_done = False
    while not is_done:
        folder = tmp_path / f"after {ends}"
        with subprocess.Popen(
            command(TRAIN, *often, "--output_dir", folder, "--resume"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=PROJECT,
        ) as process:
            assert process.stdout is not None
            said = ""
            if kills < KILLS:
                said = "".join(islice(process.stdout, int(rng.integers(first, len(lines)))))
                time.sleep(rng.uniform(0, (times[-1] - times[first - 1]) / (len(lines) - first)))
                process.kill()
            said += process.stdout.read()
        resumed += "resumed at step" in said
        if process.returncode == -signal.SIGKILL:
            kills += 1
            continue
        assert process.returncode == 0, said
        for name in MADE:
            assert (folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), (name, kills)
        ends += 1
        is_done = kills == KILLS
    assert resumed, "no kill left a state to go on from"


def test_model_that_is_worse_than_its_base_is_not_written(
    arguments: list[object], real_onnx: RealModel, tmp_path: Path
) -> None:
    harmful = [*arguments, "--learning_rate", 0.5, "--steps", 3, "--evaluate_every", 3]
    done = in_paddle(TRAIN, *harmful, "--output_dir", tmp_path)
    assert done.returncode == 1
    assert "no model is written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "model.onnx").exists()


def test_new_characters_become_classes_before_the_space(
    real_onnx: RealModel, tmp_path: Path, capitals: Path
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("Street Price total 12 and 40", encoding="utf-8")
    synthetic = json.dumps({"words": str(words), "lines": 60, "fonts": ["sans", "serif", "poppins"]})
    rates = ["--learning_rate", 0.005, "--steps", 20, "--evaluate_every", 10]
    done = in_paddle(
        TRAIN,
        real_onnx(RECOGNIZER),
        "--synthetic",
        synthetic,
        "--characters",
        "€ß",
        "--rehearsal_data",
        capitals,
        *QUICK,
        *rates,
        "--output_dir",
        tmp_path / "out",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    model = onnx.load(tmp_path / "out" / "model.onnx")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert from_metadata(metadata, tmp_path).characters[-3:] == ("€", "ß", " ")
    assert model.graph.output[0].type.tensor_type.shape.dim[2].dim_value == 98
    dictionary = (tmp_path / "out" / "dictionary.txt").read_text(encoding="utf-8")
    assert dictionary.endswith("€\nß\n")


def test_operator_without_a_counterpart_is_named(tmp_path: Path, capitals: Path) -> None:
    text = """<ir_version: 8, opset_import: ["" : 13]>
    net (float[n, 3, 48, w] x) => (float[n, t, c] y) { a = Sin(x) b = Det(a) y = Reshape(b, s) }"""
    model = onnx.parser.parse_model(text.replace("{ a", "<int64[3] s = {1, -1, 1}> { a"))
    onnx.save(model, tmp_path / "odd.onnx")
    dictionary = tmp_path / "d.txt"
    dictionary.write_text("a\nb\n")
    done = in_paddle(
        TRAIN,
        tmp_path / "odd.onnx",
        "--data",
        capitals,
        "--output_dir",
        tmp_path / "out",
        "--rec_char_dict_path",
        dictionary,
    )
    assert done.returncode == 2
    assert "no counterpart of Det, Sin" in done.stderr
    assert len(done.stderr.strip().splitlines()[-1]) < 300


def test_gpu_that_is_not_there_is_said_in_one_line(arguments: list[object], tmp_path: Path) -> None:
    done = in_paddle(TRAIN, *arguments, "--device", "gpu", "--output_dir", tmp_path / "out")
    assert done.returncode == 2
    assert "--device gpu: this Paddle is built without CUDA" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()
