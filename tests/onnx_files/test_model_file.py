import time
from itertools import pairwise

import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import helper

from convert.graphs import model_of, nested, small_network, with_external_weights
from snapml_ocr.errors import UserError
from snapml_ocr.onnx_files.model_file import read_model, require_valid, set_metadata, write_model


def saved(model, tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_written_model_is_read_back_and_gives_the_same_bytes(tmp_path):
    model = small_network()
    write_model(model, tmp_path / "a.onnx")
    write_model(read_model(tmp_path / "a.onnx"), tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


@pytest.mark.parametrize("content", [b"", b"hello world", b"<html></html>", b"\x08\x08", bytes(1000)])
def test_what_is_no_model_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{path}: not a") as caught:
        read_model(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nowhere.onnx", tmp_path):
        with pytest.raises(UserError, match="no such file"):
            read_model(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keep=st.integers(0, 900), place=st.integers(0, 900), edit=st.binary(max_size=4))
def test_a_damaged_file_gives_a_model_or_one_clear_error(tmp_path, keep, place, edit):
    content = bytearray(small_network().SerializeToString()[:keep])
    content[place : place + len(edit)] = edit
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    try:
        model = read_model(path)
        require_valid(model, "m")
    except UserError as error:
        text = str(error)
    else:
        text = model.graph.name
    assert "\n" not in text


@pytest.mark.parametrize(
    "location", ["../secret.bin", "/etc/passwd", "missing.bin", "link.bin", "a/../../secret.bin"]
)
def test_weights_outside_the_models_folder_are_refused(tmp_path, location):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(16))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(UserError, match="weights in a separate file cannot be read"):
        read_model(saved(with_external_weights(location), folder))


@pytest.mark.parametrize(
    "entries", [{"offset": "-5"}, {"length": "99999999999999"}, {"offset": "x"}, {"length": "-1"}]
)
def test_impossible_places_of_weights_are_refused(tmp_path, entries):
    (tmp_path / "weights.bin").write_bytes(bytes(16))
    path = saved(with_external_weights("weights.bin", **entries), tmp_path)
    with pytest.raises(UserError):
        require_valid(read_model(path), "m")


def test_weights_beside_the_model_are_read(tmp_path):
    (tmp_path / "weights.bin").write_bytes(bytes(16))
    model = read_model(saved(with_external_weights("weights.bin"), tmp_path))
    assert onnx.numpy_helper.to_array(model.graph.initializer[0]).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("kind", ["chain", "nested"])
def test_models_with_very_many_nodes_are_refused_quickly(tmp_path, kind):
    if kind == "chain":
        names = ["x", *(f"t{i}" for i in range(100_000)), "y"]
        pairs = pairwise(names)
        model = model_of([helper.make_node("Relu", [first], [second]) for first, second in pairs])
    else:
        model = nested(14)
    path = saved(model, tmp_path)
    started = time.monotonic()
    with pytest.raises(UserError, match="more than 20000 nodes"):
        read_model(path)
    assert time.monotonic() - started < 10


def test_the_checker_names_what_is_not_valid():
    model = small_network()
    model.graph.node[0].input[1] = "nowhere"
    with pytest.raises(UserError, match=r"^m: not a valid ONNX model: .*nowhere"):
        require_valid(model, "m")


def test_metadata_is_set_once_sorted_and_others_stay():
    model = small_network()
    model.metadata_props.add(key="z", value="1")
    for stage in ("onnx", "simplified"):
        set_metadata(model, {"snapml_ocr.stage": stage, "snapml_ocr.model": "m"})
    assert [(entry.key, entry.value) for entry in model.metadata_props] == [
        ("snapml_ocr.model", "m"),
        ("snapml_ocr.stage", "simplified"),
        ("z", "1"),
    ]
