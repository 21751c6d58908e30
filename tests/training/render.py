"""Render lines of `one Two THREE`, on signs and not; print their texts and how many are light on dark."""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow" / "scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "sample_images"))

from snapml_ocr.training.synthetic_lines import SyntheticLines

found = {}
for name, on_signs in (("signs", True), ("print", False)):
    lines = SyntheticLines(["one", "Two", "THREE"], 120, ("sans", "serif"), on_signs).render("", 0)
    light = [bool(line.crop.mean() > np.median(line.crop[:, :2])) for line in lines]
    found[name] = {"texts": [line.text for line in lines], "light_on_dark": sum(light)}
print(json.dumps(found))
