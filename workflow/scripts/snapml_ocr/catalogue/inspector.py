"""Put together what a model is: from its graph, from `inference.yml`, and from what its user says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from snapml_ocr.catalogue.finding import Ask, Finding
from snapml_ocr.catalogue.graph import RECOGNIZER_HEIGHTS, Behaviour, Graph
from snapml_ocr.catalogue.inference_yml import DECODERS, InferenceYml
from snapml_ocr.errors import UserError
from snapml_ocr.ocr.normalisation import DETECTION, RECOGNITION, Normalisation
from snapml_ocr.plan.axes import TASKS
from snapml_ocr.plan.shape import Shape

USUAL_SHAPES = {"detection": ((640, 640),), "classification": ((48, 192),)}
"""The tutorial's detector input, and the size the published classifier was trained at."""
RECOGNIZER_WIDTHS = (320, 832)
"""The published recognizers' training width, and one for long lines."""


@dataclass
class ModelInspector:
    """What is known so far; `remarks` say what was assumed for a key of the entry."""

    label: str
    graph: Graph
    declared: InferenceYml
    ask: Ask
    height: int | None = None
    """Of a recognizer, where its user says it."""
    findings: list[Finding] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, value: str, how: str, *, assumed: bool = False, key: str = "") -> None:
        """Add a finding; an assumption is also written beside `key` of the entry."""
        self.findings.append(Finding(what, value, how, assumed))
        if assumed:
            self.remarks[key] = "; ".join(filter(None, [self.remarks.get(key), how]))

    def behaviour(self, asked: Sequence[Shape]) -> Behaviour:
        """Find task and classes by running the graph, at the first of the sizes asked for or a likely one."""
        self.note("input", f"3x{self.graph.size_text}", "the graph's own; ? is open")
        seen = self._first_run(asked)
        self._require_agreement(seen)
        how = seen.evidence
        if self.declared.decoder:
            how += f"; inference.yml: {self.declared.decoder}"
        self.note("task", f"a {TASKS[seen.task].role}", how)
        if seen.task == "recognition":
            self.note("classes", str(seen.classes), "the last size of its output")
            self._decoding(seen)
        if len(self.graph.outputs) > 1:
            self.note("outputs", f"{len(self.graph.outputs)}", "the first is used, the others are left alone")
        return seen

    def shapes(self, seen: Behaviour, asked: Sequence[Shape]) -> list[Shape]:
        """The sizes to build the model at, each of which it was run at."""
        if asked:
            found, how = list(asked), "--shapes"
        else:
            found, how = self._usual_shapes(seen)
        for shape in found:
            again = self.graph.behaviour(shape.height, shape.width)
            if again.task != seen.task:
                raise UserError(
                    f"{self.label}: at {shape} its output is not that of a {TASKS[seen.task].role}"
                )
        assumed = not asked and seen.task == "classification" and self._fixed_or_declared() is None
        if assumed:
            how = "PP-OCR's published size of an orientation classifier"
        self.note("shapes", ", ".join(map(str, found)), how, assumed=assumed, key="shapes")
        return found

    def normalisation(self, task: str, given: Normalisation | None) -> Mapping[str, Any]:
        """Mean, std and channel order of the pixels."""
        declared, published = self.declared, DETECTION if task == "detection" else RECOGNITION
        if given:
            self.note("normalisation", _shown(given.mean, given.std), "--normalisation")
            self.note("channel order", given.channel_order, "--normalisation")
            return {"mean": given.mean, "std": given.std, "channel_order": given.channel_order}
        mean, std = published.mean, published.std
        key = "normalisation"
        if declared.mean and declared.std:
            mean, std = declared.mean, declared.std
            self.note(key, _shown(mean, std), "inference.yml: NormalizeImage")
        elif declared.resizes_for_recognition:
            mean, std = RECOGNITION.mean, RECOGNITION.std
            self.note(key, _shown(mean, std), "inference.yml: RecResizeImg, which maps pixels to [-1, 1]")
        else:
            how = f"PP-OCR's published values of a {TASKS[task].role}"
            self.note(key, _shown(mean, std), how, assumed=True, key=key)
        order = declared.channel_order
        if order:
            self.note("channel order", order, "inference.yml: DecodeImage")
        elif declared.decoder == "Topk":
            order = "rgb"
            self.note("channel order", order, "PaddleX gives classifiers RGB pictures", assumed=True, key=key)
        else:
            order = "bgr"
            self.note("channel order", order, "PP-OCR reads BGR", assumed=True, key=key)
        return {"mean": mean, "std": std, "channel_order": order}

    def _decoding(self, seen: Behaviour) -> None:
        """Make sure that a recognizer is read as it was meant: CTC is the one decoder here."""
        steps = self.graph.steps_at_twice_the_width(seen)
        if steps is not None:
            self.note("decoding", "CTC", f"{seen.shape[1]} steps become {steps} at twice the width")
        elif self.declared.decoder:
            self.note("decoding", "CTC", f"inference.yml: {self.declared.decoder}")
        else:
            how = "it takes one width only, which does not show whether its steps grow with it"
            self.note("decoding", "CTC", how, assumed=True, key="task")

    def _first_run(self, asked: Sequence[Shape]) -> Behaviour:
        graph, known = self.graph, self._fixed_or_declared()
        if asked:
            return graph.behaviour(asked[0].height, asked[0].width)
        if known:
            return graph.behaviour(known.height, known.width)
        if graph.height is not None or graph.width is not None:
            return graph.behaviour(
                graph.height or RECOGNIZER_HEIGHTS[0],
                graph.width or self.declared.width or RECOGNIZER_WIDTHS[0],
            )
        sizes = [
            *USUAL_SHAPES["detection"],
            *((height, RECOGNIZER_WIDTHS[0]) for height in RECOGNIZER_HEIGHTS),
        ]
        failures = []
        for height, width in sizes:
            try:
                return graph.behaviour(height, width)
            except UserError as error:
                failures.append(error)
        raise failures[-1]

    def _fixed_or_declared(self) -> Shape | None:
        """The one size that the graph takes, or that `inference.yml` resizes to."""
        if self.graph.height is not None and self.graph.width is not None:
            return Shape(self.graph.height, self.graph.width)
        declared = self.declared
        if declared.height and declared.width and self.graph.takes(declared.height, declared.width):
            return Shape(declared.height, declared.width)
        return None

    def _require_agreement(self, seen: Behaviour) -> None:
        """Compare what the graph does with what `inference.yml` says of it."""
        decoder = self.declared.decoder
        if decoder is None or DECODERS.get(decoder) == seen.task:
            return
        known = ", ".join(DECODERS)
        raise UserError(
            f"{self.label}: inference.yml says that {decoder} decodes the output, but {seen.evidence}, the"
            f" output of a {TASKS[seen.task].role}; decoders that are known here: {known}"
        )

    def _usual_shapes(self, seen: Behaviour) -> tuple[list[Shape], str]:
        graph = self.graph
        if graph.height is not None and graph.width is not None:
            return [
                Shape(graph.height, graph.width)
            ], "the graph was exported for this size and takes no other"
        if seen.task == "recognition":
            height, how = self._recognizer_height()
            if graph.width is not None:
                return [Shape(height, graph.width)], f"{how}; its width is fixed"
            widths = sorted({self.declared.width or RECOGNIZER_WIDTHS[0], RECOGNIZER_WIDTHS[1]})
            able = [width for width in widths if graph.runs(height, width)] or [seen.width]
            others = "" if able == widths else "; it does not run at other usual widths"
            return [Shape(height, width) for width in able], f"{how}; widths are the usual choice{others}"
        known = self._fixed_or_declared()
        if known:
            return [known], f"inference.yml: {self.declared.size_from}"
        usual = [Shape(*one) for one in USUAL_SHAPES.get(seen.task, ()) if graph.takes(*one)]
        if not usual:
            usual = [Shape(seen.height, seen.width)]
        return usual, "the usual choice; the graph takes other sizes as well"

    def _recognizer_height(self) -> tuple[int, str]:
        if self.graph.height is not None:
            return self.graph.height, "height from the graph"
        if self.height:
            return self.height, "--height"
        if self.declared.height:
            return self.declared.height, f"height from inference.yml: {self.declared.size_from}"
        runs = [one for one in RECOGNIZER_HEIGHTS if self.graph.runs(one, RECOGNIZER_WIDTHS[0])]
        if len(runs) == 1:
            return runs[0], f"it runs at height {runs[0]} and not at the other usual height"
        default = str(runs[0]) if runs else ""
        answer = self.ask("Which input height, in pixels, was it trained at?", default, "--height")
        if not answer.isdecimal():
            raise UserError(f"height {answer!r}: expected a number of pixels")
        return int(answer), "height as answered"


def _shown(mean: Sequence[float], std: Sequence[float]) -> str:
    return f"mean {' '.join(f'{one:g}' for one in mean)}, std {' '.join(f'{one:g}' for one in std)}"
