"""Numbers of every stage against the original and against the stage before, on identical input tensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snapml_ocr.errors import UserError
from snapml_ocr.evaluate.decoding import Decoder
from snapml_ocr.evaluate.differences import DifferenceSums
from snapml_ocr.evaluate.model_inputs import ModelInputs
from snapml_ocr.runtime.model import RunnableModel

Output = NDArray[np.float32]

MAX_LISTED = 20
"""Differing samples that a result lists."""


@dataclass
class Worst:
    """The sample with the largest difference between two stages."""

    difference: float
    sample: int
    reference: Output
    other: Output


@dataclass
class PairParity:
    """One stage against another."""

    stage: str
    reference: str
    sums: DifferenceSums
    samples: int = 0
    equal: int = 0
    different: list[dict[str, Any]] = field(default_factory=list)
    worst: Worst | None = None

    def add(
        self, sample: int, name: str, outputs: tuple[Output, Output], decoded: tuple[Any, Any, bool]
    ) -> None:
        """Add the outputs (reference, stage) of one sample and what they say, with whether that is equal."""
        try:
            difference = self.sums.add(*outputs)
        except ValueError as error:
            raise UserError(f"stage {self.stage} against {self.reference}: output {error}") from None
        if self.worst is None or difference > self.worst.difference:
            self.worst = Worst(difference, sample, *outputs)
        self.samples += 1
        self.equal += decoded[2]
        if not decoded[2] and len(self.different) < MAX_LISTED:
            sides = {self.reference: _plain(decoded[0]), self.stage: _plain(decoded[1])}
            self.different.append({"sample": sample, "image": name, **sides})

    def as_json(self) -> dict[str, Any]:
        """Differences, and the share of samples that say the same."""
        return {
            **self.sums.result().as_json(),
            "equal_decoded": self.equal / self.samples if self.samples else 1.0,
            "different": self.different,
            "worst_sample": self.worst.sample if self.worst else None,
        }


def compare_stages(
    inputs: ModelInputs,
    original: str,
    reference: Callable[[int], Output],
    stages: Mapping[str, RunnableModel],
    decoder: Decoder,
    *,
    advance: Callable[[], None] = lambda: None,
) -> list[PairParity]:
    """Run every stage on every input; `reference` gives what the stage `original` said to the sample of a
    number.

    Returns each stage against the original, and from the second on also against the stage before, in order.
    Raises `UserError` when the shapes of two outputs differ.
    """
    names = list(stages)
    pairs = [(original, name) for name in names] + list(pairwise(names))
    results = {pair: PairParity(pair[1], pair[0], DifferenceSums(decoder.threshold)) for pair in pairs}
    for index in range(len(inputs)):
        tensor = inputs.tensor(index)
        outputs = {original: reference(index)}
        for name, model in stages.items():
            outputs[name] = model.run(tensor)
        decoded = {name: decoder.decode(output) for name, output in outputs.items()}
        for (before, after), result in results.items():
            equal = decoder.equal(decoded[before], decoded[after])
            result.add(
                index,
                inputs.samples[index]["image"],
                (outputs[before], outputs[after]),
                (decoded[before], decoded[after], equal),
            )
        advance()
    return list(results.values())


def _plain(decoded: Any) -> Any:
    """Decoded form for JSON: a text, an orientation, or how many boxes there are."""
    return len(decoded) if isinstance(decoded, np.ndarray) else decoded
