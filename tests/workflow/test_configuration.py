import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.errors import UserError
from snapml_ocr.plan.axes import FORMATS, TASKS
from snapml_ocr.plan.build_plan import all_files, description, make_plan, predictions_of, running_stages
from snapml_ocr.plan.configuration import read_catalogue, read_configuration
from snapml_ocr.plan.reader_options import ReaderOptions
from snapml_ocr.plan.shape import Shape
from snapml_ocr.plan.yaml_file import read_yaml

ROOT = Path(__file__).parents[2]
MODELS = read_catalogue(ROOT / "config/models.yaml")


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(ROOT / "config/config.yaml")
    return {**loaded, "build": ["ppocrv4-en"]}


@pytest.fixture
def catalogue_text() -> str:
    return (ROOT / "config/models.yaml").read_text()


def catalogue(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "models.yaml"
    path.write_text(text)
    return read_catalogue(path)


def test_the_shipped_configuration_and_catalogue_are_valid(config: dict[str, Any]) -> None:
    config["build"] = list(config["pipelines"])
    assert list(make_plan(config, MODELS).pipelines) == config["build"]


def test_a_misspelt_key_is_named_with_the_one_meant(config: dict[str, Any]) -> None:
    config["inference"]["det_db_tresh"] = 0.4
    with pytest.raises(
        UserError, match="inference: unknown key 'det_db_tresh'; did you mean 'det_db_thresh'"
    ):
        read_configuration(config)


@pytest.mark.parametrize("key", [None, 2024, True])
def test_a_key_that_is_no_text_is_named(config: dict[str, Any], key: Any) -> None:
    config["pipelines"][key] = {}
    with pytest.raises(UserError, match=rf"pipelines: key {key} found, expected text"):
        read_configuration(config)


def test_a_misspelt_target_is_named_with_the_one_meant(config: dict[str, Any]) -> None:
    config["targets"] = ["cpu", "iphone_gpo"]
    with pytest.raises(UserError, match=r"targets\.1: 'iphone_gpo' is not known; did you mean 'iphone_gpu'"):
        read_configuration(config)


def test_a_misspelt_pipeline_is_named_with_the_one_meant(config: dict[str, Any]) -> None:
    config["build"] = ["ppocrv4en"]
    with pytest.raises(
        UserError, match="build: pipeline 'ppocrv4en' is not defined; did you mean 'ppocrv4-en'"
    ):
        make_plan(config, MODELS)


def test_a_model_in_a_role_it_cannot_play_is_refused(config: dict[str, Any]) -> None:
    config["pipelines"]["ppocrv4-en"]["detector"] = {"model": "ch_PP-OCRv4_rec_infer"}
    with pytest.raises(UserError, match="does recognition, a detector does detection"):
        make_plan(config, MODELS)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("task: detection", "task: detektion", "'detektion' is not known; did you mean 'detection'"),
        ("format: pdmodel", "format: pir", "format pir has inference.json and inference.pdiparams"),
        ("shapes: [640x640]", "shapes: [640]", "shapes.0"),
        ("shapes: [640x640]", "", "'shapes' is a required property"),
        ("task: recognition", "tasks: recognition", "unknown key 'tasks'; did you mean 'task'"),
        ("channel_order: bgr", "channel_order: bgrr", "did you mean 'bgr'"),
        ("ch_PP-OCRv4_det_infer:\n", "../escape:\n", "'../escape' is not a usable name"),
    ],
)
def test_a_mistake_in_the_catalogue_is_explained_in_one_line(
    tmp_path: Path, catalogue_text: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(UserError) as caught:
        catalogue(tmp_path, catalogue_text.replace(old, new, 1))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "models.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2", "line 1: not YAML"),
        ("a: &x [1]\nb: *x\n", "line 2: YAML aliases"),
        ("[" * 3000, "not YAML"),
        ("a: !!python/object/apply:os.system [ls]", "not YAML"),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "models.yaml").write_text(text)
    with pytest.raises(UserError, match=message):
        read_yaml(tmp_path / "models.yaml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_no_document_of_wrong_types_gives_anything_but_a_user_error(document: Any) -> None:
    with pytest.raises(UserError):
        read_configuration(document)


def test_a_shape_is_written_as_it_is_read() -> None:
    assert str(Shape.parse("48x832")) == "48x832"


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ({"parityy": {}}, "gates: unknown key 'parityy'; did you mean 'parity'"),
        ({"half_precision": {}}, "gates: unknown key 'half_precision'; it is called 'float16' now"),
        ({"parity": {"detection": {"max_ab": 1}}}, "unknown key 'max_ab'; did you mean 'max_abs'"),
        (
            {"accuracy": {"minimum": {"images": {"end_to_end_hmean_strickt": 0.3}}}},
            "'end_to_end_hmean_strickt' is not known; did you mean 'end_to_end_hmean_strict'",
        ),
        (
            {"accuracy": {"minimum": {"imags/billboard": {"strict": 0.3}}}},
            "gates.accuracy.minimum: dataset 'imags' is not defined; did you mean 'images'",
        ),
        ({"size": {"model_megabytes": "1e-5"}}, "expected a valid number; YAML needs 1.0e-5, not 1e-5"),
    ],
)
def test_a_mistake_in_the_gates_is_found_before_anything_runs(
    config: dict[str, Any], gates: Any, message: str
) -> None:
    config["gates"] = gates
    with pytest.raises(UserError) as caught:
        make_plan(config, MODELS)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_option_of_the_reader_is_a_key_of_the_build(config: dict[str, Any]) -> None:
    config["inference"] = {"retry_below": 0.5, "allowed_characters": "0123", "tile_below": 0.3}
    assert make_plan(config, MODELS).configuration.inference.retry_below == 0.5


