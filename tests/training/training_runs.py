"""Small sets of real lines, and train.py run on them in its own environment."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from real_models import PROJECT
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.images import Pixels, read_image

TRAIN = "workflow/scripts/train.py"


def in_paddle(program: str | Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program in the training environment."""
    return subprocess.run(
        command(program, *arguments), capture_output=True, text=True, check=False, cwd=PROJECT
    )


def command(program: str | Path, *arguments: object) -> list[str]:
    here = [sys.executable, "workflow/scripts/in_environment.py", "envs/training.lock"]
    return [*here, str(program), *map(str, arguments)]


def sample_lines(most: int = 400) -> list[tuple[str, Pixels, str]]:
    """(picture, crop, text) of short lines on the sample images, picture after picture."""
    labels = json.loads((PROJECT / "images" / "labels.json").read_text(encoding="utf-8"))
    lines = []
    for image in labels:
        pixels = read_image(PROJECT / "images" / image["image"])
        for word in image["words"]:
            if not word["ignore"] and len(word["text"]) < 20:
                crop = crop_quad(pixels, along_the_line(np.array(word["quad"])))
                lines.append((image["image"], crop, word["text"]))
        if len(lines) >= most:
            break
    return lines[:most]


def write_set(
    folder: Path, lines: Iterable[tuple[str, Pixels, str]], change: Callable[[str], str] = lambda text: text
) -> Path:
    """Write a set of crops with rec_gt.txt, each text changed."""
    folder.mkdir(parents=True)
    rows = []
    for number, (_, crop, text) in enumerate(lines):
        cv2.imwrite(str(folder / f"{number:03}.png"), crop)
        rows.append(f"{number:03}.png\t{change(text)}\n")
    (folder / "rec_gt.txt").write_text("".join(rows), encoding="utf-8")
    return folder


def summary_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return document
