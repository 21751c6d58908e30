"""The training loop: CTC and rehearsal, AdamW, evaluation, early stopping, a state to resume from."""

import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle.nn import functional

from snapml_ocr.evaluate.recognition import line_scores
from snapml_ocr.ocr.ctc import decode
from snapml_ocr.ocr.dictionary import Dictionary
from snapml_ocr.ocr.text_direction import as_read
from snapml_ocr.plan.training_options import WIDTH_STEP, TrainingSettings
from snapml_ocr.progress import Progress
from snapml_ocr.training.interpreter import Interpreter
from snapml_ocr.training.labelled_lines import Encoder
from snapml_ocr.training.line_tensors import Halves
from snapml_ocr.training.training_state import TrainingState, is_best, standard_error

LSTM_LEARNING_RATE, LEARNING_RATE = 3e-3, 5e-4
"""For recognizers with and without an LSTM: measured on receipts, see docs/training.md."""

IMAGE_RANK = 4

AT_ONCE = 32
"""Lines in one evaluation step."""

SORTED_TOGETHER = 8
"""Batches whose lines are sorted by length first, so that lines of one batch are alike in length."""

AT_FULL_WIDTH = 0.25
"""Share of the steps that see the whole input; in the others the padding that all lines share is cut off."""

LONGER = 1.3
"""What augmentation and the reach of convolutions can add to a line's length."""

NEW_LEAD = 1.0
"""Added to the scores of new characters in training alone. They are frequent there, and rare in what is read
later: logit adjustment (Menon et al. 2021)."""

MAX_TARGET_BYTES = 2**28
"""Probabilities of the base model that are kept; those of a larger dictionary are computed in every step."""

STATE_FILE = "last.npz"


class Interrupted(KeyboardInterrupt):
    """Training was asked to stop and has saved its state."""


@dataclass(frozen=True)
class TrainingData:
    """What the trained part of the program is fed, and what it has to write."""

    training: Halves
    """(views, N, ...), float16 or float32 as everything that is read of lines"""
    texts: Sequence[str]
    validation: Halves
    """(M, ...)"""
    validation_texts: Sequence[str]
    rehearsal: Halves
    """(K, ...); K may be 0."""
    lengths: NDArray[np.float64]
    """(N,) shares of the input's width that the training lines fill."""
    rehearsal_lengths: NDArray[np.float64]
    """(K,)"""


