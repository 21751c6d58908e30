import ast
from pathlib import Path

import pytest

from snapml_ocr.snapml import constraints, rules
from snapml_ocr.snapml.documentation import errors_page, passes, rules_page
from snapml_ocr.snapml.layers import layer_table
from snapml_ocr.snapml.options import TARGETS, FixOptions
from snapml_ocr.snapml.rule_list import every_pass

PROJECT = Path(__file__).parents[2]
PROGRAM_FIXES = ("simplify.py", "snapml_fix.py")


@pytest.mark.parametrize(
    ("name", "page"), [("snapml.md", rules_page), ("lens-studio-errors.md", errors_page)]
)
def test_pages_say_what_rules_and_table_say(name, page):
    assert (PROJECT / "docs" / name).read_text(encoding="utf-8") == page(), (
        "run: PYTHONPATH=workflow/scripts python -m snapml_ocr.snapml.documentation docs"
    )


def test_every_rule_says_before_after_why_evidence_and_exactness():
    for one in passes():
        text = one.explanation
        assert all([text.title, text.before, text.after, text.why, text.evidence, text.exactness]), one.name


def test_every_rule_module_is_in_use():
    folder = Path(rules.__file__).parent
    used = (folder.parent / "rule_list.py").read_text() + (folder.parent / "fixer.py").read_text()
    defining = {
        path.stem
        for path in folder.glob("*.py")
        for one in ast.parse(path.read_text()).body
        if (isinstance(one, ast.ClassDef) and any(getattr(part, "name", "") == "run" for part in one.body))
        or (isinstance(one, ast.ClassDef) and any("Rule" in ast.unparse(base) for base in one.bases))
    } - {"rule"}
    assert {stem for stem in defining if f"rules.{stem} " not in used} == set()


def test_every_fix_is_a_rule_or_a_program_and_every_check_exists():
    table = layer_table()
    known = {one.name for one in every_pass(FixOptions())} | {"lower_opset"}
    entries = [*table.every_layer, *(one for row in table.rows for one in row.constraints)]
    fixes = [one.fix for one in entries] + [row.fix for row in table.rows]
    fixes += [one.fix for one in table.others.values()]
    for fix in filter(None, fixes):
        assert fix in known or fix.startswith(PROGRAM_FIXES), fix
    for one in entries:
        assert constraints.predicate(one.check)
        assert one.severity in ("refused", "not_available", "undocumented", "caveat")
        assert set(one.targets) <= set(TARGETS)
    assert {one.check for one in table.messages} <= {one.check for one in table.every_layer}


def test_every_statement_has_a_source_or_is_called_undocumented():
    table = layer_table()
    entries = [
        *table.every_layer,
        *table.rows,
        *table.others.values(),
        *table.limits.values(),
        *table.messages,
    ]
    entries += [one for row in table.rows for one in row.constraints]
    for one in entries:
        assert one.source or one.evidence == "undocumented"
        assert set(one.source) <= set(table.sources)


def test_the_table_has_the_fifty_layers_of_the_documentation():
    assert len({row.layer for row in layer_table().rows}) == 50
