"""Fit the rule by which spaces are recovered (`snapml_ocr.ocr.spaces`) to rendered lines of text.

In: recognizers with dynamic shapes that carry their dictionaries (--rec_model_dir; all count alike) and a
folder with the fonts of FONTS, made by

    pip install --no-deps --target FONTS_DIR $(python benchmarks/fit_spaces.py --list_fonts)

Lines are drawn in these fonts, of words from this project's licence, of invented syllables and of numbers,
with narrow and wide letters and gaps, blurred, noisy, askew and compressed. Nothing that the project is
evaluated on is used: other fonts and other texts, which a test holds.

Out, on standard output: the rule. Its coefficients are fitted for each of SILENCES, of which the one is
taken that explains other rendered lines best; `likely` is the highest threshold that loses at most
MAX_LOSS of them. Then for several thresholds the share of those lines that are right with their spaces, and
of the single words that get one. Exit code 0 fitted, 2 wrong usage.
"""

import argparse
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.cli import run
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.arguments import add_reader_arguments, open_reader
from snapml_ocr.ocr.dictionary import SPACE
from snapml_ocr.ocr.images import Pixels
from snapml_ocr.ocr.line_input import input_length
from snapml_ocr.ocr.recognizer import MAX_SQUEEZE, Look, Recognizer
from snapml_ocr.ocr.spaces import gap_evidence, space_probabilities
from snapml_ocr.plan.space_rule import SpaceRule
from snapml_ocr.runtime.model import open_model

LICENCE = Path(__file__).resolve().parents[1] / "LICENSE"

FONTS = {
    "fontpkg-archivo-narrow==3.2": ["ArchivoNarrow[wght]"],
    "fontpkg-dancing-script==2.1": ["DancingScript[wght]"],
    "fontpkg-eb-garamond==1.3": ["EBGaramond[wght]", "EBGaramond-Italic[wght]"],
    "fontpkg-fira-sans-condensed==4.203": ["FiraSansCondensed-Medium"],
    "fontpkg-fjalla-one==1.2": ["FjallaOne-Regular"],
    "fontpkg-ibm-plex-mono==2.3": ["IBMPlexMono-Regular", "IBMPlexMono-SemiBold"],
    "fontpkg-inter==4.1.post1": ["Inter[opsz,wght]"],
    "fontpkg-kalam==2.1": ["Kalam-Regular"],
    "fontpkg-lato==2.15": ["Lato-Regular", "Lato-Bold"],
    "fontpkg-league-spartan==2.2": ["LeagueSpartan[wght]"],
    "fontpkg-libre-baskerville==2.5": ["LibreBaskerville[wght]"],
    "fontpkg-luckiest-guy==1.1": ["LuckiestGuy-Regular"],
    "fontpkg-oswald==4.103": ["Oswald[wght]"],
    "fontpkg-playfair-display==1.203": ["PlayfairDisplay[wght]"],
    "fontpkg-roboto-condensed==3.8": ["RobotoCondensed[wght]", "RobotoCondensed-Italic[wght]"],
    "fontpkg-roboto-slab==2.2": ["RobotoSlab[wght]"],
    "fontpkg-source-code-pro==1.26": ["SourceCodePro[wght]"],
    "fontpkg-teko==2.0": ["Teko[wght]"],
}
"""Package to the faces taken from it, none of which is in the sample images."""

SYLLABLES = re.findall("[a-z]+", "ba ko ren ti mu sal dor vin el qua ny fer lo gre shi wan ox ju pe zal by")
WORDS_IN_A_LINE = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8)
LONGEST = 60

TRACKING = (0, 0, 0, 0, -0.02, 0.03, 0.08, 0.15, 0.25)
"""Space added between letters, in ems."""

SPACE_WIDTH = (1, 1, 1, 1.4, 0.7, 0.5, 0.35)
"""Width of a space, as a multiple of the font's own."""

SHRINKAGE = 1e-3
"""Weight of the squared coefficients of standardised evidence, which keeps the fit finite."""

WIDTHS = (320, 832)
"""The recognizers' inputs, those of the default build."""

SILENCES = (-1.5, -2.0, -2.25, -2.5, -3.0, -4.0, -5.0, -6.0)
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

