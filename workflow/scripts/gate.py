"""Judge what a build measured against its limits.

Reads the parity, float16, compatibility, accuracy and training files of one pipeline and the limits (the
`gates` part of the configuration); prints a table of what was measured and allowed, failed limits first,
and where differences come from. Writes the same as JSON, also when a gate fails. Schema:
docs/evaluation.md. --enforce only prints such a result again and exits by it.

Exit 0 every limit kept (or --report_only), 1 a gate failed, 2 wrong usage.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tabulate import tabulate

from snapml_ocr.cli import Parser, run
from snapml_ocr.errors import CheckFailedError, UserError
from snapml_ocr.files import read_json, write_json


def parse_args() -> argparse.Namespace:
    """Define and read the command line."""
    parser = Parser(__doc__)
    parser.add_argument(
        "--enforce", type=Path, metavar="FILE", help="print an earlier --output and judge by it"
    )
    parser.add_argument("--gates", metavar="JSON|FILE", help="limits, as JSON text or a YAML file")
    parser.add_argument("--pipeline", default="", help="name of the pipeline in the result")
    parser.add_argument(
        "--parity", type=Path, nargs="*", default=[], help="{model}_{H}x{W}.json of parity.py"
    )
    parser.add_argument("--float16", type=Path, nargs="*", default=[], help="files of float16.py")
    parser.add_argument(
        "--compatibility",
        type=Path,
        nargs="*",
        default=[],
        help="{model}_{H}x{W}.compat.json of snapml_check.py",
    )
    parser.add_argument("--accuracy", type=Path, nargs="*", default=[], help="files of evaluate.py")
    parser.add_argument(
        "--training", type=Path, nargs="*", default=[], help="{model}/summary.json of train.py"
    )
    parser.add_argument("--report_only", action="store_true", help="exit 0 even when a gate fails")
    parser.add_output(what="JSON file to write", required=False)
    return parser.parse_args()


def main() -> None:
    """Parse, check, write, print."""
    args = parse_args()
    if args.enforce:
        conclude(read_json(args.enforce), report_only=False)
        return
    if not (args.gates and args.output):
        raise UserError("--gates and --output are needed (or --enforce with an earlier result)")

    from snapml_ocr.evaluate.diagnosis import diagnose
    from snapml_ocr.evaluate.gates import (
        accuracy_checks,
        compatibility_checks,
        float16_checks,
        parity_checks,
        training_checks,
    )
    from snapml_ocr.plan.configuration import read_gates
    from snapml_ocr.plan.yaml_file import read_mapping

    gates = read_gates(read_mapping("--gates", args.gates), "gates").model_dump(exclude_none=True)
    parity = {path.stem: read_json(path) for path in args.parity}
    float16 = {path.stem: read_json(path) for path in args.float16}
    compatibility = {
        path.name.removesuffix(".json").removesuffix(".compat"): read_json(path)
        for path in args.compatibility
    }
    accuracy = {document["dataset"]: document for document in map(read_json, args.accuracy)}
    trainings = {path.parent.name: read_json(path) for path in args.training}
    tasks = {subject: document["task"] for subject, document in {**float16, **parity}.items()}
    checks = [
        *parity_checks(gates, parity),
        *accuracy_checks(gates, accuracy),
        *float16_checks(gates, float16),
        *compatibility_checks(gates, compatibility, tasks),
        *training_checks(gates, trainings),
    ]
    result = {
        "pipeline": args.pipeline,
        "passed": all(check.passed for check in checks),
        "checks": [{**asdict(check), "passed": check.passed} for check in checks],
        "diagnosis": diagnose(checks, accuracy),
    }
    write_json(args.output, result)
    conclude(result, report_only=args.report_only)


def conclude(result: dict[str, Any], *, report_only: bool) -> None:
    """Print a result, failed limits first; `CheckFailedError` for a failed one unless `report_only`."""
    checks = sorted(result["checks"], key=lambda check: bool(check["passed"]))
    failed = [check for check in checks if not check["passed"]]
    print(_table(checks))
    for entry in result["diagnosis"]:
        print(f"{entry['dataset']}, stage {entry['stage']}: {entry['verdict']}")
    print(f"{len(checks) - len(failed)} of {len(checks)} limits kept")
    if failed and not report_only:
        first = failed[0]
        raise CheckFailedError(
            f"{len(failed)} of {len(checks)} gates failed; the first: {first['gate']} of {first['subject']},"
            f" stage {first['stage']}: {first['measure']} is {first['measured']:.6g}, allowed {first['rule']}"
            f" {first['limit']:g}"
        )


def _table(checks: list[dict[str, Any]]) -> str:
    """Lay the checks out in columns."""
    head = ("", "gate", "artifact", "stage", "measure", "measured", "allowed")
    rows = [
        (
            "" if check["passed"] else "FAILED",
            check["gate"],
            check["subject"],
            check["stage"],
            check["measure"],
            f"{check['measured']:.6g}",
            f"{check['rule']} {check['limit']:g}",
        )
        for check in checks
    ]
    table: str = tabulate(rows, headers=head, tablefmt="plain", disable_numparse=True)
    return table


if __name__ == "__main__":
    run(main)