def test_a_pipeline_may_be_read_in_its_own_way(config: dict[str, Any]) -> None:
    config["build"] = ["ppocrv4-en", "ppocrv3-en"]
    config["inference"]["drop_score"] = 0.7
    config["pipelines"]["ppocrv3-en"]["inference"] = {"retry_below": 0, "level": "word"}
    plan = make_plan(config, MODELS)
    own, common = (description(plan, plan.pipelines[name], "snapml") for name in ("ppocrv3-en", "ppocrv4-en"))
    assert (own["settings"]["drop_score"], own["settings"]["retry_below"], own["level"]) == (0.7, 0, "word")
    assert (common["settings"]["retry_below"], common["level"]) == (0.9, "line")
    config["pipelines"]["ppocrv3-en"]["inference"] = {"retry_bellow": 0}
    with pytest.raises(UserError, match="did you mean 'retry_below'"):
        make_plan(config, MODELS)


def test_a_charset_of_a_pipeline_makes_the_same_model_as_one_of_the_catalogue(config: dict[str, Any]) -> None:
    part = {
        "model": "ch_PP-OCRv4_rec_infer",
        "charset": "rec_char_dict/en_dict.txt",
        "shapes": ["48x320", "48x832"],
    }
    config["pipelines"]["ppocrv4-en"]["recognizer"] = part
    cut = make_plan(config, MODELS).models["ch_PP-OCRv4_rec_infer-en"]
    assert cut == MODELS["ch_PP-OCRv4_rec_infer-en"]


def test_a_model_that_only_a_lens_runs_is_checked_and_not_run(config: dict[str, Any]) -> None:
    config["build"] = ["ppocrv6-tiny-en", "ppocrv4-en"]
    native = {
        **MODELS,
        "PP-OCRv6_rec_tiny": MODELS["PP-OCRv6_rec_tiny"].model_copy(update={"gelu": "native"}),
    }
    plan = make_plan(config, native)
    files, tiny = set(all_files(plan)), plan.pipelines["ppocrv6-tiny-en"]
    name = "PP-OCRv6_rec_tiny-en_48x320"
    made = {
        f"results/snapml/{name}.onnx",
        f"results/snapml/{name}.compat.json",
        f"results/parity/{name}.json",
    }
    assert made <= files
    assert f"results/float16/{name}.json" not in files
    assert "results/float16/PP-OCRv6_det_tiny_640x640.json" in files
    assert {one for one in files if one.startswith("results/lens/")} == {"results/lens/ppocrv4-en.zip"}
    assert running_stages(tiny.models) == ["onnx", "simplified"]
    assert set(predictions_of(plan, tiny.name, "images", ["1-of-1"])) == {"paddle", "onnx", "simplified"}
    assert description(plan, tiny, "simplified")["shipped"] == "simplified"
    assert running_stages(plan.pipelines["ppocrv4-en"].models) == ["onnx", "simplified", "snapml"]


def test_a_charset_of_a_detector_is_refused(config: dict[str, Any]) -> None:
    config["pipelines"]["ppocrv4-en"]["detector"]["charset"] = {"characters": "0123"}
    with pytest.raises(UserError, match="charset: ch_PP-OCRv4_det_infer does detection, only recognizers"):
        make_plan(config, MODELS)


def test_schemas_and_tables_of_keys_are_current() -> None:
    command = [sys.executable, "workflow/scripts/document_keys.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_shipped_configuration_states_the_defaults_of_the_code(config: dict[str, Any]) -> None:
    stated = make_plan(config, MODELS).configuration
    assert stated.inference == ReaderOptions()
    assert stated.opsets == {name: one.opset for name, one in FORMATS.items() if one.opset}
    for task, one in TASKS.items():
        assert stated.tolerance("simplify", task) == stated.tolerance("snapml", task) == one.tolerance


@pytest.mark.parametrize(
    ("arguments", "location", "said"),
    [
        (["--"], None, "--cache needs the variable SNAKEMAKE_OUTPUT_CACHE, which is not set"),
        (["--"], "none", "which names none, which is no folder; mkdir -p none"),
        ([], "images", "--cache takes the names of rules, and models is none that is cached"),
    ],
)
def test_a_cache_that_cannot_be_used_ends_a_build_before_any_job(
    arguments: list[str], location: str | None, said: str
) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_OUTPUT_CACHE"}
    variables |= {"SNAKEMAKE_OUTPUT_CACHE": location} if location else {}
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cache", *arguments, "models"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 1
    printed = done.stdout + done.stderr
    assert said in printed
    assert "Traceback" not in printed
    assert "Job stats" not in printed
