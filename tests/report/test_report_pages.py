import csv
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fabricated_build import KEYS, accuracy, fabricate

import make_report as program

ROOT = Path(__file__).parents[2]
VOID = {"meta", "link", "img", "br", "path", "use", "circle", "line", "rect", "polyline"}


def make_report(results, output, *arguments):
    command = [sys.executable, "workflow/scripts/make_report.py", "--results", str(results)]
    command += ["--pipelines", "ppocrv4-en", "--lock", "envs/pipeline.lock", "--output_dir", str(output)]
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "random"},
    )


@pytest.fixture
def report_here(monkeypatch, tmp_path):
    """Make a report in this process, which spares the start of another; returns the page."""

    def make(results):
        arguments = ["--results", results, "--pipelines", "ppocrv4-en", "--output_dir", tmp_path / "report"]
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, "argv", ["make_report.py", *map(str, arguments)])
        program.main()
        return (tmp_path / "report" / "index.html").read_text(encoding="utf-8")

    return make


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    return fabricate(tmp_path_factory.mktemp("build") / "results")


@pytest.fixture(scope="module")
def report(build):
    output = build.parent / "report"
    done = make_report(build, output)
    assert done.returncode == 0, done.stderr
    return output


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_build_gives_the_same_bytes(build, report, tmp_path):
    assert make_report(build, tmp_path / "again").returncode == 0
    assert files_of(tmp_path / "again") == files_of(report)