MAX_LOSS = 0.01
"""Share of lines, right at the best threshold, that may be lost to a higher one: it inserts fewer spaces into
words, of which there are more in photographs than among the rendered lines."""


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description="Fit the rule by which spaces are recovered.")
    parser.add_argument("--fonts", type=Path, help="folder with the fonts")
    parser.add_argument("--list_fonts", action="store_true", help="print the packages of the fonts and end")
    parser.add_argument("--lines", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=11, help="the lines judged by have the next one")
    add_reader_arguments(parser)
    args = parser.parse_args()
    if args.list_fonts:
        print(*FONTS)
        return
    if not args.fonts or not args.rec_model_dir:
        parser.error("--fonts and --rec_model_dir are needed")
    known = known_fonts(args.fonts)
    fitted, judged = ([*rendered(args.lines, args.seed + more, known)] for more in (0, 1))
    samples, judging = [], {}
    for model in args.rec_model_dir:
        args.rec_model_dir, args.rec_shapes = (
            [model],
            [(open_model(model).input_shape[2], width) for width in WIDTHS],
        )
        with open_reader(args, images=1) as reader:
            assert reader.recognizer is not None
            samples.append(seen_lines(reader.recognizer, fitted))
            judging[model.name] = seen_lines(reader.recognizer, judged)
    rule = chosen(samples, [*judging.values()])
    print(rule)
    for name, lines in judging.items():
        print(f"{name}: {len(lines)} lines are right but for spaces")
        for likely in THRESHOLDS:
            at = rule.model_copy(update={"likely": likely})
            print(f"  {likely}: right {right(lines, at):.3f}, false spaces {false_spaces(lines, at):.4f}")


