"""Find and read the text of images: open the models once, read many images.

from snapml_ocr.ocr.reader import Reader
reader = Reader.open("results/pipelines/ppocrv4-en.json")
print([line.text for line in reader.read("photo.jpg").lines])
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.crops import along_the_line, crop_quad, part_of_quad, upside_down
from snapml_ocr.ocr.ctc import word_spans
from snapml_ocr.ocr.detector import Detector, DetectorSettings
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.images import Pixels, UnreadableImageError, read_image
from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
from snapml_ocr.ocr.orientation import OrientationClassifier
from snapml_ocr.ocr.probability_map import Quad
from snapml_ocr.ocr.reading_order import reading_order
from snapml_ocr.ocr.recognizer import Reading, Recognizer, RecognizerSettings

ImageSource = str | Path | Pixels
"""A file, or pixels as (H, W, 3) uint8 BGR."""


@dataclass(frozen=True)
class Word:
    """A word of a line: its quad, estimated from where its characters were read."""

    quad: Quad
    text: str
    confidences: tuple[float, ...]

    @property
    def score(self) -> float:
        """Mean confidence of the characters."""
        return float(np.mean(self.confidences))


@dataclass(frozen=True)
class Line:
    """A line of text: (4, 2) quad in image pixels, clockwise from top left as it is read."""

    quad: Quad
    det_score: float
    text: str = ""
    confidences: tuple[float, ...] = ()
    words: tuple[Word, ...] = ()

    @property
    def score(self) -> float:
        """Mean confidence of the characters; 0.0 for no text."""
        return float(np.mean(self.confidences)) if self.confidences else 0.0


@dataclass(frozen=True)
class Page:
    """What was read of one image; `error` says why an image could not be read at all."""

    image: str
    width: int = 0
    height: int = 0
    lines: tuple[Line, ...] = ()
    error: str | None = None
    source: Path | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ReaderSettings:
    """How images are read; the defaults are those of the command line."""

    detector: DetectorSettings = field(default_factory=DetectorSettings)
    recognizer: RecognizerSettings = field(default_factory=RecognizerSettings)
    classifier_normalisation: Normalisation = RECOGNITION
    drop_score: float = 0.6
    """Lines with a lower score are left out, as they are hardly ever right."""
    level: str = "line"
    """"line": lines as the detector finds them; "word": every line cut into its words at the spaces read."""
    use_space_char: bool | None = None
    """Whether a space follows the dictionary as the last class; None: as the model says, else it does."""
    right_to_left: bool | None = None
    """Whether lines begin at the right; None: as the model says, else they do not."""


class Reader:
    """Opened models. Use as a context manager, or leave the closing to the end of the program."""

    def __init__(
        self,
        detectors: Sequence[str | Path] = (),
        recognizers: Sequence[str | Path] = (),
        dictionary: str | Path | Dictionary | None = None,
        *,
        trained_with: str | Path | None = None,
        classifier: str | Path | None = None,
        det_shapes: Sequence[tuple[int, int]] = (),
        rec_shapes: Sequence[tuple[int, int]] = (),
        cls_shapes: Sequence[tuple[int, int]] = (),
        settings: ReaderSettings | None = None,
        threads: int = 2,
        images_at_once: int | None = None,
    ) -> None:
        """Open detectors, recognizers of one height, or both; raise `UserError` for what cannot be opened.

        Without detectors each image is one line; without recognizers only boxes are found. Without a
        `dictionary` file the recognizers' own is taken, which the models of this project carry. With the
        dictionary they were `trained_with`, only what `dictionary` keeps of it is read. Shapes are
        (height, width) and needed for dynamic models only. The `threads` are shared out to `images_at_once`
        images, by default one for each thread, which reads most images in a given time; 1 reads a single
        image soonest.
        """
        if not detectors and not recognizers:
            raise UserError("give a detector, a recognizer or both")
        self._settings = settings or ReaderSettings()
        self._at_once = threads if images_at_once is None else images_at_once
        if threads < 1 or self._at_once < 1:
            raise UserError(f"{threads} threads for {self._at_once} images at once: both must be at least 1")
        threads = max(1, threads // self._at_once)
        self.detector = self.recognizer = self.classifier = None
        if detectors:
            self.detector = Detector(
                [Path(path) for path in detectors],
                shapes=det_shapes,
                settings=self._settings.detector,
                threads=threads,
            )
        if recognizers:
            self.recognizer = Recognizer(
                [Path(path) for path in recognizers],
                self._dictionary_in(dictionary) if dictionary else self._dictionary_of,
                trained_with=self._dictionary_in(trained_with) if trained_with else None,
                shapes=rec_shapes,
                settings=self._settings.recognizer,
                threads=threads,
            )
        if classifier is not None:
            self.classifier = OrientationClassifier(
                Path(classifier),
                shapes=cls_shapes,
                normalisation=self._settings.classifier_normalisation,
                threads=threads,
            )
        self._workers = ThreadPoolExecutor(self._at_once, thread_name_prefix="reader")

    @classmethod
    def open(
        cls,
        path: str | Path,
        stage: str | None = None,
        *,
        images_at_once: int | None = None,
        **options: Any,
    ) -> Self:
        """Open what a pipeline file of a build names, at a stage of it, by default the one that is shipped.

        `options` are those of the command line, by the names of their flags, and win over the file's.
        Raises `UserError` for an unknown stage or option, and for a model that is missing or another one.
        """
        from snapml_ocr.ocr.opening import arguments_of, normalisations_of, options_of, reader_settings
        from snapml_ocr.plan.pipeline_file import read_pipeline_file

        file = read_pipeline_file(Path(path))
        chosen = options_of(file, options)
        return cls(
            **arguments_of(Path(path), file, stage),
            settings=reader_settings(chosen, normalisations_of(file)),
            threads=chosen.threads,
            images_at_once=images_at_once,
        )

    def _dictionary_in(self, file: str | Path | Dictionary) -> Dictionary:
        space, right_to_left = self._settings.use_space_char, self._settings.right_to_left
        if isinstance(file, Dictionary):
            return replace(
                file,
                space=file.space if space is None else space,
                right_to_left=file.right_to_left if right_to_left is None else right_to_left,
            )
        return Dictionary.read(Path(file), space=space is not False, right_to_left=bool(right_to_left))

    def _dictionary_of(self, metadata: Mapping[str, str], model: Path) -> Dictionary:
        space, right_to_left = self._settings.use_space_char, self._settings.right_to_left
        return from_metadata(metadata, model, space=space, right_to_left=right_to_left)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker threads."""
        self._workers.shutdown(cancel_futures=True)

    def read(self, image: ImageSource) -> Page:
        """Read one image; raises `UnreadableImageError` when the file is not an image."""
        return self._read(image)

    def read_many(self, images: Iterable[ImageSource]) -> Iterator[Page]:
        """Yield the page of each image in the order given; an unreadable image gives a page with an `error`.

        Several images are under way at once, so that one is detected while another is recognized.
        """
        under_way: deque[Future[Page]] = deque()
        try:
            for image in images:
                under_way.append(self._workers.submit(self._read_or_report, image))
                # One more than are read at once, so that no thread waits for the caller to take a page.
                if len(under_way) > self._at_once + 1:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()

    def _read_or_report(self, image: ImageSource) -> Page:
        try:
            return self._read(image)
        except UnreadableImageError as error:
            path = Path(image) if isinstance(image, str | Path) else None
            return Page(path.name if path else "", error=str(error), source=path)

    def _read(self, image: ImageSource) -> Page:
        path = Path(image) if isinstance(image, str | Path) else None
        pixels = read_image(path) if path else image
        assert not isinstance(pixels, str | Path)
        height, width = pixels.shape[:2]
        return Page(path.name if path else "", width, height, tuple(self._lines(pixels)), source=path)

    def _lines(self, pixels: Pixels) -> list[Line]:
        height, width = pixels.shape[:2]
        if self.detector is None:
            whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
            return [self._recognized(pixels, Line(whole, 1.0))]
        boxes = self.detector.find(pixels)
        boxes = [boxes[index] for index in reading_order([box.quad for box in boxes])]
        lines = [Line(along_the_line(box.quad), box.score) for box in boxes]
        if self.recognizer is None:
            return lines
        read = [self._recognized(pixels, line) for line in lines]
        kept = [line for line in read if line.text.strip() and line.score >= self._settings.drop_score]
        if self._settings.level == "line":
            return kept
        return [_as_line(word, line) for line in kept for word in line.words]

    def _recognized(self, pixels: Pixels, line: Line) -> Line:
        assert self.recognizer is not None
        quad = along_the_line(line.quad)
        crop = crop_quad(pixels, quad)
        if self.classifier is not None and self.classifier.is_upside_down(crop):
            quad, crop = upside_down(quad), np.ascontiguousarray(crop[::-1, ::-1])
        reading = self.recognizer.read(crop)
        return Line(quad, line.det_score, reading.text, reading.confidences, _words(quad, reading))


def _words(quad: Quad, reading: Reading) -> tuple[Word, ...]:
    """Return the words of a line, as they are read, with quads cut from the line's own."""
    words = []
    for first, last in word_spans(reading.text):
        part = part_of_quad(quad, *_extent(reading.spans, first, last))
        words.append(Word(part, reading.text[first:last], reading.confidences[first:last]))
    return tuple(words)


def _extent(spans: Sequence[tuple[float, float]], first: int, last: int) -> tuple[float, float]:
    """Return the left and right end of characters [first, last) as fractions of the line.

    CTC fires somewhere inside a character: a word's border is half way to the neighbouring character, at
    the ends of the line the line's own. In a right-to-left line the neighbour to the left is the next one.
    """
    left = min(start for start, _ in spans[first:last])
    right = max(end for _, end in spans[first:last])
    others = [*spans[:first], *spans[last:]]
    before = [end for _, end in others if end <= left]
    after = [start for start, _ in others if start >= right]
    return (max(before) + left) / 2 if before else 0.0, (right + min(after)) / 2 if after else 1.0


def _as_line(word: Word, line: Line) -> Line:
    return Line(word.quad, line.det_score, word.text, word.confidences, (word,))
