r"""Time what a Lens computes in script: boxes from a detector's map, the crop of a line, its text.

OcrCore.js runs in Node and in QuickJS, an interpreter without a compiler as phones have them, on one core, on
the map, lines and outputs of a real picture. Prints medians as JSON. The picture with about 50 lines is
chosen by hand. Example:

    python benchmarks/lens_decoding.py --pipeline results/pipelines/ppocrv4-v6-en.json --image receipt.jpg
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.lens.bundle import SOURCES
from snapml_ocr.lens.node import environment, install_packages, node_program
from snapml_ocr.ocr.crops import crop_quad
from snapml_ocr.ocr.images import read_image
from snapml_ocr.ocr.letterbox import Letterbox
from snapml_ocr.ocr.line_input import input_length, scale_line
from snapml_ocr.ocr.opening import normalisations_of
from snapml_ocr.ocr.reader import Reader
from snapml_ocr.plan.pipeline_file import files_of, read_pipeline_file
from snapml_ocr.runtime.model import open_model


def main() -> None:
    """Prepare the inputs in Python, time in Node."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--image", type=Path, required=True)
    args = parser.parse_args()
    install_packages()
    with TemporaryDirectory() as folder:
        prepare(args.pipeline, args.image, Path(folder))
        command = [node_program(), SOURCES / "verify/interpreter.mjs", SOURCES / "OcrCore.js", folder]
        done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, text=True, check=True)
    print(json.dumps(json.loads(done.stdout), indent=1))


def prepare(pipeline_file: Path, image: Path, folder: Path) -> None:
    """Write the picture, its map, and each line's output as raw files."""
    pipeline = read_pipeline_file(pipeline_file)
    normal = normalisations_of(pipeline)
    assert pipeline.detector is not None
    assert pipeline.recognizer is not None
    pixels = read_image(image)
    height, width = pixels.shape[:2]
    detector = open_model(files_of(pipeline_file, pipeline.detector, pipeline.shipped)[-1], threads=2)
    rows, columns = (int(side) for side in detector.input_shape[2:] if side)
    box = Letterbox(width, height, columns, rows)
    detector.run(normal["detector"].tensor(box.apply(pixels)))[0, 0].tofile(folder / "map")
    cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA).tofile(folder / "picture")
    recognizer = open_model(files_of(pipeline_file, pipeline.recognizer, pipeline.shipped)[0], threads=2)
    line_height, line_width = (int(side) for side in recognizer.input_shape[2:] if side)
    lines = []
    for number, line in enumerate(Reader.open(pipeline_file).read(image).lines):
        crop = crop_quad(pixels, line.quad)
        length = min(line_width, input_length(crop, line_height))
        tensor = np.zeros((1, 3, line_height, line_width), np.float32)
        tensor[:, :, :, :length] = normal["recognizer"].tensor(scale_line(crop, line_height, length))
        output = recognizer.run(tensor)[0]
        output.tofile(folder / f"line{number}")
        lines.append({"quad": line.quad.ravel().tolist(), "classes": output.shape[1]})
    job = {"width": columns, "height": rows, "picture": {"width": width, "height": height}, "lines": lines}
    (folder / "job.json").write_text(json.dumps(job))


if __name__ == "__main__":
    main()
