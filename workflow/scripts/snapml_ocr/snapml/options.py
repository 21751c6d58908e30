"""What the user may choose about a rewrite."""

from dataclasses import dataclass
from enum import StrEnum

from snapml_ocr.errors import UserError
from snapml_ocr.plan import axes

TARGETS = tuple(axes.TARGETS)
"""The columns of Snap's compatibility table, in its order."""


APPROXIMATIONS_KEY = "snapml_ocr.approximations"
"""Metadata entry with the number of approximated places by rule, and the largest error of one, as JSON."""


class StrideForm(StrEnum):
    """How the rows and columns that an unequal stride skips are left out.

    `POOL` is a 1x1 pooling with unequal strides: pooling is documented on every target, unequal strides of
    it are not mentioned. `SLICE` is a Slice with steps: seen to import, not available on the iPhone NPU.
    """

    POOL = "pool"
    SLICE = "slice"


class GeluForm(StrEnum):
    """What GELU becomes: `TANH` a bounded approximation in documented layers, `NATIVE` Snap's GeluSnap."""

    TANH = "tanh"
    NATIVE = "native"


class OutputForm(StrEnum):
    """What a recognizer gives: `KEEP` what it gave, `SCORES` (1, C, 1, T) without the Softmax."""

    KEEP = "keep"
    SCORES = "scores"


@dataclass(frozen=True)
class FixOptions:
    """The targets a model is rewritten for, and the forms chosen where several are exact."""

    targets: tuple[str, ...] = TARGETS
    stride_form: StrideForm | None = None
    """None chooses: pooling when the iPhone NPU is a target, otherwise Slice."""
    gelu: GeluForm = GeluForm.TANH
    output: OutputForm = OutputForm.KEEP

    def wants(self, target: str) -> bool:
        """Whether the model shall run on `target`."""
        return target in self.targets

    @property
    def wants_layout(self) -> bool:
        """Whether sequences stay in the layout of convolutions: for the accelerators that lack MatMul."""
        return self.wants("iphone_npu") or self.wants("android_gpu")

    @property
    def chosen_stride_form(self) -> StrideForm:
        """The form to use for unequal strides."""
        if self.stride_form is not None:
            return self.stride_form
        return StrideForm.POOL if self.wants("iphone_npu") else StrideForm.SLICE


def parse_targets(text: str) -> tuple[str, ...]:
    """Read `cpu,iphone_npu`; the result is in the table's order. Raises `UserError` for an unknown name."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(names) - set(TARGETS))
    if unknown or not names:
        found = ", ".join(unknown) or "nothing"
        raise UserError(f"--targets: {found} given, expected some of {', '.join(TARGETS)}")
    return tuple(target for target in TARGETS if target in names)
