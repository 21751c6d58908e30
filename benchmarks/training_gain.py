"""What fine-tuning brings, how long it takes and what is forgotten: the figures of docs/training.md.

    run="python workflow/scripts/in_environment.py envs/training.lock benchmarks/training_gain.py"
    $run receipts BASE.onnx --receipts sroie-dev --other iiit5k-words ic15-dev-words
    $run characters BASE.onnx --other iiit5k-words ic15-dev-words

`receipts` trains on the lines of the first 20 images of a labelled folder and scores those of the last 10,
with rehearsal and without; `characters` adds the euro and the sharp s from 900 rendered lines and scores 300
lines in other faces. Both score the sets named by --other before and after, as the reader reads them. What
follows `--` goes to train.py. Out: a line for each model and set, with the seconds, CPU seconds and peak
memory of each training. Exit code 0 measured, 1 a training failed, 2 wrong usage.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools" / "sample_images"))

from lettering import FACES
from snapml_ocr.cli import run
from snapml_ocr.errors import CheckFailedError
from snapml_ocr.evaluate.dataset import open_dataset, open_named_dataset
from snapml_ocr.evaluate.recognition import line_scores
from snapml_ocr.files import read_json, write_json
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.recognizer import Recognizer
from snapml_ocr.onnx_files.model_file import read_model
from snapml_ocr.plan.space_rule import TRAINED_LIKELY, SpaceRule
from snapml_ocr.training.labelled_lines import Line, read_lines

PROJECT = Path(__file__).resolve().parents[1]
TRAINED, SCORED = 20, 10
"""Images of the receipts to train on, from the front, and to score, from the end."""

WIDTHS = (320, 480, 832)
NEW = "€ß"
OTHER_FACES = ("poppins", "serif-bold", "narrow", "mono", "crimson", "righteous")


def main() -> None:
    """Train, read, print."""
    args = parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        others = {Path(name).name: read_lines([open_named_dataset(name)])[0] for name in args.other}
        if args.experiment == "receipts":
            training, scored = receipts(args.receipts, folder)
            runs = {"with rehearsal": training, "without": [*training, "--rehearsal", "0"]}
            runs = {name: run for name, run in runs.items() if args.only in ("", name)}
        else:
            training, scored = characters(folder)
            runs = {"with rehearsal": training}
        sets = {"held back": scored, **others}
        score("base", args.base, sets, SpaceRule())
        for name, given in runs.items():
            out = folder / name.replace(" ", "_")
            program = [sys.executable, "-s", "workflow/scripts/train.py", args.base, "--output_dir", str(out)]
            command = [*program, *given, *args.train]
            seconds, computing, megabytes = measured(command, name)
            print(f"{name}: {seconds:.0f} s, {computing:.0f} s of CPU, {megabytes:.0f} MB", flush=True)
            score(name, out / "model.onnx", sets, SpaceRule(likely=TRAINED_LIKELY))


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("experiment", choices=["receipts", "characters"])
    parser.add_argument("base", type=lambda path: str(Path(path).resolve()), help="ONNX recognizer")
    parser.add_argument("--receipts", type=Path, help="labelled folder of at least 30 images")
    parser.add_argument("--other", nargs="+", default=[], metavar="FOLDER[:LABELS]")
    parser.add_argument("--only", default="", help="one of the runs: 'with rehearsal' or 'without'")
    known, train = (sys.argv[1:], [])
    if "--" in known:
        known, train = known[: known.index("--")], known[known.index("--") + 1 :]
    args = parser.parse_args(known)
    args.train = train
    return args


def measured(command: list[str], name: str) -> tuple[float, float, float]:
    """Run a training; returns its seconds, its CPU seconds and its peak memory in MB."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=PROJECT, stdout=sys.stderr)
    _, status, used = os.wait4(process.pid, 0)  # of this training alone, not the highest of all so far
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CheckFailedError(f"{name}: training failed")
    return time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def receipts(source: Path, folder: Path) -> tuple[list[str], list[Line]]:
    """The arguments that train on the first images, and the lines of the last."""
    labels = read_json(source / "labels.json")
    for name, part in (("training", labels[:TRAINED]), ("scored", labels[-SCORED:])):
        write_json(folder / f"{name}.json", part)
    scored = read_lines([open_dataset(source, (folder / "scored.json").resolve())])[0]
    return ["--data", f"{source.resolve()}:{folder / 'training.json'}"], scored


def characters(folder: Path) -> tuple[list[str], list[Line]]:
    """The arguments that add characters from rendered lines, and lines in other faces."""
    from snapml_ocr.training.synthetic_lines import SyntheticLines

    labels = read_json(PROJECT / "images" / "labels.json")
    words = [word for image in labels for line in image["words"] for word in line["text"].split()]
    (folder / "words.txt").write_text(" ".join(words), encoding="utf-8")
    scored = SyntheticLines(words, 300, OTHER_FACES).render(NEW, 99)
    faces = [face for face in FACES if face not in OTHER_FACES]
    synthetic = {"words": str(folder / "words.txt"), "lines": 900, "fonts": faces}
    return ["--characters", NEW, "--synthetic", json.dumps(synthetic)], scored


def score(name: str, model: str | Path, sets: dict[str, list[Line]], rule: SpaceRule) -> None:
    """Print the scores of a model on each set, and how often it writes the new characters."""
    height = read_model(Path(model)).graph.input[0].type.tensor_type.shape.dim[2].dim_value
    recognizer = Recognizer(
        [Path(model)],
        from_metadata,
        space_rule=rule,
        shapes=[(height, width) for width in WIDTHS],
        threads=1,
    )
    for title, lines in sets.items():
        truths = [line.text for line in lines]
        texts = [recognizer.read(line.crop).text for line in lines]
        told = ", ".join(f"{key} {value:.4f}" for key, value in line_scores(truths, texts).items())
        for character in NEW:
            counts = [
                (truth.count(character), text.count(character))
                for truth, text in zip(truths, texts, strict=True)
            ]
            found, there = sum(map(min, counts)), sum(truth for truth, _ in counts)
            told += f", {character} {found} of {there} and {sum(max(0, b - a) for a, b in counts)} false"
        print(f"{name}, {title} ({len(lines)} lines): {told}", flush=True)


if __name__ == "__main__":
    run(main)
