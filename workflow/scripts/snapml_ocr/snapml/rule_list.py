"""All rules, in the order in which they run."""

from snapml_ocr.snapml.options import FixOptions
from snapml_ocr.snapml.passes import NodePass, Pass, PatternPass
from snapml_ocr.snapml.rules.affine_as_batch_norm import AffineAsBatchNorm
from snapml_ocr.snapml.rules.affine_as_gemm import AffineAsGemm
from snapml_ocr.snapml.rules.attention import Attention
from snapml_ocr.snapml.rules.batched_matmul import BatchedMatMul
from snapml_ocr.snapml.rules.clip_bounds import ClipBounds
from snapml_ocr.snapml.rules.clip_range import ClipRange
from snapml_ocr.snapml.rules.columns import ElementsOnColumns, GemmOnColumns, MovedBack, SoftmaxOfRows
from snapml_ocr.snapml.rules.div_to_mul import DivToMul
from snapml_ocr.snapml.rules.equal_strides import EqualStrides
from snapml_ocr.snapml.rules.explicit_pads import ExplicitPads
from snapml_ocr.snapml.rules.factor_gate import FactorGate
from snapml_ocr.snapml.rules.fold_affine_down import FoldAffineDown
from snapml_ocr.snapml.rules.fold_affine_up import FoldAffineUp
from snapml_ocr.snapml.rules.fold_constants import FoldConstants
from snapml_ocr.snapml.rules.gather_to_slice import GatherToSlice
from snapml_ocr.snapml.rules.gelu import ErrorFunction, Gelu, Softplus
from snapml_ocr.snapml.rules.gemm_form import GemmForm
from snapml_ocr.snapml.rules.global_max_pool import GlobalMaxPool
from snapml_ocr.snapml.rules.hard_sigmoid import HardSigmoid
from snapml_ocr.snapml.rules.hard_swish_shift import HardSwishShift
from snapml_ocr.snapml.rules.layer_norm import LayerNorm
from snapml_ocr.snapml.rules.lift_reshape import LiftReshape
from snapml_ocr.snapml.rules.log_softmax import LogSoftmax
from snapml_ocr.snapml.rules.lstm_state import LstmState
from snapml_ocr.snapml.rules.matmul_to_gemm import MatMulBias, MatMulWeights
from snapml_ocr.snapml.rules.merge_equal_nodes import MergeEqualNodes
from snapml_ocr.snapml.rules.merge_reshapes import MergeReshapes
from snapml_ocr.snapml.rules.operand_form import OperandForm
from snapml_ocr.snapml.rules.pool_into_conv import PoolIntoConv
from snapml_ocr.snapml.rules.pow_to_mul import PowToMul
from snapml_ocr.snapml.rules.reduction_axes import ReductionAxes
from snapml_ocr.snapml.rules.remove_no_ops import RemoveNoOps
from snapml_ocr.snapml.rules.resize_nearest import ResizeNearest
from snapml_ocr.snapml.rules.root_and_quotient import RootAndQuotient
from snapml_ocr.snapml.rules.slice_into_gemm import SliceIntoGemm
from snapml_ocr.snapml.rules.softmax_rows import SoftmaxRows
from snapml_ocr.snapml.rules.split_to_slices import SplitToSlices
from snapml_ocr.snapml.rules.static_reshape import StaticReshape
from snapml_ocr.snapml.rules.sub_to_add import SubToAdd
from snapml_ocr.snapml.rules.transpose_for_layout import TransposeForLayout
from snapml_ocr.snapml.rules.transpose_rank import TransposeRank
from snapml_ocr.snapml.rules.transpose_units import ReshapeIntoTranspose, TransposeTakesReshape
from snapml_ocr.snapml.rules.unit_transpose import UnitTransposeAfter, UnitTransposeBefore


def approximations(options: FixOptions) -> list[Pass]:
    """Return the rules that are not exact; they run first, so that the others are proven without them."""
    return [NodePass("gelu", Gelu(options)), NodePass("error_function", ErrorFunction(options))]


