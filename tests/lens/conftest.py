"""Node, and bundles of small pipelines, for the tests of this folder."""

import hashlib
import json

import pytest
from node_bridge import Node

from coded_recognizer import save_coded_recognizer
from snapml_ocr.lens.bundle import SOURCES, make_bundle
from snapml_ocr.lens.node import PACKAGES, install_packages, node_program


@pytest.fixture(scope="session")
def core():
    """OcrCore.js in Node."""
    node = Node(node_program(), SOURCES / "OcrCore.js")
    yield node
    node.close()


@pytest.fixture(scope="session")
def packages():
    """The npm packages of the lock file, or the test is skipped without a registry."""
    install_packages()
    return PACKAGES


SETTINGS = {
    "det_db_thresh": 0.3,
    "det_db_box_thresh": 0.5,
    "det_db_unclip_ratio": 0.3,
    "det_db_score_mode": "fast",
    "use_dilation": False,
    "drop_score": 0.6,
    "retry_below": 0.9,
}


def save_text_detector(path, height, width):
    """A detector that calls everything text that is not mid grey: its map is the distance from it."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Conv", ["x", "same"], ["copied"]),
        helper.make_node("Abs", ["copied"], ["away"]),
        helper.make_node("ReduceMax", ["away"], ["most"], axes=[1], keepdims=1),
        helper.make_node("Clip", ["most", "zero", "one"], ["maps"]),
    ]
    weights = {
        "same": np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1),
        "zero": np.array(0, np.float32),
        "one": np.array(1, np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "detector",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, height, width])],
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, [1, 1, height, width])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7), path)
    return path


def write_pipeline(
    folder,
    name,
    dictionary,
    *,
    right_to_left=False,
    shape=(96, 160),
    widths=(64, 128),
    save=None,
    classifier=None,
    level="line",
):
    """A pipeline file of a detector that finds what is not grey and a recognizer of coloured stripes.

    `save(path, height, width)` writes another recognizer, which then has no class for the space, `classifier`
    a model that tells which lines are upside down.
    """
    half = [0.5, 0.5, 0.5]
    classes = len(dictionary) + 2

    def save_coded(path, height, width):
        return save_coded_recognizer(path, classes, width)

    def part(model, task, files):
        entries = [
            {"path": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "shape": list(size)}
            for path, size in files
        ]
        return {
            "model": model,
            "task": task,
            "normalisation": {"mean": half, "std": half, "channel_order": "bgr"},
            "shapes": [entry["shape"] for entry in entries],
            "stages": {"snapml": entries},
            "provenance": {"format": "pdmodel", "sources": [], "files": {}},
        }

    height, width = shape
    detector = save_text_detector(folder / f"{name}_det.onnx", height, width)
    save_one = save or save_coded
    recognizers = [(save_one(folder / f"{name}_rec_{one}.onnx", 32, one), (32, one)) for one in widths]
    document = {
        "schema": 1,
        "name": name,
        "shipped": "snapml",
        "level": level,
        "detector": part("det", "detection", [(detector, shape)]),
        "classifier": classifier
        and part("cls", "classification", [(classifier(folder / f"{name}_cls.onnx", 32, 128), (32, 128))]),
        "recognizer": part("rec", "recognition", recognizers)
        | {
            "output": "probabilities",
            "dictionary": dictionary,
            "space_class": save is None,
            "right_to_left": right_to_left,
        },
        "settings": SETTINGS,
    }
    file = folder / f"{name}.json"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return file


def bundle_of(pipeline, folder, **options):
    make_bundle(
        pipeline,
        folder,
        archive=folder.with_suffix(".zip"),
        probes=options.pop("probes", []),
        samples=options.pop("samples", []),
        max_abs_diff=1e-4,
    )
    return folder
