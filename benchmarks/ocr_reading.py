"""Measure how fast images are read: this runtime against the tutorial's approach, in one run.

In: a folder of images, the models of both approaches. The tutorial's approach is one pass of a 640x640
detector, then one pass of a 32x832 recognizer for every crop, one image after the other, models opened
once; it runs here with this project's own decoding, so the ratio says what shapes, second looks and
overlap do.

Out: a table, and with --json FILE the same as JSON: for every mode the milliseconds an image spends in
each stage, images per second from files to texts, the ratio of that to the tutorial's, processor time an
image, and the peak memory of the process. Modes take turns over the images, so that a machine that is
busy for a while is busy for all of them alike. Exit code 0 measured, 2 wrong usage.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from snapml_ocr.benchmark.machine import peak_memory
from snapml_ocr.cli import run
from snapml_ocr.files import write_json
from snapml_ocr.ocr.crops import along_the_line, crop_quad
from snapml_ocr.ocr.images import find_images, read_image
from snapml_ocr.ocr.reader import Reader, ReaderSettings
from snapml_ocr.ocr.reading_order import reading_order
from snapml_ocr.ocr.recognizer import RecognizerSettings

STAGES = ("decode", "detect", "order", "crop", "recognize")


@dataclass(frozen=True)
class Mode:
    """One way to read: its models, and whether images overlap."""

    name: str
    detectors: tuple[Path, ...]
    recognizers: tuple[Path, ...]
    dictionary: Path
    threads: int
    overlap: bool
    retry_below: float


@dataclass(frozen=True)
class Measured:
    """What one mode took, times in milliseconds an image."""

    name: str
    images_per_second: float
    ratio: float
    processor_ms: float
    stages: dict[str, float]
    peak_memory_mib: float


def main() -> None:
    """Measure every mode in turns and print the table."""
    args = parse_args()
    images = find_images(args.image_path)[: args.images]
    modes = [mode_of(args, name) for name in ("tutorial", *args.mode)]
    workers = [Worker(mode) for mode in modes]
    blocks = [images[start : start + args.block] for start in range(0, len(images), args.block)]
    seconds: list[list[float]] = [[] for _ in modes]
    processor = [0.0] * len(modes)
    for _ in range(args.rounds):
        for block in blocks:
            for index, worker in enumerate(workers):
                wall, cpu = worker.ask("read", block)
                seconds[index].append(wall)
                processor[index] += cpu
    stages = [worker.ask("stages", images[: args.stage_images]) for worker in workers]
    memory = [worker.ask("memory", []) for worker in workers]
    count = args.rounds * len(images)
    # The ratio of one block to the tutorial's time for the same block: what disturbs one disturbs its
    # neighbour.
    ratios = [
        statistics.median(base / own for base, own in zip(seconds[0], times, strict=True))
        for times in seconds
    ]
    rows = [
        Measured(mode.name, count / sum(times), ratio, 1000 * cpu / count, stage, peak / 2**20)
        for mode, times, ratio, cpu, stage, peak in zip(
            modes, seconds, ratios, processor, stages, memory, strict=True
        )
    ]
    print_table(rows)
    if args.json is not None:
        write_json(args.json, [asdict(row) for row in rows])


class Worker:
    """A mode in a process of its own, so that memory is its own."""

    def __init__(self, mode: Mode) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        context.Process(target=serve, args=(theirs, mode), daemon=True).start()
        self._connection.recv()

    def ask(self, question: str, images: Sequence[Path]):  # type: ignore[no-untyped-def]
        """Send a question and wait for its answer."""
        self._connection.send((question, list(images)))
        return self._connection.recv()


def serve(connection: Connection, mode: Mode) -> None:
    """Open the models once and answer until the other end goes away."""
    settings = ReaderSettings(recognizer=RecognizerSettings(retry_below=mode.retry_below))
    reader = Reader(
        mode.detectors,
        mode.recognizers,
        mode.dictionary,
        settings=settings,
        threads=mode.threads,
        images_at_once=None if mode.overlap else 1,
    )
    connection.send("open")
    while True:
        try:
            question, images = connection.recv()
        except EOFError:
            return
        if question == "read":
            start, cpu = time.perf_counter(), time.process_time()
            pages = reader.read_many(images) if mode.overlap else map(reader.read, images)
            for _ in pages:
                pass
            connection.send((time.perf_counter() - start, time.process_time() - cpu))
        elif question == "stages":
            connection.send(stage_times(reader, images))
        else:
            connection.send(peak_memory())


def stage_times(reader: Reader, images: Sequence[Path]) -> dict[str, float]:
    """Return the milliseconds an image of each stage, one image after the other."""
    assert reader.detector is not None
    assert reader.recognizer is not None
    spent = dict.fromkeys(STAGES, 0.0)
    for path in images:
        clock = [time.perf_counter()]
        pixels = read_image(path)
        clock.append(time.perf_counter())
        boxes = reader.detector.find(pixels)
        clock.append(time.perf_counter())
        boxes = [boxes[index] for index in reading_order([box.quad for box in boxes])]
        clock.append(time.perf_counter())
        crops = [crop_quad(pixels, along_the_line(box.quad)) for box in boxes]
        clock.append(time.perf_counter())
        for crop in crops:
            reader.recognizer.read(crop)
        clock.append(time.perf_counter())
        for stage, start, end in zip(STAGES, clock, clock[1:], strict=False):
            spent[stage] += 1000 * (end - start)
    return {stage: total / max(1, len(images)) for stage, total in spent.items()}


def print_table(rows: Sequence[Measured]) -> None:
    """Print one line a mode."""
    heads = f"{'mode':12}{'images/s':>9}{'ratio':>7}{'CPU ms':>8}{'MiB':>6}"
    print(heads, *(f"{stage:>10}" for stage in STAGES))
    for row in rows:
        whole = f"{row.name:12}{row.images_per_second:9.2f}{row.ratio:7.2f}"
        cost = f"{row.processor_ms:8.1f}{row.peak_memory_mib:6.0f}"
        print(whole + cost, *(f"{row.stages[stage]:10.1f}" for stage in STAGES))


def mode_of(args: argparse.Namespace, name: str) -> Mode:
    """Return the mode of a name: "tutorial", or one with its detector shapes, as lens=384x640,640x640."""
    label, _, shapes = name.partition("=")
    if label == "tutorial":
        detectors, widths = ["640x640"], [f"{args.rec_height}x832"]
    else:
        detectors, widths = shapes.split(","), args.rec_shapes
    return Mode(
        name=label,
        detectors=tuple(args.models / f"{args.detector}_{shape}.onnx" for shape in detectors),
        recognizers=tuple(args.models / f"{args.recognizer}_{shape}.onnx" for shape in widths),
        dictionary=args.rec_char_dict_path,
        threads=args.threads,
        overlap=label != "tutorial",
        retry_below=0.0 if label == "tutorial" else args.retry_below,
    )


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description="Measure how fast images are read.")
    parser.add_argument("-i", "--image_path", type=Path, required=True)
    parser.add_argument(
        "--models", type=Path, default=Path("results/snapml"), help="folder of MODEL_HxW.onnx"
    )
    parser.add_argument("--detector", default="en_PP-OCRv3_det_infer")
    parser.add_argument("--recognizer", default="en_number_mobile_v2.0_rec_infer")
    parser.add_argument("--rec_char_dict_path", type=Path, default=Path("rec_char_dict/en_dict.txt"))
    parser.add_argument("--rec_height", type=int, default=32, help="height of the tutorial's 832 wide input")
    parser.add_argument("--rec_shapes", nargs="+", default=["32x160", "32x320", "32x832"])
    parser.add_argument(
        "--mode",
        nargs="+",
        default=["lens=384x640,640x384,640x640", "host=736x1280,1280x736"],
        help="NAME=detector shapes",
    )
    parser.add_argument("--retry_below", "--second_look_below", type=float, default=0.9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=200, help="at most so many images")
    parser.add_argument("--block", type=int, default=20, help="images a mode reads in one turn")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--stage_images", type=int, default=20)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.block < 1 or args.rounds < 1 or args.images < 1:
        parser.error("--images, --block and --rounds must be at least 1")
    if json.dumps(args.mode).count("=") != len(args.mode):
        parser.error("--mode takes NAME=shapes, as lens=384x640,640x640")
    return args


if __name__ == "__main__":
    run(main)