def all_passes(options: FixOptions) -> list[Pass]:
    """Return every rule as a pass, set up for `options`."""
    return [
        FoldConstants(options),
        NodePass("remove_no_ops", RemoveNoOps(options)),
        NodePass("static_reshape", StaticReshape(options)),
        NodePass("merge_reshapes", MergeReshapes(options)),
        SplitToSlices(options),
        NodePass("gather_to_slice", GatherToSlice(options)),
        NodePass("global_max_pool", GlobalMaxPool(options)),
        NodePass("resize_nearest", ResizeNearest(options)),
        NodePass("explicit_pads", ExplicitPads(options)),
        NodePass("equal_strides", EqualStrides(options)),
        NodePass("hard_sigmoid", HardSigmoid(options)),
        NodePass("softplus", Softplus(options)),
        NodePass("clip_range", ClipRange(options)),
        NodePass("clip_bounds", ClipBounds(options)),
        LstmState(options),
        NodePass("gemm_form", GemmForm(options)),
        _matmul_bias(options),
        NodePass("matmul_to_gemm", MatMulWeights(options)),
        _layer_norm(options),
        NodePass("reduction_axes", ReductionAxes(options)),
        NodePass("pool_into_conv", PoolIntoConv(options)),
        NodePass("log_softmax", LogSoftmax(options)),
        NodePass("pow_to_mul", PowToMul(options)),
        NodePass("batched_matmul", BatchedMatMul(options)),
        NodePass("slice_into_gemm", SliceIntoGemm(options)),
        NodePass("softmax_rows", SoftmaxRows(options)),
        NodePass("transpose_rank", TransposeRank(options)),
        NodePass("transpose_takes_reshape", TransposeTakesReshape(options)),
        NodePass("reshape_into_transpose", ReshapeIntoTranspose(options)),
        NodePass("unit_transpose_before", UnitTransposeBefore(options)),
        NodePass("unit_transpose_after", UnitTransposeAfter(options)),
        NodePass("transpose_for_layout", TransposeForLayout(options)),
        NodePass("lift_reshape", LiftReshape(options)),
        MergeEqualNodes(options),
        _factor_gate(options),
        NodePass("affine_as_batch_norm", AffineAsBatchNorm(options)),
        NodePass("div_to_mul", DivToMul(options)),
        NodePass("sub_to_add", SubToAdd(options)),
        FoldAffineUp(options),
        FoldAffineDown(options),
        NodePass("operand_form", OperandForm(options)),
    ]


def layout_passes(options: FixOptions) -> list[Pass]:
    """Return the rules that keep sequences in the layout of convolutions, on the others' result."""
    return [
        NodePass("moved_back", MovedBack(options)),
        NodePass("gemm_on_columns", GemmOnColumns(options)),
        NodePass("elements_on_columns", ElementsOnColumns(options)),
        NodePass("softmax_of_rows", SoftmaxOfRows(options)),
        NodePass("attention", Attention(options)),
    ]


def last_passes(options: FixOptions) -> list[Pass]:
    """Return the rules for what no other rule could improve; they run when the others change nothing more."""
    return [
        NodePass("affine_as_gemm", AffineAsGemm(options)),
        NodePass("root_and_quotient", RootAndQuotient(options)),
        NodePass("hard_swish_shift", HardSwishShift(options)),
    ]


def _matmul_bias(options: FixOptions) -> PatternPass:
    rules = [MatMulBias(options, "matmul_bias", bias_first=first) for first in (False, True)]
    return PatternPass("matmul_bias", MatMulBias.explanation, rules)


def _layer_norm(options: FixOptions) -> PatternPass:
    forms = [(by_pow, first) for by_pow in (False, True) for first in (False, True)]
    rules = [
        LayerNorm(options, "layer_norm", squares_by_pow=by_pow, epsilon_first=first)
        for by_pow, first in forms
    ]
    return PatternPass("layer_norm", LayerNorm.explanation, rules)


def _factor_gate(options: FixOptions) -> PatternPass:
    orders = [(gate_first, sum_first) for gate_first in (False, True) for sum_first in (False, True)]
    rules = [FactorGate(options, "factor_gate", gate_first=gate, sum_first=total) for gate, total in orders]
    return PatternPass("factor_gate", FactorGate.explanation, rules)


def every_pass(options: FixOptions) -> list[Pass]:
    """Return all rules in the order in which they first run."""
    groups = (approximations, all_passes, layout_passes, last_passes)
    return [one for group in groups for one in group(options)]
