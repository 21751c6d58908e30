"""Write docs/snapml.md and docs/lens-studio-errors.md from the rules and the layer table.

    PYTHONPATH=workflow/scripts python -m snapml_ocr.snapml.documentation docs

A test fails when the pages and what they are made of have drifted apart.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from snapml_ocr.files import write_text
from snapml_ocr.snapml.layers import Constraint, Row, Table, layer_table
from snapml_ocr.snapml.lower_opset import LowerOpset
from snapml_ocr.snapml.options import TARGETS, FixOptions
from snapml_ocr.snapml.passes import Pass
from snapml_ocr.snapml.rule_list import every_pass

GENERATED = "<!-- Made by snapml_ocr.snapml.documentation; edit the rules and layers.yaml instead. -->"

INTRODUCTION = """# What SnapML takes, and how a model is brought there

Lens Studio imports ONNX files and runs them by SnapML on four targets: the processor (`cpu`), the graphics
chip of iPhones and of Android phones (`iphone_gpu`, `android_gpu`) and the neural accelerator of iPhones
(`iphone_npu`). Which layers each of them has is documented; how ONNX becomes layers is not. This page lists
what is known, on which evidence, and every rewrite that `snapml_fix.py` knows.

## The two programs

    python workflow/scripts/snapml_check.py MODEL.onnx [--targets ...] [--json FILE]
    python workflow/scripts/snapml_fix.py --input_path A.onnx --output_path B.onnx [--report FILE]

They work on any ONNX file with fixed shapes (for the fixer), whoever exported it.

`snapml_check.py` compares each layer with the layer table, says how many run on each target, and lists the
others with the constraint that decided, its evidence and the rewrite that helps. It exits with 0 when
nothing is known that speaks against the import and nothing in the model is undocumented on the processor,
with 1 otherwise, with 2 for a file that is no ONNX model. *Not available* means documented as missing;
*undocumented* means that nothing is known, and is never guessed. A *caveat* is a layer that runs and
deserves attention.

`snapml_fix.py` applies the rules below to a fixed point. After each rule the ONNX checker and strict shape
inference run; at the end the outputs of both models are compared in ONNX Runtime, its own optimisations
off, on random input and on `--probe_images`. When they differ by more than `--max_abs_diff`, nothing is
written. The report (`--report`) names every change and every refusal by node. The result has opset 11, the
same bytes on every run, and fixing it again changes nothing.

`--targets` names the targets that matter. With `iphone_npu` among them (the default), rules prefer forms
without Constant operands, Slice, Sub, Div and Sqrt, which it lacks. `--stride_form pool` or `slice` chooses
what unequal strides become; by default pooling with the iPhone NPU, Slice without it.

`--gelu tanh` (the default) writes GELU with sigmoids; `--gelu native` writes `GeluSnap`, the operator of
Snap's own script. It is in no ONNX registry: the model is then compared with GeluSnap defined as x Phi(x),
the written file opens in no ONNX runtime, and which form Lens Studio computes on which target is not
documented. In a build, `gelu: native` in the catalogue entry does the same: the model is rewritten and
checked, but not compared, read with, timed, rounded to float16 or bundled; its pipeline is read with the
stage before, and the report names it on its first screen. Where GeluSnap runs is undocumented, so such a
pipeline needs its own limits under `gates.compatibility`. A model without GELU is refused.

`--output scores` makes a recognizer give (1, C, 1, T) scores instead of (1, T, C) probabilities, so that
nothing of its head leaves the layout of convolutions. The metadata say `output: scores`, readers apply the
Softmax, and the fixer and `compare.py` do so before they compare.

## How exact

Every rule but two is exact in real arithmetic; in float32 the order of roundings changes. GELU and Erf are
approximations with a bound, applied first: the other rules are compared with the model behind them. What
they moved is compared with the source, by `--max_approximation_diff`, and noted in the report
(`approximations`), the model's metadata and the checker's document. PP-OCRv6 tiny, 48x320: probabilities
move by 4.4e-4.

On random input the
outputs of the PP-OCR models move by less than 1e-5. On pictures a detector's map is steep at the borders of
text: there it moves by up to 6e-5, about as much as the last bit of the input (4e-5) or ONNX Runtime's own
optimisation (3e-5) moves it, and the mask at the threshold of 0.3 stays the same. `--max_abs_diff` is 1e-4
by default for that reason.

## What attention without MatMul costs

The PP-OCRv4 recognizer at 48x320: layers missing on the iPhone NPU fall from 31 to 12, on the Android GPU
from 4 to none, and 97.0 % of its multiply-adds lie in one run of layers on the NPU. All products of two
steps are held in memory, 0.2 million numbers at 48x320, 1.3 million at 48x832. In ONNX Runtime on one core
the model takes 1.06 times the processor time of the same with MatMul (1.25 at 48x832), and 0.12 MB more
(0.68). With the shift of HardSwish as a convolution it takes 0.93 (0.98) of what it took with neither
(medians of 40 runs in turns). `--targets cpu,iphone_gpu` keeps MatMul.

