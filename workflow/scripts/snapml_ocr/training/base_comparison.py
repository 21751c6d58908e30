"""What a training brought: the base and the trained recognizer on the lines of labelled data."""

import base64
import html
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from snapml_ocr.evaluate.recognition import line_scores, score_crop
from snapml_ocr.evaluate.score_sums import crop_row, summarise
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.training.labelled_lines import Line

MAX_PICTURES, MAX_CONFUSIONS = 12, 12
SCORES = ("strict", "alphanumeric")


def compare(lines: Sequence[Line], base: Sequence[str], trained: Sequence[str]) -> dict[str, Any]:
    """Return the scores of both readings with their intervals, the lines that changed, and confusions.

    A line is gained when the trained model alone reads it as it is labelled, lost when the base alone does.
    """
    truths = [line.text for line in lines]
    changes = {"gained": trained, "lost": base}
    before, after = (_confusions(truths, texts) for texts in (base, trained))
    return {
        "lines": len(lines),
        "base": _scores(truths, base),
        "trained": _scores(truths, trained),
        **{
            kind: [
                {"image": line.image, "text": line.text, "base": old, "trained": new}
                for line, old, new, right in zip(lines, base, trained, readings, strict=True)
                if old != new and right == line.text
            ]
            for kind, readings in changes.items()
        },
        "vanished": [list(one) for one in (before - after).most_common(MAX_CONFUSIONS)],
        "appeared": [list(one) for one in (after - before).most_common(MAX_CONFUSIONS)],
    }


def page(
    title: str,
    datasets: Mapping[str, tuple[dict[str, Any], Sequence[Line]]],
    training: Mapping[str, Any],
    curves: str,
) -> str:
    """Return an HTML page on its own: scores, curves, pictures of lines gained and lost, confusions."""
    parts = [f"<h1>{html.escape(title)}</h1>", _validation(training), curves[curves.index("<svg") :]]
    for name, (found, lines) in datasets.items():
        crops = {(line.image, line.text): line.crop for line in lines}
        parts.append(f"<h2>{html.escape(name)}, {found['lines']} lines</h2>{_score_table(found)}")
        for kind in ("gained", "lost"):
            rows = "".join(
                f"<tr><td>{_picture(crops[change['image'], change['text']])}</td>"
                + "".join(f"<td>{html.escape(change[key])}</td>" for key in ("text", "base", "trained"))
                + "</tr>"
                for change in found[kind][:MAX_PICTURES]
            )
            header = "<tr><th>line</th><th>label</th><th>base</th><th>trained</th></tr>"
            table = f"<table>{header}{rows}</table>" if rows else ""
            parts.append(f"<h3>{len(found[kind])} lines {kind}</h3>{table}")
        for kind in ("vanished", "appeared"):
            told = ", ".join(f"{html.escape(pair)} {count}" for pair, count in found[kind]) or "none"
            parts.append(f"<p>Confusions that {kind}: {told}</p>")
    style = "body{font:16px sans-serif;max-width:60em;margin:auto}td,th{padding:.2em .8em;text-align:left}"
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{style}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _scores(truths: Sequence[str], texts: Sequence[str]) -> dict[str, Any]:
    pairs = zip(truths, texts, strict=True)
    rows = np.array([crop_row(score_crop(truth, text)) for truth, text in pairs], np.float64)
    intervals = summarise("recognition", rows)["recognition"]
    rate = line_scores(truths, texts)["character_error_rate"]
    return {**{name: intervals[name] for name in SCORES}, "character_error_rate": round(rate, 6)}


def _confusions(truths: Sequence[str], texts: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for truth, text in zip(truths, texts, strict=True):
        for edit in Levenshtein.editops(truth, text):
            there = truth[edit.src_pos] if edit.tag != "insert" else "nothing"
            read = text[edit.dest_pos] if edit.tag != "delete" else "nothing"
            found[f"{there} as {read}"] += 1
    return found


def _validation(training: Mapping[str, Any]) -> str:
    before, after = training["base"], training["trained"]
    told = "; ".join(f"{name.replace('_', ' ')} {before[name]:.3f} to {after[name]:.3f}" for name in before)
    found = training["against_paddle"]
    return (
        f"<p>Validation lines, from the base to the weights of step {training['best_step']}: {told}."
        f" The file differs from the trained network, run in Paddle on {found['lines']} of them, by at most"
        f" {found['max_abs']:.1e} in probability.</p>"
    )


def _score_table(found: Mapping[str, Any]) -> str:
    rows = ""
    for model in ("base", "trained"):
        cells = "".join(
            f"<td>{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})</td>"
            for one in (found[model][name] for name in SCORES)
        )
        rows += f"<tr><th>{model}</th>{cells}<td>{found[model]['character_error_rate']:.4f}</td></tr>"
    header = "<tr><th></th><th>strict</th><th>alphanumeric</th><th>character error rate</th></tr>"
    return f"<table>{header}{rows}</table>"


def _picture(crop: Pixels) -> str:
    encoded, content = cv2.imencode(".png", crop)
    assert encoded
    data = base64.b64encode(content.tobytes()).decode()
    return f'<img alt="" height="32" src="data:image/png;base64,{data}">'