def test_the_first_screen_answers_the_four_questions(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    overview = page[page.index('id="overview"') : page.index('id="compatibility"')]
    for answer in (
        "Yes, on CPU, iPhone GPU and Android GPU",
        "80% of the lines in images exactly right",
        "85% when spaces are ignored, 90% when case and punctuation are as well",
        "Best licence plate 80%, worst stylised 50%",
        "9.50 images per second",
        "No accuracy",
        "Reads exactly what Paddle reads in 4 of 4 images",
    ):
        assert answer in overview


def test_the_first_screen_names_what_nothing_but_a_lens_runs(build, report_here, tmp_path):
    results = shutil.copytree(build, tmp_path / "results")
    recognizer = list(KEYS)[1]
    fixes = results / f"snapml/{recognizer}.fixes.json"
    fixes.write_text(json.dumps({**json.loads(fixes.read_text()), "runs_in_onnx_runtime": False}))
    page = report_here(results)
    overview = page[page.index('id="overview"') : page.index('id="compatibility"')]
    model, shape = recognizer.rsplit("_", 1)
    for said in (
        "What was not measured?",
        f"The SnapML recognizer {shape}",
        f"GeluSnap, which {model} has",
        "up to the stage before",
    ):
        assert said in overview
    assert "What was not measured?" not in report_here(build)


def test_a_category_shows_its_strict_score_beside_the_lenient_ones(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    row = re.search(r'<th scope="row">stylised</th>(.*?)</tr>', page[page.index('id="accuracy"') :])
    assert re.findall(r">([0-9.]+)<", row[1]) == ["0.500", "0.550", "0.600"]


def test_what_scores_leave_out_or_assume_stands_beside_them(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    for said in ("2 lines are don&#39;t-care", "1 texts are placeholders", "1 images could not be read"):
        assert said in page


def test_a_single_pipeline_is_not_plotted_against_its_own_cost(report):
    assert not list((report / "plots").glob("trade-time-pipelines*"))


def test_good_and_bad_cases_stand_apart_with_their_scores(report):
    page = (report / "index.html").read_text()
    order = [
        "Cases that are easy for such models",
        "licence plate",
        "Cases that are hard for them",
        "stylised",
    ]
    shown = page[page.index('id="pictures"') :]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    scores = re.findall(r"<h3>[^<]*<span class=\"note\">ppocrv4-en ([0-9.]+)", shown)
    assert [float(value) for value in scores] == pytest.approx([0.9, 0.6], abs=0.2)


def test_the_page_needs_nothing_from_elsewhere(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    # Links to the bundles are followed by people, not fetched.
    fetched = re.findall(r'(?:src|href)="(?!#|data:|\.\./lens/)([^"]*)"|url\((?!#)([^)]*)\)|@import', page)
    assert not fetched
    assert len(page) < 6_000_000


def test_what_was_read_is_text_and_never_markup(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "<b>not bold</b>" not in page
    assert "&lt;b&gt;not bold&lt;/b&gt; &amp; |" in page


def test_tags_are_closed_identifiers_unique_and_links_lead_somewhere(report):
    checker = Structure()
    checker.feed((report / "index.html").read_text(encoding="utf-8"))
    assert not checker.open, checker.open
    assert len(checker.identifiers) == len(set(checker.identifiers))
    assert checker.targets <= set(checker.identifiers)
    assert checker.images_without_text == 0


class Structure(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.identifiers, self.targets, self.images_without_text = [], [], set(), 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.identifiers.append(given["id"])
        for key in ("href", "xlink:href"):
            if given.get(key, "").startswith("#"):
                self.targets.add(given[key][1:])
        if tag == "img" and not given.get("alt"):
            self.images_without_text += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open.pop() == tag, f"</{tag}> closes another element"


def test_every_plot_is_described_and_also_a_file(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    plots = list((report / "plots").glob("*.svg"))
    assert len(plots) == page.count('role="img" aria-label="') >= 10
    assert all(path.read_text(encoding="utf-8").startswith("<svg ") for path in plots)


def test_numbers_are_in_tidy_tables(report):
    with (report / "accuracy.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for row in rows if row["stage"] == "snapml" and row["category"] == "stylised"]
    assert {row["metric"]: row["value"] for row in chosen}["end_to_end.alphanumeric.hmean"] == "0.6"
    with (report / "latency.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(KEYS) * 4 * 2


def test_tables_name_stages_as_plots_do(report):
    page = (report / "index.html").read_text(encoding="utf-8")
    assert "<td>SnapML</td>" in page
    assert "<td>Simplified</td>" in page
    assert not re.search("<td>(snapml|simplified)</td>", page)


def test_the_summary_fits_one_screen(report):
    lines = (report / "report.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 40
    assert lines[0].startswith("# ")
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in rows} == {3}, "a table row is torn"


@pytest.fixture(scope="module")
def small_build(tmp_path_factory):
    return fabricate(tmp_path_factory.mktemp("small") / "results", threads=(1,))


PARTS = ["weights", "inspect", "snapml", "parity", "float16", "latency", "latency/pipelines"]
PARTS += ["accuracy", "gates", "inference"]


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_named_and_the_rest_is_shown(small_build, tmp_path, report_here, part):
    results = tmp_path / "results"
    shutil.copytree(small_build, results)
    shutil.rmtree(results / part)
    page = report_here(results)
    assert ("could not be shown" in page) == (part != "float16"), "float16 need not be looked at"
    assert "ppocrv4-en" in page


@pytest.mark.parametrize("content", ["", "[]", "{}", "not JSON"])
def test_files_that_are_not_what_they_should_be_are_named(small_build, tmp_path, report_here, content):
    results = tmp_path / "results"
    shutil.copytree(small_build, results)
    for path in results.rglob("*.json"):
        path.write_text(content, encoding="utf-8")
    assert "could not be shown" in report_here(results)


def test_an_empty_folder_gives_a_report_that_says_so(tmp_path, report_here):
    (tmp_path / "results").mkdir()
    assert "Not measured" in report_here(tmp_path / "results")


def test_a_stage_that_could_not_be_timed_is_a_row_with_its_error(small_build, tmp_path, report_here):
    results = tmp_path / "results"
    shutil.copytree(small_build, results)
    path = results / "latency" / f"{next(iter(KEYS))}.json"
    document = json.loads(path.read_text())
    document["stages"]["paddle"]["by_threads"] = {"1": {"error": "out of memory"}}
    path.write_text(json.dumps(document))
    report_here(results)
    assert "out of memory" in (tmp_path / "report" / "latency.csv").read_text(encoding="utf-8")


def test_a_dataset_of_single_words_is_shown_too(small_build, tmp_path, report_here):
    results = tmp_path / "results"
    shutil.copytree(small_build, results)
    document = accuracy(0.8)
    one = {"value": 0.7, "low": 0.6, "high": 0.8}
    words = {"images": 4, "recognition": {"strict": one, "alphanumeric": one, "one_minus_ned": one}}
    document |= {"kind": "recognition", "categories": [], "stages": {"paddle": words, "snapml": words}}
    document["examples"] = {"stage": "snapml", "worst": [], "best": [], "by_category": {}}
    (results / "accuracy/ppocrv4-en/images.json").write_text(json.dumps(document))
    report_here(results)
    assert "70% of the words in images" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")


def test_a_comparison_is_shown_and_goes_away_with_the_next_report(small_build, tmp_path):
    older = fabricate(tmp_path / "older", threads=(1,), slower=0.5)
    output = tmp_path / "report"
    assert make_report(small_build, output, "--compare", older).returncode == 0
    assert "worse" in (output / "changes.csv").read_text(encoding="utf-8")
    assert "## What changed" in (output / "report.md").read_text(encoding="utf-8")
    assert 'id="changes"' in (output / "index.html").read_text(encoding="utf-8")
    assert make_report(small_build, output).returncode == 0
    assert not (output / "changes.csv").exists()
    assert 'id="changes"' not in (output / "index.html").read_text(encoding="utf-8")


def test_plots_of_an_earlier_report_do_not_stay(small_build, tmp_path, report_here):
    stale = tmp_path / "report" / "plots" / "stale.svg"
    stale.parent.mkdir(parents=True)
    stale.write_text("<svg/>")
    report_here(small_build)
    assert not stale.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "absent.yaml"], "absent.yaml: no such file"),
        (["--config", "{"], "--config: not JSON"),
        (["--config", "[1]"], "no such file"),
        (["--pipelines", "ppocrv9"], "ppocrv9"),
        (["--compare", "absent"], "absent: no such results folder"),
    ],
)
def test_wrong_usage_gives_one_clear_line_and_no_report(small_build, tmp_path, arguments, message):
    done = make_report(small_build, tmp_path / "report", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "report").exists()
