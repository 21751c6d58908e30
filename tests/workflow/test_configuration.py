import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapml_ocr.configuration import Shape, pipelines_to_build, read_catalogue
from snapml_ocr.errors import UserError
from snapml_ocr.schema import read_yaml, validate

ROOT = Path(__file__).parents[2]
CONFIG_SCHEMA = read_yaml(ROOT / "workflow/schemas/config.schema.yaml")
MODELS_SCHEMA = ROOT / "workflow/schemas/models.schema.yaml"


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml(ROOT / "config/config.yaml")
    return loaded


@pytest.fixture
def catalogue_text() -> str:
    return (ROOT / "config/models.yaml").read_text()


def catalogue(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "models.yaml"
    path.write_text(text)
    return read_catalogue(path, MODELS_SCHEMA)


def test_the_shipped_configuration_and_catalogue_are_valid(config: dict[str, Any]) -> None:
    validate(config, CONFIG_SCHEMA, "config.yaml")
    models = read_catalogue(ROOT / "config/models.yaml", MODELS_SCHEMA)
    config["build"] = list(config["pipelines"])
    assert [pipeline.name for pipeline in pipelines_to_build(config, models)] == config["build"]


def test_every_key_of_both_schemas_is_explained_in_the_configuration_guide() -> None:
    guide = (ROOT / "config/README.md").read_text()

    def keys(schema: Any) -> set[str]:
        found: set[str] = set()
        if isinstance(schema, dict):
            found |= set(schema.get("properties", {}))
            for value in schema.values():
                found |= keys(value)
        return found

    missing = {
        key
        for key in keys(CONFIG_SCHEMA) | keys(read_yaml(MODELS_SCHEMA))
        if not re.search(rf"`([a-z_]+\.)*{key}`", guide)
    }
    assert not missing


def test_a_misspelt_key_is_named_with_the_one_meant(config: dict[str, Any]) -> None:
    config["inference"]["det_db_tresh"] = 0.4
    with pytest.raises(
        UserError, match="inference: unknown key 'det_db_tresh'; did you mean 'det_db_thresh'"
    ):
        validate(config, CONFIG_SCHEMA, "config.yaml")


@pytest.mark.parametrize("key", [None, 2024, True])
def test_a_key_that_is_no_text_is_named(config: dict[str, Any], key: Any) -> None:
    config["pipelines"][key] = {}
    with pytest.raises(UserError, match=rf"pipelines: key {key} found, expected text"):
        validate(config, CONFIG_SCHEMA, "config.yaml")


def test_a_misspelt_target_is_named_with_the_one_meant(config: dict[str, Any]) -> None:
    config["targets"] = ["cpu", "iphone_gpo"]
    with pytest.raises(UserError, match=r"targets\.1: 'iphone_gpo' is not known; did you mean 'iphone_gpu'"):
        validate(config, CONFIG_SCHEMA, "config.yaml")


def test_a_misspelt_pipeline_is_named_with_the_one_meant(config: dict[str, Any]) -> None:
    config["build"] = ["ppocrv4en"]
    with pytest.raises(
        UserError, match="build: pipeline 'ppocrv4en' is not defined; did you mean 'ppocrv4-en'"
    ):
        pipelines_to_build(config, read_catalogue(ROOT / "config/models.yaml", MODELS_SCHEMA))


def test_a_model_in_a_role_it_cannot_play_is_refused(config: dict[str, Any]) -> None:
    config["pipelines"]["ppocrv4-en"]["detector"] = {"model": "ch_PP-OCRv4_rec_infer"}
    with pytest.raises(UserError, match="does recognition, a detector does detection"):
        pipelines_to_build(config, read_catalogue(ROOT / "config/models.yaml", MODELS_SCHEMA))


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
        validate(document, CONFIG_SCHEMA, "config.yaml")


def test_a_shape_is_written_as_it_is_read() -> None:
    assert str(Shape.parse("48x832")) == "48x832"
