import json

import cv2
import numpy as np
import onnx
import pytest
from benchmark_graphs import saved
from onnx import numpy_helper
from test_latency_side_by_side import run

DETECTOR = """
<ir_version: 6, opset_import: ["" : 11]>
detector (float[1,3,64,64] x) => (float[1,1,64,64] y)
<float[1,3,1,1] w, float[1] b>
{
  c = Conv(x, w, b)
  y = Sigmoid(c)
}
"""
RECOGNIZER = """
<ir_version: 6, opset_import: ["" : 11]>
recognizer (float[1,3,32,64] x) => (float[1,16,5] y)
<float[5,3,32,4] w, int64[3] s>
{
  c = Conv<strides = [32, 4]>(x, w)
  r = Reshape(c, s)
  t = Transpose<perm = [0, 2, 1]>(r)
  y = Softmax<axis = 2>(t)
}
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A detector that finds what is bright, and a recognizer that reads something."""
    folder = tmp_path_factory.mktemp("pipeline")
    detector = onnx.parser.parse_model(DETECTOR)
    detector.graph.initializer.append(numpy_helper.from_array(np.full((1, 3, 1, 1), 4, np.float32), "w"))
    detector.graph.initializer.append(numpy_helper.from_array(np.full(1, -6, np.float32), "b"))
    recognizer = onnx.parser.parse_model(RECOGNIZER)
    weights = np.random.default_rng(0).normal(size=(5, 3, 32, 4)).astype(np.float32)
    recognizer.graph.initializer.append(numpy_helper.from_array(weights, "w"))
    recognizer.graph.initializer.append(numpy_helper.from_array(np.array([1, 5, 16]), "s"))
    (folder / "keys.txt").write_text("a\nb\nc\n", encoding="utf-8")
    for number in range(2):
        picture = np.zeros((64, 64, 3), np.uint8)
        picture[20:40, 8:56] = 255
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder, saved(detector, folder / "det.onnx"), saved(recognizer, folder / "rec.onnx")


def test_speed_and_the_share_of_every_step_are_written(models, tmp_path):
    folder, detector, recognizer = models
    output = tmp_path / "speed.json"
    done = run("benchmark_pipeline.py", "--name", "tiny", "-i", folder, "--det_model_dir", detector,
               "--rec_model_dir", recognizer, "--rec_char_dict_path", folder / "keys.txt", "--drop_score", 0,
               "--seconds", 0.2, "--output", output)  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(output.read_text())
    speed = document["stages"]["snapml"]
    assert document["pipeline"] == "tiny"
    assert speed["images"] == 2
    assert speed["images_per_second"] > 0
    assert list(speed["steps"]) == ["image file", "detector", "boxes", "recognizer", "lines"]
    assert sum(step["share"] for step in speed["steps"].values()) == pytest.approx(1, abs=0.01)


def test_a_missing_image_gives_one_line(models, tmp_path):
    done = run("benchmark_pipeline.py", "--name", "tiny", "-i", tmp_path / "none.png", "--det_model_dir",
               models[1], "--output", tmp_path / "o.json")  # fmt: skip
    assert done.returncode == 2
    assert "none.png" in done.stderr
    assert "Traceback" not in done.stderr
