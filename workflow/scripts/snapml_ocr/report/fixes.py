"""Which rule changed which nodes for SnapML, and which refused."""

from collections import Counter

from snapml_ocr.report.build import Build
from snapml_ocr.report.tables.table import Column, Table


def fixes_table(build: Build) -> Table:
    """One row per model and rule that changed something."""
    columns = (
        Column("model", "Model"),
        Column("shape", "Input"),
        Column("rule", "Rule", lambda name: name.replace("_", " ")),
        Column("times", "Times", str, number=True),
        Column("before", "Took"),
        Column("after", "Put"),
    )
    rows = []
    for model in build.models:
        changes = (model.fixes or {}).get("changes", [])
        counts = Counter(
            (change["rule"], _joined(change["before"]), _joined(change["after"])) for change in changes
        )
        for (rule, before, after), times in counts.items():
            rows.append(
                {
                    "model": model.model,
                    "shape": model.shape,
                    "rule": rule,
                    "times": times,
                    "before": before,
                    "after": after,
                }
            )
    return Table("fixes", "What the SnapML rules changed", columns, rows)


def fix_counts_table(build: Build) -> Table:
    """One row per rule, one column per model (at its first shape): how often the rule changed something."""
    first = {model.model: model for model in reversed(build.models) if model.fixes}
    counts = {
        name: Counter(change["rule"] for change in (model.fixes or {})["changes"])
        for name, model in reversed(first.items())
    }
    rules = sorted({rule for found in counts.values() for rule in found})
    columns = [Column("rule", "Rule", lambda name: name.replace("_", " "))]
    columns += [Column(name, name, number=True) for name in counts]
    rows = [{"rule": rule, **{name: found[rule] for name, found in counts.items()}} for rule in rules]
    return Table("fix_counts", "How often each SnapML rule changed something", columns, rows)


def refusals_table(build: Build) -> Table:
    """One row per model, rule and reason why nodes were left alone."""
    columns = (
        Column("model", "Model"),
        Column("shape", "Input"),
        Column("rule", "Rule", lambda name: name.replace("_", " ")),
        Column("operator", "Operator"),
        Column("nodes", "Nodes", str, number=True),
        Column("reason", "Reason"),
    )
    rows = []
    for model in build.models:
        counts = Counter(
            (refusal["rule"], refusal["operator"], refusal["reason"])
            for refusal in (model.fixes or {}).get("refusals", [])
        )
        for (rule, operator, reason), nodes in counts.items():
            rows.append(
                {
                    "model": model.model,
                    "shape": model.shape,
                    "rule": rule,
                    "operator": operator,
                    "nodes": nodes,
                    "reason": reason,
                }
            )
    return Table("refusals", "Nodes that the rules left as they are", columns, rows)


def _joined(operators: list[str]) -> str:
    """`Mul, Add, Clip`; operators that repeat are counted."""
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in Counter(operators).items())
