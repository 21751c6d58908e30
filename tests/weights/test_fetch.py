import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from snapml_ocr.errors import UserError
from snapml_ocr.weights.download import RetryPolicy
from snapml_ocr.weights.fetch import fetch
from snapml_ocr.weights.file_spec import FileSpec, parse_file_spec
from snapml_ocr.weights.sources import parse_source
from weights.archives import (
    FILE_FLAGS,
    GRAPH,
    PARAMS,
    WANTED,
    contents,
    member,
    model_tar,
    sha256,
    tar_bytes,
)
from weights.server import serving, status, trickle, whole

SCRIPT = Path(__file__).parents[2] / "workflow" / "scripts" / "fetch_weights.py"
QUICK = RetryPolicy(connect_s=0.5, read_s=0.5, attempts=1, pause_s=0.01)
FILES = {"inference.pdmodel": GRAPH, "inference.pdiparams": PARAMS}


def fetched(sources, output, mirror=None):
    fetch("m", [parse_source(text) for text in sources], WANTED, output, mirror=mirror, retries=QUICK)
    found = contents(output)
    return json.loads(found.pop("provenance.json")), found


@pytest.fixture
def good_tar(tmp_path):
    path = tmp_path / "good.tar"
    path.write_bytes(model_tar())
    return path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "loose" / "m"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_training_checkpoint_is_called_what_it_is(tmp_path):
    folder = tmp_path / "trained"
    folder.mkdir()
    (folder / "best_accuracy.pdparams").write_bytes(b"weights")
    packed = tmp_path / "trained.tar"
    packed.write_bytes(tar_bytes(member("trained/best_accuracy.pdparams", b"weights")))
    command = "tools/export_model.py -c CONFIG_OF_THE_TRAINING.yml -o Global.pretrained_model"
    for source, place in ((f"folder:{folder}", str(folder)), (f"tar:{packed}", "FOLDER")):
        with pytest.raises(UserError, match=f"a training checkpoint .* {command}={place}/best_accuracy"):
            fetched([source], tmp_path / "out")


def test_the_first_source_that_has_the_files_serves_them(tmp_path, good_tar, folder):
    provenance, files = fetched([f"tar:{good_tar}", f"folder:{folder}"], tmp_path / "out")
    assert files == FILES
    assert provenance == {
        "model": "m",
        "source": {"kind": "tar", "name": "good.tar"},
        "files": [{"name": one.name, "bytes": len(FILES[one.name]), "sha256": one.sha256} for one in WANTED],
    }


def test_a_source_that_fails_makes_way_for_the_next(tmp_path, folder):
    broken = tmp_path / "broken.tar"
    broken.write_bytes(
        tar_bytes(member("m/inference.pdmodel", GRAPH), member("m/inference.pdiparams", b"other"))
    )
    with serving({"/m.tar": [whole(b"<html>")]}) as server:
        sources = ["tar:nowhere.tar", f"tar:{broken}", server.url("/m.tar"), f"folder:{folder}"]
        provenance, files = fetched(sources, tmp_path / "out")
    assert files == FILES
    assert provenance["source"] == {"kind": "folder", "name": "m"}


def test_when_all_fail_the_error_tells_for_each_what_happened_and_how_to_set_a_mirror(tmp_path, good_tar):
    broken = tmp_path / "broken.tar"
    broken.write_bytes(model_tar()[:5000])
    with serving({}) as server, pytest.raises(UserError) as caught:
        fetched(["tar:nowhere.tar", f"tar:{broken}", server.url("/m.tar")], tmp_path / "out")
    text = str(caught.value)
    assert "none of 3 sources" in text
    assert "1. tar nowhere.tar: No such file or directory" in text
    assert f"2. tar {broken}: not a complete tar archive" in text
    assert "the server answers 404" in text
    assert "SNAPML_OCR_MIRROR" in text
    assert "m.tar or m/inference.pdmodel" in text
    assert list((tmp_path / "out").iterdir()) == []


