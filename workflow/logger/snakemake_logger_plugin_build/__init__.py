"""What `make build` shows: one line a finished job, a progress bar on a terminal, and a short ending.

A logger plugin (`snakemake --logger build`, with the folder above in PYTHONPATH). Snakemake's own output
goes to the file below .snakemake/log as always. The ending names, per pipeline, whether its limits were kept,
where models, pipeline files and report lie and what took longest; after a failure the failed step, the last
lines of its log and the command that repeats it.
"""

import json
import logging
import shlex
import sys
import time
from dataclasses import dataclass, field
from logging import LogRecord
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from tqdm import tqdm

LOG_LINES = 8
"""Of a failed step's log: the error, and what led to it."""

SLOWEST = 3
"""Jobs that the ending names."""

MAX_FAILURES = 5
"""Failed steps that are shown in full; with --keep-going there may be many."""


EXPECTED = ("Workflow defines that rule", "Using workflow specific profile")
"""How warnings begin that say what this workflow is meant to do."""


@dataclass
class Job:
    """A job that was started."""

    rule: str
    title: str
    outputs: list[str]
    logs: list[str]
    started: float = field(default_factory=time.monotonic)


class LogHandler(LogHandlerBase):  # type: ignore[misc]
    """Turns Snakemake's events into lines; see the module."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        self.total = self.done = 0
        self.nothing_to_do = False
        self.running: dict[int, Job] = {}
        self.took: list[tuple[float, str]] = []
        self.failed: list[Job] = []
        self.errors: list[str] = []
        self.bar: Any = None
        self.ended = False

    def emit(self, record: LogRecord) -> None:
        """Show one event; an error of this display never ends a build."""
        try:
            event = getattr(record, "event", None)
            if event == LogEvent.RUN_INFO:
                self._start(record.__dict__.get("stats") or {})
            elif event == LogEvent.JOB_INFO:
                self._job_started(record)
            elif event == LogEvent.JOB_FINISHED:
                self._job_finished(record)
            elif event == LogEvent.JOB_ERROR:
                self._job_failed(record)
            elif record.levelno >= logging.ERROR:
                self.errors.append(record.getMessage().strip())
            elif record.getMessage().startswith(EXPECTED):
                pass
            elif "Nothing to be done" in record.getMessage() or record.levelno >= logging.WARNING:
                self.nothing_to_do |= record.levelno < logging.WARNING
                self._print(record.getMessage().strip())
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Print the ending, once."""
        super().close()
        if self.ended:
            return
        self.ended = True
        if self.bar is not None:
            self.bar.close()
        if self.failed:
            for job in self.failed[:MAX_FAILURES]:
                self._print("\n".join(failure_lines(job)))
            if len(self.failed) > MAX_FAILURES:
                self._print(f"… and {len(self.failed) - MAX_FAILURES} more failed steps")
            if logs := sorted(Path(".snakemake/log").glob("*.log")):
                self._print(f"All of Snakemake's output: {logs[-1]}")
        elif self.errors:
            self._print("\n".join(dict.fromkeys(self.errors)))
        elif self.nothing_to_do or (self.done == self.total > 0 and not self.common_settings.dryrun):
            for line in ending(Path("results"), self.took, time.monotonic() - self.started):
                self._print(line)

    def _start(self, stats: dict[str, int]) -> None:
        self.total = stats.get("total", sum(stats.values()))
        if self.total and not self.running:  # a dry run says it twice
            self._print(f"{self.total} job{'s' * (self.total > 1)} to do")
        if sys.stderr.isatty() and not self.common_settings.dryrun:
            layout = "{n_fmt}/{total_fmt} {bar} {elapsed} {postfix}"
            self.bar = tqdm(total=self.total, bar_format=layout, dynamic_ncols=True, leave=False)

    def _job_started(self, record: LogRecord) -> None:
        fields = record.__dict__
        words = [str(word) for word in (fields.get("wildcards") or {}).values()]
        title = fields.get("rule_msg") or " ".join([fields["rule_name"], *words])
        outputs, logs = (list(map(str, fields.get(key) or [])) for key in ("output", "log"))
        self.running[fields["jobid"]] = Job(fields["rule_name"], title, outputs, logs)
        if self.common_settings.dryrun:
            self._print(f"would run: {title}")
        self._show_running()

    def _job_finished(self, record: LogRecord) -> None:
        job = self.running.pop(record.__dict__["job_id"], None)
        self.done += 1
        if job and job.outputs:
            seconds = time.monotonic() - job.started
            self.took.append((seconds, job.title))
            self._print(f"[{self.done}/{self.total}] {job.title}  {seconds:.1f} s")
        if self.bar is not None:
            self.bar.update()
        self._show_running()

    def _job_failed(self, record: LogRecord) -> None:
        job = self.running.pop(record.__dict__["jobid"], None)
        if job:
            self.failed.append(job)
            self._print(f"FAILED: {job.title}")
        self._show_running()

    def _show_running(self) -> None:
        if self.bar is not None:
            self.bar.set_postfix_str(", ".join(job.title for job in self.running.values()))

    def _print(self, text: str) -> None:
        tqdm.write(text, file=sys.stderr)


def failure_lines(job: Job) -> list[str]:
    """The failed step, the end of its log, and the command that repeats it."""
    lines = [f"Failed: {job.title}"]
    for log in job.logs:
        try:
            text = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        lines += [f"  {log}:", *(f"    {line}" for line in text[-LOG_LINES:])]
    options = sys.argv[1:]
    if "--" in options:
        options = options[: options.index("--")]
    if "--logger" in options:
        at = options.index("--logger")
        del options[at : at + 2]
    command = shlex.join(["snakemake", *options, "--", *(job.outputs[:1] or [job.rule])])
    return [*lines, f"  Again: . .venv/bin/activate && {command}"]


def ending(results: Path, took: list[tuple[float, str]], seconds: float) -> list[str]:
    """At most ten lines on a build that succeeded: verdicts, where things lie, what took longest."""
    try:
        listed = [entry["path"] for entry in _read(results / "lineage.json")]
    except (OSError, ValueError, KeyError):
        return []  # models alone were asked for
    gates = [Path(path) for path in listed if Path(path).parent.name == "gates"]
    shown = gates if len(gates) <= 4 else gates[:3]
    lines = [f"{path.stem}: {_verdict(_read(path))}" for path in shown]
    if len(shown) < len(gates):
        lines.append(f"… and {len(gates) - len(shown)} more pipelines, see the report")
    lines.append(f"Models for Lens Studio: {results / 'snapml'}/")
    if pipelines := [
        path for path in listed if path.startswith(f"{results / 'pipelines'}/") and path.count("/") == 2
    ]:
        lines.append(f"For inference.py --pipeline: {', '.join(pipelines[:3])}{' …' * (len(pipelines) > 3)}")
    lines.append(f"Report: {results / 'report' / 'index.html'}")
    if took:
        slowest = ", ".join(f"{title} {taken:.0f} s" for taken, title in sorted(took, reverse=True)[:SLOWEST])
        lines.append(f"{len(took)} jobs in {seconds:.0f} s; longest: {slowest}")
    return lines


def _verdict(judged: dict[str, Any]) -> str:
    missed = [check for check in judged["checks"] if not check["passed"]]
    if not missed:
        return f"all {len(judged['checks'])} limits kept"
    return f"{len(missed)} of {len(judged['checks'])} limits missed (not enforced)"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