PP-OCRv6 tiny has no attention: 0.26 of the v4 recognizer's time, and with `--output scores` every layer on
every target; 800 of 800 texts of iiit5k-words as before.

## Which models

Any opset: ONNX's own converter brings versions below 11 up and versions above 20 down, where it is exact;
what lies between is decided operator by operator. A computed tensor that is no float32 and does not fold
into a constant is refused before any rule runs. Of 1860 operator tests of onnx 1.23.2 whose inputs have
fixed sizes, 466 give the same numbers, 1394 are refused in one line (most compute with integers, bool or
float16, or are operators that opset 11 does not have), none gives other numbers, an invalid model or a
traceback
(`python -m pytest -m slow tests/snapml/test_operators_of_onnx.py`).

## What nobody knows

Unequal strides of pooling are not mentioned in the documentation. Try a new model in Lens Studio once.

## Evidence

| grade | means |
|---|---|
| documented | Snap's documentation says so |
| recorded | Lens Studio wrote it into a project when it imported the tutorial's two models |
| documented_snap_code | a notebook or package of Snap says so |
| inferred_snap_code | concluded from what Snap's code does |
| reported | users met it |
| inferred_tutorial | concluded from the fixers of the OCR tutorial, whose models import |
| undocumented | nothing was found |
"""

ERRORS_INTRODUCTION = """# Messages of Lens Studio at import

What people meet when they import an ONNX file, what causes it, and what helps. `snapml_check.py` recognises
each of them before the import.
"""


def rules_page() -> str:
    """Return docs/snapml.md."""
    table = layer_table()
    return "\n".join(
        [
            GENERATED,
            INTRODUCTION,
            "## Rules\n",
            "In the order in which they run.\n",
            *(_rule(one) for one in passes()),
            "## Layers\n",
            *_layers(table),
            "\n## Checks of every layer\n",
            *(_constraint(one) for one in table.every_layer),
            "\n## Operators outside the table\n",
            "| operator | known | evidence |\n|---|---|---|",
            *(f"| {one.operator} | {one.requirement} | {one.evidence} |" for one in table.others.values()),
            "\nAny other operator is undocumented.",
            "\n## Limits\n",
            *(f"- {one.requirement} ({one.evidence})" for one in table.limits.values()),
            "\n## Sources\n",
            *(f"- {key}: [{one['what']}]({one['url']})" for key, one in table.sources.items()),
            "",
        ]
    )


def errors_page() -> str:
    """Return docs/lens-studio-errors.md."""
    sections = [GENERATED, ERRORS_INTRODUCTION]
    for one in layer_table().messages:
        sections.append(f"## {one.message}\n")
        sections.append(f"**Cause.** {one.cause}\n")
        sections.append(f"**Fix.** {one.fix}\n")
        sections.append(
            f"**Checked by** `{one.check}`; evidence: {one.evidence} ({', '.join(one.source)}).\n"
        )
    return "\n".join(sections)


def passes() -> list[LowerOpset | Pass]:
    """Return every pass once, in order; passes that share an explanation are one rule."""
    options = FixOptions()
    found: list[LowerOpset | Pass] = []
    titles: set[str] = set()
    for one in [LowerOpset(), *every_pass(options)]:
        if one.explanation.title not in titles:
            titles.add(one.explanation.title)
            found.append(one)
    return found


def _rule(one: LowerOpset | Pass) -> str:
    text = one.explanation
    return (
        f"### {text.title}\n\n`{one.name}`\n\n"
        f"- **Before:** {text.before}\n- **After:** {text.after}\n- **Why:** {text.why}\n"
        f"- **Evidence:** {text.evidence}\n- **Exactness:** {text.exactness}\n"
    )


def _layers(table: Table) -> Iterator[str]:
    yield "| layer | ONNX operators | " + " | ".join(TARGETS) + " | asks for |"
    yield "|---|---|" + "---|" * len(TARGETS) + "---|"
    for row in table.rows:
        marks = " | ".join("yes" if target in row.available else "no" for target in TARGETS)
        yield f"| {row.layer} | {', '.join(row.operators)} | {marks} | {_asked(row)} |"


def _asked(row: Row) -> str:
    return "; ".join(
        f"{one.requirement}{_where(one)} ({one.severity.replace('_', ' ')} otherwise, {one.evidence})"
        for one in row.constraints
    )


def _where(one: Constraint) -> str:
    return "" if set(one.targets) == set(TARGETS) else f" on {', '.join(one.targets)}"


def _constraint(one: Constraint) -> str:
    return f"- {one.requirement} ({one.severity.replace('_', ' ')} otherwise, {one.evidence})"


def main() -> None:
    """Write both pages into the folder given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs")
    write_text(folder / "snapml.md", rules_page())
    write_text(folder / "lens-studio-errors.md", errors_page())


if __name__ == "__main__":
    main()