def test_with_a_single_source_the_error_is_one_line(tmp_path):
    with pytest.raises(UserError) as caught:
        fetched(["folder:nowhere"], tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("m: folder nowhere: no file nowhere/inference.pdmodel")


def test_a_corrupted_file_leaves_nothing(tmp_path, folder):
    (folder / "inference.pdiparams").write_bytes(PARAMS[:-1])
    with pytest.raises(UserError, match=r"inference\.pdiparams has SHA-256"):
        fetched([f"folder:{folder}"], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("layout", ["archive", "loose files"])
@pytest.mark.parametrize("place", ["folder", "url"])
def test_a_mirror_stands_in_for_the_upstream_server(tmp_path, good_tar, folder, layout, place):
    upstream = "http://upstream.invalid/some/m_infer.tar"
    mirror = tmp_path / "mirror"
    (mirror / "m").mkdir(parents=True)
    served = {}
    if layout == "archive":
        (mirror / "m_infer.tar").write_bytes(model_tar())
        served["/at/m_infer.tar"] = [whole(model_tar())]
    else:
        for name, content in FILES.items():
            (mirror / "m" / name).write_bytes(content)
            served[f"/at/m/{name}"] = [whole(content)]
    with serving(served) as server:
        where = str(mirror) if place == "folder" else server.url("/at")
        provenance, files = fetched([upstream], tmp_path / "out", mirror=where)
    assert files == FILES
    expected = {"archive": {"archive": "m_infer.tar"}, "loose files": {"folder": "m"}}[layout]
    assert provenance["source"] == {"kind": "mirror", **expected}


def test_the_provenance_is_the_same_bytes_for_every_mirror_and_folder(tmp_path):
    found = []
    for place in ("a", "b/c"):
        mirror = tmp_path / place
        mirror.mkdir(parents=True)
        (mirror / "m_infer.tar").write_bytes(model_tar("w" if place == "a" else "w:gz"))
        fetched(["http://upstream.invalid/m_infer.tar"], tmp_path / place / "out", mirror=str(mirror))
        found.append((mirror / "out" / "provenance.json").read_bytes())
    assert found[0] == found[1]
    assert str(tmp_path).encode() not in found[0]


def test_a_later_fetch_removes_what_an_earlier_one_left_and_nothing_else(tmp_path, folder):
    output = tmp_path / "out"
    (folder / "inference.json").write_bytes(b"{}")
    other = [parse_file_spec(f"inference.json={sha256(b'{}')}")]
    fetch("m", [parse_source(f"folder:{folder}")], other, output, mirror=None, retries=QUICK)
    (output / "mine.txt").write_text("keep")
    provenance, files = fetched([f"folder:{folder}"], output)
    assert files == {**FILES, "mine.txt": b"keep"}
    assert len(provenance["files"]) == 2


def test_a_provenance_that_names_files_elsewhere_removes_nothing_there(tmp_path, folder):
    output = tmp_path / "out"
    output.mkdir()
    (tmp_path / "precious").write_text("keep")
    names = ["../precious", str(tmp_path / "precious"), "..", ""]
    (output / "provenance.json").write_text(json.dumps({"files": [{"name": name} for name in names]}))
    fetched([f"folder:{folder}"], output)
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize("text", ["x", "=", "a/b=" + "0" * 64, "../x=" + "0" * 64, "x=12", "-x=" + "0" * 64])
def test_malformed_wanted_files_are_refused(text):
    with pytest.raises(UserError):
        parse_file_spec(text)


def test_a_pipe_in_a_source_folder_is_not_waited_for(tmp_path, folder):
    (folder / "inference.pdmodel").unlink()
    os.mkfifo(folder / "inference.pdmodel")
    with pytest.raises(UserError, match="no file"):
        fetched([f"folder:{folder}"], tmp_path / "out")


def run_script(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if name != "SNAPML_OCR_MIRROR"}
    command = [sys.executable, SCRIPT, "--name", "m", *FILE_FLAGS, "--attempts", "1", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**clean, **environment}, check=False, timeout=60
    )


def test_the_program_takes_the_mirror_from_the_environment_and_a_flag_goes_first(tmp_path, good_tar):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "m_infer.tar").write_bytes(model_tar())
    url = ("--source", "http://upstream.invalid/m_infer.tar", "--output_dir", tmp_path / "out")
    assert run_script(*url, SNAPML_OCR_MIRROR=str(mirror)).returncode == 0
    assert run_script(*url, "--mirror", mirror, SNAPML_OCR_MIRROR="/nowhere").returncode == 0
    failed = run_script(*url, "--mirror", "/nowhere", SNAPML_OCR_MIRROR=str(mirror))
    assert failed.returncode == 2
    assert "mirror /nowhere/m_infer.tar" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_the_program_says_who_served_and_prints_plain_lines_without_a_terminal(tmp_path):
    with serving({"/m.tar": [whole(model_tar())]}) as server:
        done = run_script("--source", server.url("/m.tar"), "--output_dir", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "m: 2 files from http://127.0.0.1" in done.stderr
    assert "MiB/s" in done.stderr
    assert "\r" not in done.stderr


def test_names_with_spaces_quotes_and_shell_characters_are_only_names(tmp_path):
    folder = tmp_path / 'it\'s $(touch evil) "x"\n;'
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    done = run_script("--source", f"folder:{folder}", "--output_dir", tmp_path / "o'u t$(x)")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([folder.name, "o'u t$(x)"])


@pytest.mark.parametrize("delay_s", [0.25, 0.45])
def test_a_killed_fetch_leaves_no_final_name_and_the_next_one_cleans_up(tmp_path, delay_s):
    output = tmp_path / "out"
    slow = trickle(model_tar(), chunk=2000, pause_s=0.1)
    with serving({"/m.tar": [slow, whole(model_tar())]}) as server:
        command = [sys.executable, SCRIPT, "--name", "m", *FILE_FLAGS]
        command += ["--source", server.url("/m.tar"), "--output_dir", output]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _wait_for(lambda: server.requests)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert contents(output) == {}
        assert list(output.glob(".fetch.*.part"))
        fetched([server.url("/m.tar")], output)
    assert sorted(path.name for path in output.iterdir()) == sorted([*FILES, "provenance.json"])


def test_two_fetches_into_one_folder_do_not_hurt_each_other(tmp_path, folder):
    slow = trickle(model_tar(), chunk=4000, pause_s=0.05)
    with serving({"/m.tar": [slow]}) as server:
        command = [sys.executable, SCRIPT, "--name", "m", *FILE_FLAGS]
        command += ["--source", server.url("/m.tar"), "--output_dir", tmp_path / "out"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _wait_for(lambda: server.requests)
        fetched([f"folder:{folder}"], tmp_path / "out")
        assert process.wait(timeout=30) == 0
    found = contents(tmp_path / "out")
    assert json.loads(found.pop("provenance.json"))["source"]["kind"] == "url"
    assert found == FILES


def test_a_temporary_failure_of_the_server_does_not_end_the_fetch(tmp_path, monkeypatch):
    retries = RetryPolicy(connect_s=0.5, read_s=0.5, attempts=2, pause_s=0.01)
    with serving({"/m.tar": [status(503), whole(model_tar())]}) as server:
        source = parse_source(server.url("/m.tar"))
        assert fetch("m", [source], WANTED, tmp_path / "out", mirror=None, retries=retries) == source


def _wait_for(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


MODEL = b"an ONNX file"
AS_ONE_FILE = [FileSpec("inference.onnx", sha256(MODEL))]


def fetched_as_one_file(source, output, mirror=None):
    fetch("m", [parse_source(source)], AS_ONE_FILE, output, mirror=mirror, retries=QUICK)
    found = contents(output)
    return json.loads(found.pop("provenance.json"))["source"], found


def test_a_model_that_is_one_file_is_served_by_a_file_a_tar_a_url_and_a_mirror(tmp_path):
    (tmp_path / "det_v6.onnx").write_bytes(MODEL)
    packed = tar_bytes(member("a/rec.onnx", b"other"), member("a/det_v6.onnx", MODEL))
    (tmp_path / "models.tar").write_bytes(packed)
    with serving({"/det_v6.onnx": [whole(MODEL)], "/models.tar": [whole(packed)]}) as server:
        url, archive = server.url("/det_v6.onnx"), server.url("/models.tar")
        expected = {
            f"file:{tmp_path}/det_v6.onnx": {"kind": "file", "name": "det_v6.onnx"},
            f"tar:{tmp_path}/models.tar!det_v6.onnx": {
                "kind": "tar",
                "name": "models.tar",
                "member": "det_v6.onnx",
            },
            url: {"kind": "url", "url": url},
            f"{archive}!det_v6.onnx": {"kind": "url", "url": archive, "member": "det_v6.onnx"},
        }
        for source, provenance in expected.items():
            assert fetched_as_one_file(source, tmp_path / "out") == (provenance, {"inference.onnx": MODEL})
    mirrored = fetched_as_one_file("https://example.org/det_v6.onnx", tmp_path / "out", str(tmp_path))
    assert mirrored == ({"kind": "mirror", "archive": "det_v6.onnx"}, {"inference.onnx": MODEL})


def test_another_file_under_the_models_name_is_refused_with_both_checksums(tmp_path):
    (tmp_path / "det.onnx").write_bytes(b"<html>")
    with pytest.raises(UserError, match=f"has SHA-256 .* expected {AS_ONE_FILE[0].sha256}"):
        fetched_as_one_file(f"file:{tmp_path}/det.onnx", tmp_path / "out")