def known_fonts(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by face; raises `UserError` unless all of FONTS are there."""
    known = {path.stem: path for path in sorted(folder.rglob("*.ttf"))}
    missing = [face for faces in FONTS.values() for face in faces if face not in known]
    if missing:
        raise UserError(f"{folder}: no {missing[0]}.ttf; see fit_spaces.py --list_fonts")
    return known


class SeenLine(NamedTuple):
    """A line that is read right but for its spaces, and for each gap whether it has and got a space."""

    look: Look
    starts: list[int]
    is_space: NDArray[np.bool_]
    is_written: NDArray[np.bool_]

    def evidence(self, rule: SpaceRule) -> NDArray[np.float64]:
        """(N, 3) evidence of its gaps."""
        return gap_evidence(self.starts, self.look.space, self.look.grey, self.look.columns_per_step, rule)

    def spaces(self, rule: SpaceRule) -> NDArray[np.bool_]:
        """(N,) spaces that are written by the recognizer or the rule."""
        return (space_probabilities(self.evidence(rule), rule) >= rule.likely) | self.is_written


def seen_lines(recognizer: Recognizer, lines: list[tuple[str, Pixels]]) -> list[SeenLine]:
    """Return the lines that are read right but for their spaces, and not in parts."""
    height, width = recognizer.shapes[-1]
    found = []
    for text, crop in lines:
        if input_length(crop, height) > MAX_SQUEEZE * width:
            continue
        look = recognizer.best_look(crop)
        read = look.decoded.text
        if read.replace(SPACE, "") != text.replace(SPACE, ""):
            continue
        starts = [start for start, one in zip(look.decoded.starts, read, strict=True) if one != SPACE]
        found.append(SeenLine(look, starts, spaces_in(text), spaces_in(read)))
    return found


def chosen(samples: list[list[SeenLine]], judging: list[list[SeenLine]]) -> SpaceRule:
    """Return the rule fitted to `samples`, its thresholds chosen by `judging`; both by recognizer."""
    rules = [fit(samples, SpaceRule(silence=silence)) for silence in SILENCES]
    rule = min(rules, key=lambda one: sum(surprise(lines, one) for lines in judging))
    for one in rules:
        print(f"silence {one.silence}: surprise {sum(surprise(lines, one) for lines in judging):.4f}")
    at = [rule.model_copy(update={"likely": likely}) for likely in THRESHOLDS]
    shares = [float(np.mean([right(lines, one) for lines in judging])) for one in at]
    return next(
        one
        for one, share in zip(reversed(at), reversed(shares), strict=True)
        if share >= max(shares) - MAX_LOSS
    )


def surprise(lines: list[SeenLine], rule: SpaceRule) -> float:
    """Mean over all gaps of the negative logarithm of what the rule thinks of the truth."""
    chance = np.concatenate([space_probabilities(line.evidence(rule), rule) for line in lines])
    truth = np.concatenate([line.is_space for line in lines])
    return float(-np.log(np.maximum(np.where(truth, chance, 1 - chance), 1e-9)).mean())


def right(lines: list[SeenLine], rule: SpaceRule) -> float:
    """Share of lines in which a space is just where there is one."""
    return float(np.mean([np.array_equal(line.spaces(rule), line.is_space) for line in lines]))


def false_spaces(lines: list[SeenLine], rule: SpaceRule) -> float:
    """Share of single words that get a space."""
    return float(np.mean([line.spaces(rule).any() for line in lines if not line.is_space.any()]))


def spaces_in(text: str) -> NDArray[np.bool_]:
    """Tell for each gap between the characters of a text, spaces not counted, whether there is a space."""
    return np.array([bool(gap) for gap in re.findall(r"(?<=\S)( *)(?=\S)", text)], bool)


def fit(samples: list[list[SeenLine]], rule: SpaceRule) -> SpaceRule:
    """Return the rule with the coefficients of the logistic regression of all gaps, by Newton's method.

    Every recognizer counts alike.
    """
    gaps = [line for lines in samples for line in lines]
    evidence = np.concatenate([line.evidence(rule) for line in gaps])
    is_space = np.concatenate([line.is_space for line in gaps]).astype(float)
    counts = [sum(len(line.is_space) for line in lines) for lines in samples]
    share = np.concatenate([np.full(count, 1 / count / len(counts)) for count in counts])
    mean, deviation = evidence.mean(axis=0), evidence.std(axis=0)
    inputs = np.column_stack([(evidence - mean) / deviation, np.ones(len(evidence))])
    shrinkage = np.diag([SHRINKAGE] * evidence.shape[1] + [0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (share * (chance - is_space)) + shrinkage @ weights
        curve = (inputs * (share * chance * (1 - chance))[:, None]).T @ inputs + shrinkage
        weights -= np.linalg.solve(curve, slope)
    scaled = weights[:-1] / deviation
    names = ("log_probability", "gap", "pitch", "constant")
    values = (*scaled, weights[-1] - scaled @ mean)
    fitted = {name: round(float(value), 2) for name, value in zip(names, values, strict=True)}
    return rule.model_copy(update=fitted)


def fit_texts(count: int, seed: int) -> list[str]:
    """Return the texts of the lines."""
    words = re.findall(r"[A-Za-z]{1,14}", LICENCE.read_text(encoding="utf-8"))
    return [_text(random.Random(f"{seed} {number}"), words) for number in range(count)]


def _text(dice: random.Random, words: list[str]) -> str:
    tokens = [_token(dice, words) for _ in range(dice.choice(WORDS_IN_A_LINE))]
    case = dice.choice([str.upper, str.upper, str.capitalize, str.lower, str])
    ends = [dice.choice(",.:;!?") if dice.random() < 0.12 else "" for _ in tokens[1:]]
    line = " ".join(case(token) + end for token, end in zip(tokens, [*ends, ""], strict=True))
    return line[:LONGEST].strip()


def _token(dice: random.Random, words: list[str]) -> str:
    dot = dice.choice("/-.:")
    letters = "".join(dice.choice("ABCDEFGHJKLMNPRSTUVXYZ") for _ in range(dice.randint(1, 3)))
    kinds = {
        dice.choice(words): 60,
        "".join(dice.choice(SYLLABLES) for _ in range(dice.randint(1, 4))): 18,
        str(dice.randint(0, 10 ** dice.randint(1, 6))): 6,
        f"{dice.randint(0, 999)}.{dice.randint(0, 99):02d}": 5,
        f"{dice.randint(1, 23):02d}{dot}{dice.randint(1, 59):02d}{dot}{dice.randint(1990, 2030)}": 5,
        f"{letters}{dice.randint(1, 999)}": 3,
        dice.choice(["&", "-", "No.", "+", "x", "/", "@"]): 3,
    }
    return dice.choices([*kinds], [*kinds.values()])[0]


def rendered(count: int, seed: int, fonts: dict[str, Path]) -> Iterator[tuple[str, Pixels]]:
    """Yield texts and their (H, W, 3) uint8 pictures."""
    for number, text in enumerate(fit_texts(count, seed)):
        yield text, _picture(text, fonts, random.Random(f"{seed} {number} picture"))


def _picture(text: str, fonts: dict[str, Path], dice: random.Random) -> Pixels:
    ink = _lettering(text, fonts, dice)
    rows, columns = np.nonzero(ink > 0.2)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    margin = np.array([dice.uniform(0.03, 0.25) for _ in range(3)]) * (bottom - top) + 1
    line = bottom - top + 2 * margin[0]
    corners = [(left - margin[1], top - margin[0]), (right + margin[2], top - margin[0])]
    corners += [(right + margin[2], bottom + margin[0]), (left - margin[1], bottom + margin[0])]
    askew = [[x, y + dice.uniform(-0.08, 0.08) * line] for x, y in corners]
    height = dice.choice([12, 16, 20, 24, 32, 48, 64])
    width = max(4, int((corners[1][0] - corners[0][0]) * height / line))
    colours = np.array([[dice.randint(0, 255) for _ in range(3)] for _ in range(2)], np.float64)
    if abs(colours[0].mean() - colours[1].mean()) < 60:
        colours[1] = (colours[0] + 128) % 256
    light = np.linspace(dice.uniform(0.7, 1), dice.uniform(0.7, 1), ink.shape[1])[None, :, None]
    painted = (colours[0] + (colours[1] - colours[0]) * ink[..., None]) * light
    if line > height:
        painted = cv2.GaussianBlur(painted, (0, 0), line / height / 2)
    target = [[0, 0], [width, 0], [width, height], [0, height]]
    view = cv2.getPerspectiveTransform(np.array(askew, np.float32), np.array(target, np.float32))
    seen = cv2.warpPerspective(
        painted.astype(np.float32), view, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    blur = dice.choice([0, 0, 0.4, 0.7, 1.0]) * height / 32
    if blur > 0.2:
        seen = cv2.GaussianBlur(seen, (0, 0), blur)
    noise = np.random.default_rng(dice.randint(0, 2**31)).normal(0, dice.choice([0, 3, 8]), seen.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, dice.choice([40, 60, 80, 95])]
    _, coded = cv2.imencode(".jpg", np.clip(seen + noise, 0, 255).astype(np.uint8), quality)
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)  # type: ignore[return-value]


def _lettering(text: str, fonts: dict[str, Path], dice: random.Random) -> NDArray[np.float32]:
    """Return (H, W) ink between 0 and 1."""
    face = dice.choice([face for faces in FONTS.values() for face in faces])
    size = dice.choice([24, 32, 48])
    font = ImageFont.truetype(str(fonts[face]), size, layout_engine=ImageFont.Layout.BASIC)
    if "[" in face:
        bold = dice.choice([400, 500, 700])
        axes = font.get_variation_axes()
        is_weight = [axis["name"] in {b"Weight", "Weight"} for axis in axes]
        font.set_variation_by_axes(
            [bold if weight else axis["default"] for axis, weight in zip(axes, is_weight, strict=True)]
        )
    tracking = dice.choice(TRACKING) * size
    space = font.getlength(SPACE) * dice.choice(SPACE_WIDTH) + 1.5 * tracking
    ends = np.cumsum([space if one == SPACE else font.getlength(one) + tracking for one in text])
    canvas = Image.new("L", (int(ends[-1]) + 2 * size, int(size * 2.2)), 0)
    draw = ImageDraw.Draw(canvas)
    for character, start in zip(text, [0.0, *ends], strict=False):
        draw.text((size + start, size * 0.4), character, font=font, fill=255)
    return np.asarray(canvas, np.float32) / 255


if __name__ == "__main__":
    run(main)
