"""Paint the sample images and their ground truth.

Writes every picture and labels.json into --output_dir (default: this folder). With --only NAME (repeatable,
with or without the file ending) only these pictures and their records in labels.json are written anew. The
packages of envs/images.lock give the same bytes on every run. Exit 0 written, 2 wrong usage or a missing font
package.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from generator.canvas import Pixels
from generator.catalogue import Sample, samples
from generator.fonts import MissingFontError
from generator.labels import record, to_json
from generator.photo import develop


def main() -> int:
    """Parse the arguments, paint, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output_dir", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--only", action="append", metavar="NAME", help="a picture's name; may be repeated")
    args = parser.parse_args()
    catalogue = samples()
    wanted = args.only or [sample.name for sample in catalogue]
    chosen = [sample for sample in catalogue if sample.name in wanted or Path(sample.name).stem in wanted]
    unknown = set(wanted) - {sample.name for sample in chosen} - {Path(sample.name).stem for sample in chosen}
    if unknown:
        parser.error(f"no picture is called {', '.join(sorted(unknown))}; see generator/content")

    # Code chosen by the processor (and its rounding) would make the bytes differ from machine to machine.
    cv2.setUseOptimized(False)
    cv2.setNumThreads(1)
    args.output_dir.mkdir(parents=True, exist_ok=True)
    try:
        records = {sample.name: write_sample(sample, args.output_dir) for sample in chosen}
    except MissingFontError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    write_labels(args.output_dir / "labels.json", catalogue, records)
    return 0


def write_sample(sample: Sample, folder: Path) -> dict[str, Any]:
    """Paint one picture, write it and return its record."""
    rng = sample.rng()
    pixels, words = develop(sample.paint(rng), rng)
    (folder / sample.name).write_bytes(encoded(pixels, sample))
    return record(sample.name, sample.category, words)


def encoded(pixels: Pixels, sample: Sample) -> bytes:
    """File content of a picture, (H, W, 3) uint8 RGB, as its name's ending says."""
    options: list[int] = []
    if sample.name.endswith(".jpg"):
        options = [cv2.IMWRITE_JPEG_QUALITY, sample.quality]
    else:  # PNG keeps every bit of noise: 64 levels halve the file and nobody sees it
        pixels = (pixels // 4 * 4 + 2).astype(np.uint8)
    done, content = cv2.imencode(Path(sample.name).suffix, np.ascontiguousarray(pixels[:, :, ::-1]), options)
    if not done:
        raise RuntimeError(f"{sample.name}: OpenCV cannot encode it")
    return content.tobytes()


def write_labels(path: Path, catalogue: list[Sample], records: dict[str, dict[str, Any]]) -> None:
    """Write labels.json in catalogue order, keeping the records of pictures that were not painted now."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    known = {entry["image"]: entry for entry in kept} | records
    path.write_text(to_json([known[s.name] for s in catalogue if s.name in known]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
