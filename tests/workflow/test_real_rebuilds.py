"""Which jobs run, on a real build: what test_rebuilds.py plans, done for the changes that matter most."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from extended import only_extended
from small_build import MODEL, SETTINGS, artifacts, built, copy_of_undisturbed, undisturbed

LIBRARY = "workflow/scripts/snapml_ocr"
CHANGED_FOR_GOOD = {"lineage.json", "manifest.json"}
"""They list the hash of the code behind each artifact."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_of_undisturbed(tmp_path / "project")


def remark(path: str, text: str = "\n# a remark\n") -> Callable[[Path], None]:
    def change(project: Path) -> None:
        with (project / path).open("a") as file:
            file.write(text)

    return change


def remove_an_artifact(project: Path) -> None:
    (project / f"results/snapml/{MODEL}_96x96.onnx").unlink()


def take_a_new_onnxsim(project: Path) -> None:
    lock = project / "envs/pipeline.lock"
    text, count = re.subn(r"^onnxsim==\S+", "onnxsim==99.0", lock.read_text(), flags=re.MULTILINE)
    assert count == 1
    lock.write_text(text)


def add_a_model(project: Path) -> None:
    text = (project / SETTINGS).read_text().replace("build: [small]", "build: [small, more]")
    more = "  more:\n    classifier: {model: ch_ppocr_mobile_v2_cls_infer, shapes: [48x192]}\n"
    (project / SETTINGS).write_text(text.replace("pipelines:\n", f"pipelines:\n{more}"))


CONVERSION = {"simplify": 1, "snapml_fix": 1, "snapml_check": 1}


def test_a_fresh_checkout_with_copied_results_runs_nothing(project: Path) -> None:
    assert built(project).jobs == {}
    assert artifacts(project) == artifacts(undisturbed())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            remark(f"{LIBRARY}/snapml/rules/hard_sigmoid.py"),
            {"snapml_fix": 1, "snapml_check": 1},
            id="one rewrite rule",
        ),
        pytest.param(
            remove_an_artifact, {"snapml_fix": 1, "snapml_check": 1}, id="an artifact removed by hand"
        ),
        pytest.param(take_a_new_onnxsim, CONVERSION, id="a new version of onnxsim", marks=only_extended),
        pytest.param(
            add_a_model,
            {"fetch_pdmodel": 1, "export_pdmodel": 1, **CONVERSION},
            id="a model",
            marks=only_extended,
        ),
    ],
)
def test_models_are_made_anew_from_the_changed_stage_on_with_the_same_bytes(
    project: Path, change: Callable[[Path], None], expected: dict[str, int]
) -> None:
    before = artifacts(project)
    change(project)
    assert built(project, "--", "models").jobs == expected
    after = artifacts(project)
    assert {name: after[name] for name in before} == before


@only_extended
def test_a_remark_in_a_protocol_repeats_what_is_scored_by_it_although_the_scores_come_out_equal(
    project: Path,
) -> None:
    before = artifacts(project)
    remark(f"{LIBRARY}/evaluate/detection.py")(project)
    scored = {"float16": 1, "accuracy": 1, "gates": 1, "report": 1, "lineage": 1, "manifest": 1}
    assert built(project).jobs == scored
    after = artifacts(project)
    assert {name for name in before if after[name] != before[name]} == CHANGED_FOR_GOOD
    assert built(project).jobs == {}