class Trainer:
    """Trains the parameters of `program` between the tensor `start` and its scores."""

    def __init__(
        self,
        program: Interpreter,
        start: str,
        dictionary: Dictionary,
        data: TrainingData,
        *,
        settings: TrainingSettings,
        state: TrainingState,
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        self._program, self._start, self._data, self._settings = program, start, data, settings
        self._dictionary, self._encoder = dictionary, Encoder(dictionary)
        self._lead = np.zeros(len(dictionary.characters), np.float32)
        self._lead[[self._encoder.classes[one] for one in settings.characters]] = NEW_LEAD
        self._names = program.behind(start, program.scores)
        self._base = {name: program.parameters[name].clone().detach() for name in self._names}
        self.state, self._folder, self._say = state, folder, say
        self._steps_of_input = self._run(data.validation[:1]).shape[1]
        self._kept_targets = self._targets() if settings.rehearsal else None
        for name, parameter in program.parameters.items():
            parameter.stop_gradient = name not in self._names
        self.steps = settings.steps
        if settings.epochs:
            self.steps = settings.epochs * math.ceil(len(data.texts) / settings.batch_size)
        has_lstm = program.has("LSTM")
        self._rate = settings.learning_rate or (LSTM_LEARNING_RATE if has_lstm else LEARNING_RATE)
        self._optimizer = paddle.optimizer.AdamW(
            learning_rate=self._rate,
            parameters=[program.parameters[name] for name in self._names],
            weight_decay=settings.weight_decay,
            grad_clip=paddle.nn.ClipGradByGlobalNorm(settings.clip_norm),
        )
        if state.weights:
            program.load(state.weights)
            arrays = {key: paddle.to_tensor(array) for key, array in state.optimizer.items()}
            self._optimizer.set_state_dict(
                {
                    prefix + key.removeprefix(f"{name} "): array
                    for name, prefix in self._prefixes().items()
                    for key, array in arrays.items()
                    if key.startswith(f"{name} ")
                }
            )

    def run(self) -> TrainingState:
        """Train from the state's step on; after SIGINT or SIGTERM, save the state and raise `Interrupted`."""
        settings, state = self._settings, self.state
        if not state.history:
            self._evaluate()
        with _told_to_stop() as stop, Progress("train", self.steps, "step") as progress:
            progress.advance(state.step)
            while state.step < self.steps and not self._is_worse_for_long():
                self._step(state.step)
                state.step += 1
                progress.advance()
                if state.step % settings.evaluate_every == 0 or state.step == self.steps:
                    self._evaluate()
                    self._save()
                if stop:
                    self._save()
                    self._say(f"saved at step {state.step} of {self.steps}; --resume goes on from it")
                    raise Interrupted
        self._program.load(state.best)
        return state

    def read(self, features: Halves, *, as_base: bool = False) -> list[str]:
        """Return the texts of (N, ...) features, by the weights as they are or by those of the base model."""
        weights = self._base if as_base else None
        texts = []
        with paddle.no_grad():
            for start in range(0, len(features), AT_ONCE):
                for scores in self._run(features[start : start + AT_ONCE], weights).numpy():
                    text = decode(scores, self._dictionary).text
                    texts.append(as_read(text, "paddleocr") if self._dictionary.right_to_left else text)
        return texts

    def _step(self, step: int) -> None:
        settings, data = self._settings, self._data
        size = settings.batch_size
        lines = self._batch(step, data.lengths, 0)
        views = np.random.default_rng([settings.seed, 1, step]).integers(0, len(data.training), size)
        labels = [self._encoder.encode(data.texts[line]) for line in lines]
        features, filled = data.training[views, lines], float(data.lengths[lines].max())
        rehearses = bool(settings.rehearsal) and len(data.rehearsal) > 0
        if rehearses:
            others = self._batch(step, data.rehearsal_lengths, 2)
            features = np.concatenate([features, data.rehearsal[others]])
            filled = max(filled, float(data.rehearsal_lengths[others].max()))
        # One pass for both: a recurrent layer takes as long for a batch of twice the size.
        scores = self._scores(features, self._share(step, filled, labels)) + paddle.to_tensor(self._lead)
        loss = total = self._ctc(scores[:size], labels)
        kept = 0.0
        if rehearses:
            now = functional.log_softmax(scores[size:], axis=-1)
            target = self._target(others)[:, : now.shape[1]]
            distance = functional.kl_div(now, target, reduction="sum") / size
            total, kept = loss + settings.rehearsal * distance, float(distance)
        self._optimizer.set_lr(self._learning_rate(step))
        total.backward()
        self._optimizer.step()
        self._optimizer.clear_grad()
        sums = self.state.sums
        self.state.sums = [sums[0] + float(loss), sums[1] + kept, sums[2] + 1]

    def _target(self, lines: NDArray[np.int64]) -> Any:
        """What the base model says to rehearsal lines: (N, T, C) probabilities."""
        if self._kept_targets is None:
            with paddle.no_grad():
                return functional.softmax(self._run(self._data.rehearsal[lines], self._base), axis=-1)
        return paddle.to_tensor(self._kept_targets[lines].astype(np.float32))

    def _targets(self) -> Halves | None:
        """The base model's probabilities for every rehearsal line, unless they take too much memory."""
        lines = self._data.rehearsal
        kept: Halves | None = None
        with paddle.no_grad():
            for start in range(0, len(lines), AT_ONCE):
                part = functional.softmax(
                    self._run(lines[start : start + AT_ONCE], self._base), axis=-1
                ).numpy()
                if kept is None:
                    kept = np.empty((len(lines), *part.shape[1:]), np.float16)
                    if kept.nbytes > MAX_TARGET_BYTES:
                        return None
                kept[start : start + len(part)] = part
        return kept

    def _run(self, features: Halves, weights: Mapping[str, Any] | None = None) -> Any:
        """Scores (N, T, C) of features, by the weights as they are or others."""
        values = paddle.to_tensor(np.ascontiguousarray(features, np.float32))
        return self._program.run({self._start: values, **(weights or {})}, self._program.scores)

    def _scores(self, features: Halves, share: float) -> Any:
        """Scores of features from the left to a share of their width, which is the last axis of images."""
        if features.ndim == IMAGE_RANK and share < 1:
            width = features.shape[-1]
            step = WIDTH_STEP if self._start == self._program.input else 1
            features = features[..., : min(width, step * math.ceil(share * width / step))]
        return self._run(features)

    def _share(self, step: int, filled: float, labels: list[list[int]]) -> float:
        """The share of the width that a batch needs: what its longest line fills, and room for its labels."""
        if np.random.default_rng([self._settings.seed, 6, step]).random() < AT_FULL_WIDTH:
            return 1.0
        needed: float = max(2 * len(label) + 1 for label in labels) / self._steps_of_input
        return min(1.0, max(LONGER * filled, needed))

    def _ctc(self, scores: Any, labels: list[list[int]]) -> Any:
        """Mean over lines of the CTC loss of (N, T, C) scores; the softmax is part of Paddle's function."""
        padded = np.zeros((len(labels), max(map(len, labels))), np.int32)
        for row, label in zip(padded, labels, strict=True):
            row[: len(label)] = label
        return functional.ctc_loss(
            scores.transpose([1, 0, 2]),
            paddle.to_tensor(padded),
            paddle.to_tensor(np.full(len(labels), scores.shape[1], np.int64)),
            paddle.to_tensor(np.array(list(map(len, labels)), np.int64)),
            reduction="none",
        ).mean()

    def _batch(self, step: int, lengths: NDArray[np.float64], stream: int) -> NDArray[np.int64]:
        """Lines of a step, each once in an epoch, from the seed and the step alone.

        Of every stream, the lines of one step are alike in length.
        """
        seed, count, size = self._settings.seed, len(lengths), self._settings.batch_size
        group, number = divmod(step, SORTED_TOGETHER)
        places = np.arange(group * SORTED_TOGETHER * size, (group + 1) * SORTED_TOGETHER * size)
        orders = {
            epoch: np.random.default_rng([seed, stream, epoch]).permutation(count)
            for epoch in sorted(set((places // count).tolist()))
        }
        drawn = np.array([orders[place // count][place % count] for place in places.tolist()])
        drawn = drawn[np.argsort(lengths[drawn], kind="stable")]
        batch = np.random.default_rng([seed, 7, group]).permutation(SORTED_TOGETHER)[number]
        chosen: NDArray[np.int64] = drawn[batch * size : (batch + 1) * size]
        return chosen

    def _learning_rate(self, step: int) -> float:
        """Rise linearly during the warm-up, then follow half a cosine to zero."""
        warm = max(1, round(self._settings.warm_up * self.steps))
        if step < warm:
            return self._rate * (step + 1) / warm
        return self._rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.steps - warm)))

    def _evaluate(self) -> None:
        state, started = self.state, time.monotonic()
        texts = list(self._data.validation_texts)
        read = self.read(self._data.validation)
        row = {
            "step": state.step,
            **line_scores(texts, read),
            "standard_error": standard_error(texts, read),
        }
        steps = max(1.0, state.sums[2])
        row |= {
            "loss": state.sums[0] / steps,
            "rehearsal": state.sums[1] / steps,
            "learning_rate": self._learning_rate(max(0, state.step - 1)),
        }
        state.sums = [0.0, 0.0, 0.0]
        row = {key: round(value, 8) for key, value in row.items()}
        if is_best(row, state.history):
            state.best_step = state.step
            state.best = {name: np.array(self._program.parameters[name].numpy()) for name in self._names}
        state.history.append(row)
        self._say(
            f"step {state.step}: loss {row['loss']:.3f}, rehearsal {row['rehearsal']:.3f}, validation"
            f" character error rate {row['character_error_rate']:.4f}, strict {row['strict']:.3f},"
            f" alphanumeric {row['alphanumeric']:.3f} ({time.monotonic() - started:.1f} s)"
        )

    def _is_worse_for_long(self) -> bool:
        since: int = sum(row["step"] > self.state.best_step for row in self.state.history)
        return since >= self._settings.patience

    def _prefixes(self) -> dict[str, str]:
        """What the keys of the optimizer's arrays begin with, by our name of the parameter."""
        return {name: f"{self._program.parameters[name].name}_" for name in self._names}

    def _save(self) -> None:
        state = self.state
        state.weights = {name: np.array(self._program.parameters[name].numpy()) for name in self._names}
        state.optimizer = {
            f"{name} {key.removeprefix(prefix)}": np.array(value.numpy())
            for name, prefix in self._prefixes().items()
            for key, value in self._optimizer.state_dict().items()
            if key.startswith(prefix)
        }
        state.write(self._folder / STATE_FILE)


@contextmanager
def _told_to_stop() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM instead of dying of them, so that the step in hand is finished and saved."""
    told: list[int] = []
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, lambda number, _: told.append(number)) for kind in kinds]
    try:
        yield told
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
