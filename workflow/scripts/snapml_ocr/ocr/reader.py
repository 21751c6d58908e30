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

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.detector import Detector, DetectorSettings
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.dictionary_metadata import from_metadata
from snapml_ocr.ocr.directions import ways_to_read
from snapml_ocr.ocr.images import Pixels, UnreadableImageError, read_image
from snapml_ocr.ocr.line_reader import LineReader
from snapml_ocr.ocr.normalisation import RECOGNITION, Normalisation
from snapml_ocr.ocr.orientation import OrientationClassifier
from snapml_ocr.ocr.page import Line, Page, Word
from snapml_ocr.ocr.reading_order import likely_direction, reading_order
from snapml_ocr.ocr.recognizer import Recognizer, RecognizerSettings
from snapml_ocr.ocr.steps import Hook, observed
from snapml_ocr.plan.reader_options import DEFAULTS
from snapml_ocr.plan.space_rule import SpaceRule

ImageSource = str | Path | Pixels
"""A file, or pixels as (H, W, 3) uint8 BGR."""


@dataclass(frozen=True)
class ReaderSettings:
    """How images are read; the defaults are those of the command line."""

    detector: DetectorSettings = field(default_factory=DetectorSettings)
    recognizer: RecognizerSettings = field(default_factory=RecognizerSettings)
    classifier_normalisation: Normalisation = RECOGNITION
    drop_score: float = DEFAULTS.drop_score
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
        space_rule: SpaceRule | None = None,
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
        dictionary they were `trained_with`, only what `dictionary` keeps of it is read. `space_rule` is the
        recognizers', by default the one that serves all. Shapes are (height, width) and needed for dynamic
        models only. The `threads` are shared out to `images_at_once`
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
                space_rule=space_rule,
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
        self._line_reader = LineReader(self.recognizer, self.classifier) if self.recognizer else None
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

    def read(self, image: ImageSource, on_step: Hook | None = None) -> Page:
        """Read one image; raises `UnreadableImageError` when the file is not an image.

        `on_step` is called for every step, see `snapml_ocr.ocr.steps`.
        """
        with observed(on_step):
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
        if self.detector is None:
            assert self._line_reader is not None
            return [self._line_reader.read_crop(pixels)]
        boxes = self.detector.find(pixels)
        if self._line_reader is None:
            page = likely_direction([box.quad for box in boxes])
            return in_reading_order([Line(ways_to_read(box.quad, page)[0], box.score) for box in boxes])
        lines = in_reading_order(self._line_reader.read_page(pixels, boxes))
        kept = [line for line in lines if line.text.strip() and line.score >= self._settings.drop_score]
        if self._settings.level == "line":
            return kept
        return [_as_line(word, line) for line in kept for word in line.words]


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines as a person reads them."""
    return [lines[index] for index in reading_order([line.quad for line in lines])]


def _as_line(word: Word, line: Line) -> Line:
    return Line(word.quad, line.det_score, word.text, word.confidences, (word,))
