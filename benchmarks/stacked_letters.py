"""Draw words whose letters stand under each other, and words that run down, as labelled crops.

In: --fonts, the folder of fonts that `fit_spaces.py` takes. Out: --output FOLDER with the crops and
rec_labels.json, half of the words stacked and half turned by 90 degrees; `ocr_sweep.py --dataset FOLDER
--sweep stacked.TALLEST 1.5 2 3` shows what a threshold does to both. Exit code 0 drawn, 2 wrong usage.
"""

import argparse
import random
import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from fit_spaces import FONTS, known_fonts

from snapml_ocr.cli import run
from snapml_ocr.files import write_json
from snapml_ocr.ocr.images import Pixels

WORDS = """
    hotel cinema bar pharmacy library museum parking bakery theatre garage market station gallery optician
    books cafe taxi exit sale open dentist harbour flowers pizza bridge coffee tickets garden fish juice
"""

LEADING = (0.9, 1.0, 1.2, 1.5)
"""Distance of two stacked letters, in ems."""


def main() -> None:
    """Draw the crops."""
    parser = argparse.ArgumentParser(description="Draw words whose letters stand under each other.")
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    fonts = known_fonts(args.fonts)
    args.output.mkdir(parents=True, exist_ok=True)
    labels = []
    for number in range(args.words):
        dice = random.Random(f"{args.seed} {number}")
        text = dice.choice([str.upper, str.capitalize, str.lower])(dice.choice(WORDS.split()))
        font = ImageFont.truetype(str(fonts[dice.choice([*FONTS.values()])[0]]), dice.choice([24, 32, 48]))
        is_stacked = number % 2 == 0
        picture = stacked(text, font, dice) if is_stacked else running_down(text, font)
        name = f"{number:03d}_{'stacked' if is_stacked else 'down'}.png"
        cv2.imwrite(str(args.output / name), painted(picture, dice))
        labels.append({"image": name, "text": text})
    write_json(args.output / "rec_labels.json", labels)


def stacked(text: str, font: ImageFont.FreeTypeFont, dice: random.Random) -> Pixels:
    """Return the (H, W) ink of the letters under each other, on one middle."""
    leading = dice.choice(LEADING) * font.size
    canvas = Image.new("L", (int(3 * font.size), int(leading * len(text) + 2 * font.size)))
    draw = ImageDraw.Draw(canvas)
    for number, letter in enumerate(text):
        draw.text((canvas.width / 2, font.size + number * leading), letter, font=font, fill=255, anchor="mm")
    return np.asarray(canvas)


def running_down(text: str, font: ImageFont.FreeTypeFont) -> Pixels:
    """Return the (H, W) ink of the line, turned by 90 degrees clockwise."""
    canvas = Image.new("L", (int(font.getlength(text) + 2 * font.size), int(3 * font.size)))
    ImageDraw.Draw(canvas).text((font.size, font.size), text, font=font, fill=255)
    return np.ascontiguousarray(np.rot90(np.asarray(canvas), -1))


def painted(ink: Pixels, dice: random.Random) -> Pixels:
    """Return the (H, W, 3) picture of (H, W) ink with little margin, in two colours, blurred and noisy."""
    rows, columns = np.nonzero(ink > 50)
    margin = dice.randint(2, 6)
    inked = np.pad(ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], margin)
    dark, light = dice.randint(0, 90), dice.randint(150, 255)
    paper, letters = dice.choice([(dark, light), (light, dark)])
    seen = paper + (letters - paper) * inked.astype(np.float32)[..., None].repeat(3, axis=2) / 255
    seen = cv2.GaussianBlur(seen, (0, 0), dice.choice([0.4, 0.8, 1.2]))
    noise = np.random.default_rng(dice.randint(0, 2**31)).normal(0, dice.choice([0, 4, 8]), seen.shape)
    picture: Pixels = np.clip(seen + noise, 0, 255).astype(np.uint8)
    return picture


if __name__ == "__main__":
    run(main)
