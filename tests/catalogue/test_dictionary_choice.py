"""Which dictionary a recognizer gets, for scripts of all sizes, without any export."""

import re
from pathlib import Path

import pytest

from catalogue.inference_ymls import recognizer_yml
from coded_recognizer import HEIGHT, save_coded_recognizer
from snapml_ocr.catalogue.dictionary_choice import choose_dictionary, is_right_to_left
from snapml_ocr.catalogue.finding import ask_nobody
from snapml_ocr.catalogue.graph import Graph
from snapml_ocr.catalogue.inference_yml import InferenceYml, read_inference_yml
from snapml_ocr.catalogue.inspector import ModelInspector
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.dictionary import Dictionary

SCRIPTS = {
    "digits and capitals": list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/.:"),
    "latin with accents": list("aàáâãäåæbcçdeèéêëfghiìíîïjklmnñoòóôõöøœpßqrstuùúûüvwxyýÿz"),
    "cyrillic": [chr(code) for code in range(0x400, 0x4A0)],
    "devanagari": [chr(code) for code in range(0x900, 0x980)] + ["क्ष", "त्र"],
    "arabic": [chr(code) for code in range(0x621, 0x6D4)],
    "japanese": [chr(code) for code in [*range(0x3041, 0x30FF), *range(0x4E00, 0x5C00)]],
    "korean": [chr(code) for code in range(0xAC00, 0xAC00 + 3687)],
    "twenty thousand": [chr(0x20000 + number) for number in range(20_000)],
    "an empty line": ["a", "", "b"],
    "an empty last line": ["a", "b", ""],
    "a trailing space": ["a", "b", " "],
    "blanks around": ["a ", " b", "c"],
    "what YAML takes for something else": [
        "no",
        "1",
        "~",
        "null",
        "1e3",
        "'",
        '"',
        "#",
        ": ",
        "-",
        "\t",
        "\\",
    ],
}


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model").mkdir()


def inspector(classes: int, declared: InferenceYml | None = None) -> ModelInspector:
    graph = Graph(save_coded_recognizer(Path("rec.onnx"), classes), "rec")
    return ModelInspector("rec", graph, declared or InferenceYml(), ask_nobody)


def choose(one: ModelInspector, given: Path | None = None):
    seen = one.behaviour([])
    assert (seen.task, seen.height) == ("recognition", HEIGHT)
    return choose_dictionary(one, "mine", seen.classes, given=given, beside=Path("model"), others=lambda: [])


def written(choice) -> Dictionary:
    path = Path(choice.reference.name)
    if choice.content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(choice.content)
    return Dictionary.read(path, space=choice.use_space_char)


@pytest.mark.parametrize("space", [True, False])
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_entries_of_inference_yml_reach_the_reader_as_they_are(script, space):
    expected = Dictionary(tuple(SCRIPTS[script]), space)
    Path("inference.yml").write_text(recognizer_yml(SCRIPTS[script]), encoding="utf-8")
    one = inspector(len(expected.characters), read_inference_yml(Path("inference.yml")))
    assert written(choose(one)).characters == expected.characters


@pytest.mark.parametrize("space", [True, False])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_dictionary_beside_the_model_is_copied_and_its_space_counted(script, space):
    expected = Dictionary(tuple(SCRIPTS[script]), space)
    Path("model/own.txt").write_bytes("".join(f"{entry}\n" for entry in SCRIPTS[script]).encode())
    Path("model/other.txt").write_text("a\n" * 7)
    one = inspector(len(expected.characters))
    if script == "an empty last line" and not space:  # taken for the line that editors leave
        with pytest.raises(UserError, match="say --dictionary FILE"):
            choose(one)
        return
    choice = choose(one)
    assert choice.reference.name == "rec_char_dict/mine.txt"
    assert written(choice).characters == expected.characters


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_runs_right_to_left_is_noticed(script):
    entries = [*SCRIPTS[script], *"abcdefghijklmnopqrstuvwxyz0123456789"]
    one = inspector(len(entries) + 2, InferenceYml(characters=tuple(entries)))
    assert is_right_to_left(one, choose(one)) is (script == "arabic")
    assert ("right_to_left" in one.remarks) is (script == "arabic")


def test_a_dictionary_of_the_project_is_used_where_it_is():
    Path("words").mkdir()
    Path("words/mine.txt").write_text("a\nb\n")
    choice = choose(inspector(4), given=Path("words/mine.txt"))
    assert (choice.reference.name, choice.content, choice.use_space_char) == ("words/mine.txt", None, True)


def test_a_dictionary_whose_name_a_rule_cannot_take_is_copied():
    Path("my words.txt").write_text("a\nb\n")
    choice = choose(inspector(3), given=Path("my words.txt"))
    assert (choice.reference.name, choice.content) == ("rec_char_dict/mine.txt", b"a\nb\n")
    assert choice.use_space_char is False


def test_of_several_that_fit_one_is_asked_for_and_the_first_is_the_default():
    Path("model/one.txt").write_text("a\nb\n")
    Path("model/same.txt").write_text("a\nb\n")
    Path("model/two.txt").write_text("c\nd\n")
    questions = []
    one = inspector(4)
    one.ask = lambda *question: questions.append(question) or "two.txt"
    assert written(choose(one)).entries == ("c", "d")
    ((question, default, flag),) = questions
    assert question == "2 dictionaries fit its 4 classes (one.txt, two.txt); which is it?"
    assert (default, flag) == ("one.txt", "--dictionary FILE")
    assert written(choose(inspector(4), given=Path("two.txt"))).entries == ("c", "d")


def test_an_answer_that_does_not_fit_is_refused():
    Path("short.txt").write_text("a\n")
    one = inspector(9)
    one.ask = lambda *_: "short.txt"
    with pytest.raises(UserError, match="1 entries, which makes 2 classes with the blank and 3 with a space"):
        choose(one)


def test_an_entry_that_cannot_stand_in_a_line_is_refused():
    one = inspector(4, InferenceYml(characters=("a\nb", "c")))
    with pytest.raises(UserError, match="cannot stand in a line"):
        choose(one)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("PostProcess: {name: CTCLabelDecode, character_dict: abc}", "is no list of characters"),
        ("PreProcess: {transform_ops: [{NormalizeImage: {mean: [1, 2]}}]}", "three numbers were expected"),
        ("PreProcess: {transform_ops: [{NormalizeImage: {mean: [a, b, c]}}]}", "a number was expected"),
        ("PreProcess: {transform_ops: [{NormalizeImage: {scale: 1.0}}]}", "scale is 1.0, expected 1/255"),
        ("PreProcess: {transform_ops: [{DecodeImage: {img_mode: GRAY}}]}", "gives GRAY pictures"),
        ("a: [b", "not YAML; leave the file out"),
        ("a:\n  b: {{{", "not YAML"),
    ],
)
def test_what_is_wrong_in_an_inference_yml_is_said(text, reason):
    Path("inference.yml").write_text(text)
    with pytest.raises(UserError, match=re.escape(reason)):
        read_inference_yml(Path("inference.yml"))


@pytest.mark.parametrize(
    "text", ["", "[]", "PreProcess: no", "PostProcess: [1]", "PreProcess: {transform_ops: 3}"]
)
def test_an_inference_yml_that_says_nothing_is_as_good_as_none(text):
    Path("inference.yml").write_text(text)
    assert read_inference_yml(Path("inference.yml")) == InferenceYml()
