"""Sample arguments for every operation that can be interpreted: one record each, which all the tests read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

FLOATS = torch.float64


@dataclass(frozen=True)
class Record:
    """One call of an operation."""

    operation: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any] = field(default_factory=dict)
    of_numbers: bool = False
    """Refused for symbolic values."""

    compared: tuple[int, ...] | None = None
    """Which of several results have a meaning; None for all."""


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Numbers k/8 between −2 and 2 other than 0, ±1 and ±1/2, where functions have kinks."""
    values = torch.tensor([k / 8 for k in range(-16, 17) if k % 4 or k in (-6, 6)], dtype=FLOATS)
    picked = torch.randint(len(values), shape, generator=torch.Generator().manual_seed(seed))
    return values[picked]


def of(operation: str, *arguments: Any, compared: tuple[int, ...] | None = None, **keywords: Any) -> Record:
    """A record for an operation of symbolic values."""
    return Record(operation, arguments, keywords, compared=compared)


def numbers(operation: str, *arguments: Any, **keywords: Any) -> Record:
    """A record for an operation that is refused for symbolic values."""
    return Record(operation, arguments, keywords, of_numbers=True)


def integers(*values: Any) -> torch.Tensor:
    return torch.tensor(values if len(values) > 1 or isinstance(values[0], int) else values[0])


A, B, C = drawn(2, 3), drawn(2, 3, seed=1), drawn(2, 3, seed=2)
POSITIVE = A.abs() + 0.25
UNIT = POSITIVE / 4
V, W = drawn(3, seed=3), drawn(3, seed=4)
SQUARE, OTHER = drawn(3, 3, seed=5), drawn(3, 3, seed=6)
REGULAR = torch.tensor([[2.0, 0.5, -1.0], [0.25, 3.0, 0.5], [1.0, -0.5, 1.5]], dtype=FLOATS)
DEFINITE = torch.tensor([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]], dtype=FLOATS)
CUBE, CUBE_2 = drawn(2, 2, 3, seed=7), drawn(2, 3, 2, seed=8)
MASK, OTHER_MASK = A > 0, B > 0
PICKED = integers([[0, 2, 1], [2, 2, 0]])
RESULT, EMPTY = torch.tensor(0.75, dtype=FLOATS), {"dtype": FLOATS}

UNARY = [
    "neg",
    "positive",
    "real",
    "sign",
    "sgn",
    "abs",
    "square",
    "exp",
    "exp2",
    "expm1",
    "sin",
    "cos",
    "tan",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "special_expit",
    "erf",
    "erfc",
    "relu",
    "relu6",
    "silu",
    "mish",
    "log_sigmoid",
    "hardsigmoid",
    "hardswish",
    "elu",
    "celu",
    "leaky_relu",
    "hardtanh",
    "gelu",
    "softplus",
    "isnan",
    "isinf",
    "isfinite",
    "isposinf",
    "isneginf",
    "clone",
    "lift_fresh_copy",
    "detach_copy",
    "alias_copy",
    "contiguous",
    "conj_physical",
    "alias",
    "detach",
    "lift_fresh",
    "lift",
    "conj",
    "resolve_conj",
    "resolve_neg",
    "zeros_like",
    "ones_like",
    "zero",
    "t",
    "numpy_T",
    "mT",
    "squeeze",
    "sum",
    "mean",
    "prod",
    "amax",
    "amin",
    "max",
    "min",
    "tril",
    "triu",
]
ON_POSITIVE = ["sqrt", "rsqrt", "log", "log2", "log10", "log1p", "reciprocal", "special_entr"]
ROUNDED = ["floor", "ceil", "trunc", "round", "frac"]
LOGICAL = ["logical_and", "logical_or", "logical_xor"]

ARITHMETIC = (
    *(of(f"aten.{name}.default", A) for name in UNARY),
    *(of(f"aten.{name}.default", POSITIVE) for name in ON_POSITIVE),
    *(numbers(f"aten.{name}.default", A) for name in ROUNDED),
    *(of(f"aten.{name}.Tensor", A, B) for name in ("div", "true_divide", "mul")),
    *(of(f"aten.{name}.Tensor", A, B, alpha=2.5) for name in ("add", "sub", "rsub")),
    *(of(f"aten.{name}.Scalar", A, 1.25, 2) for name in ("add", "sub", "rsub")),
    *(of(f"aten.{name}.Scalar", A, 1.25) for name in ("mul", "div", "true_divide")),
    *(of(f"prims.{name}.default", A, B) for name in ("add", "sub", "mul", "div")),
    of("prims.pow.default", POSITIVE, B),
    of("aten.pow.Tensor_Tensor", POSITIVE, B),
    of("aten.pow.Tensor_Scalar", A, 3.0),
    of("aten.pow.Scalar", 0.75, A),
    of("aten.addcmul.default", A, B, C, value=0.5),
    of("aten.addcdiv.default", A, B, C, value=0.5),
    of("aten.lerp.Scalar", A, B, 0.25),
    of("aten.lerp.Tensor", A, B, C),
    of("aten.atanh.default", UNIT),
    of("aten.logit.default", UNIT, 0.125),
    of("aten.xlogy.Tensor", A, POSITIVE),
    of("aten.xlogy.Scalar_Other", A, 2.5),
    of("aten.xlogy.Scalar_Self", 0.5, POSITIVE),
    of("aten.logaddexp.default", A, B),
    of("aten.hypot.default", A, B),
    numbers("aten.floor_divide.default", A, B),
    numbers("aten.floor_divide.Scalar", A, 0.75),
    numbers("aten.div.Tensor_mode", A, B, rounding_mode="trunc"),
    numbers("aten.div.Scalar_mode", A, 0.75, rounding_mode="floor"),
    numbers("aten.remainder.Tensor", A, B),
    numbers("aten.remainder.Scalar", A, -0.75),
    numbers("aten.remainder.Scalar_Tensor", 1.75, B),
    numbers("aten.fmod.Tensor", A, B),
    numbers("aten.fmod.Scalar", A, -0.75),
    *(of(f"aten.bitwise_{name}.Tensor", PICKED, PICKED + 1) for name in ("and", "or", "xor")),
    *(of(f"aten.__{name}__.Tensor", MASK, OTHER_MASK) for name in ("and", "or", "xor")),
    *(of(f"aten.bitwise_{name}.Scalar", PICKED, 1) for name in ("and", "or", "xor")),
    of("aten.bitwise_not.default", PICKED),
)

COMPARISON = (
    *(of(f"aten.{name}.Tensor", A, B) for name in ("eq", "ne", "lt", "le", "gt", "ge")),
    *(of(f"aten.{name}.Scalar", A, 0.375) for name in ("eq", "ne", "lt", "le", "gt", "ge")),
    *(of(f"aten.{name}.default", MASK, OTHER_MASK) for name in LOGICAL),
    of("aten.logical_not.default", MASK),
    of("aten.where.self", MASK, A, B),
    of("aten.where.ScalarSelf", MASK, 0.5, B),
    of("aten.where.ScalarOther", MASK, A, 0.5),
    of("aten.where.Scalar", MASK, 0.25, 0.5),
    of("aten.masked_fill.Scalar", A, MASK, 0.5),
    of("aten.masked_fill.Tensor", A, MASK, RESULT),
    of("aten.clamp.default", A, -0.5, 0.5),
    of("aten.clamp.Tensor", A, B - 0.5, B + 0.5),
    of("aten.clamp_min.default", A, 0.25),
    of("aten.clamp_max.default", A, 0.25),
    *(of(f"aten.{name}.Tensor", A, B) for name in ("clamp_min", "clamp_max", "copysign")),
    *(of(f"aten.{name}.default", A, B) for name in ("maximum", "minimum", "fmax", "fmin", "heaviside")),
    *(of(f"aten.{name}.other", A, B) for name in ("max", "min")),
    of("aten.copysign.Scalar", A, -2.0),
    of("aten.nan_to_num.default", A, 0.0),
    *(of(f"aten.{name}.default", MASK) for name in ("any", "all", "_is_all_true")),
    *(of(f"aten.{name}.dim", MASK, -1, True) for name in ("any", "all")),
    *(of(f"aten.{name}.dims", MASK, [0, 1]) for name in ("any", "all")),
    of("aten.max.dim", A, 1),
    of("aten.min.dim", A, -1, True),
    of("aten.argmax.default", V),
    of("aten.argmin.default", V, 0, True),
    numbers("aten.sort.default", V, 0, True),
    numbers("aten.sort.stable", A, stable=True, dim=1),
    numbers("aten.argsort.default", V),
    numbers("aten.topk.default", V, 2),
    numbers("aten.searchsorted.Tensor", V.sort()[0], A),
    numbers("aten.searchsorted.Scalar", V.sort()[0], 0.25, side="right"),
    numbers("aten.bucketize.Tensor", A, V.sort()[0], right=True),
    numbers("aten.bucketize.Scalar", 0.25, V.sort()[0]),
    of("aten.cummax.default", A, 1, compared=(0,)),
    of("aten.cummin.default", A, 0, compared=(0,)),
)

REDUCTIONS = (
    of("aten.sum.dim_IntList", CUBE, [0, 2], True),
    of("aten.mean.dim", CUBE, [-1]),
    of("aten.prod.dim_int", A, 1, True),
    of("aten.logsumexp.default", A, [1]),
    of("aten.cumsum.default", A, 1),
    of("aten.cumprod.default", A, 0),
    of("aten.logcumsumexp.default", A, 1),
    of("aten.flip.default", CUBE, [0, -1]),
    of("aten.roll.default", A, [1, -1], [0, 1]),
    of("aten.linalg_vector_norm.default", A, 2.0, [1], True),
    of("aten.norm.Scalar", A, 3.0),
    of("aten.norm.ScalarOpt_dim", A, None, [0]),
    of("aten.dist.default", A, B, 2.0),
    of("aten._cdist_forward.default", CUBE, CUBE + 0.125, 2.0, None),
    of("aten.cdist.default", A, B, 1.0),
    of("aten._euclidean_dist.default", A, B),
    of("aten._cdist_backward.default", drawn(2, 2), A, B, 2.0, torch.cdist(A, B)),
    *(
        of(f"aten.{name}.correction", A, [1], correction=1, keepdim=True)
        for name in ("var", "std", "var_mean", "std_mean")
    ),
    *(of(f"aten.{name}.default", A, False) for name in ("var", "std")),
    *(of(f"aten.{name}.dim", A, [0], True, True) for name in ("var", "std")),
    of("aten.native_layer_norm.default", A, [3], V, W, 0.125),
    of("aten.native_group_norm.default", drawn(2, 4), drawn(4), drawn(4, seed=1), 2, 4, 1, 2, 0.125),
    of("aten.native_batch_norm.default", A, V, W, None, None, True, 0.1, 0.125),
    of("aten._native_batch_norm_legit.no_stats", A, V, W, True, 0.1, 0.125),
)

ACTIVATIONS = (
    of("aten.log_sigmoid_forward.default", A, compared=(0,)),
    of("aten._prelu_kernel.default", A, V),
    of("aten.threshold.default", A, 0.25, 2.0),
    of("aten.glu.default", drawn(2, 4)),
    *(of(f"aten.{name}.default", A, 1, False) for name in ("_softmax", "_log_softmax")),
    *(of(f"aten.{name}.int", A, 0) for name in ("softmax", "log_softmax")),
    of("aten._safe_softmax.default", A, 1),
    of("aten.dropout.default", A, 0.5, False),
    of("aten.native_dropout.default", A, 0.5, False),
    *(of(f"aten.{name}.default", A, B, 1, FLOATS) for name in ("_softmax_backward_data", "_log_softmax_backward_data")),
    *(
        of(f"aten.{name}.default", A, B)
        for name in ("tanh_backward", "sigmoid_backward", "silu_backward", "gelu_backward")
    ),
    of("aten.threshold_backward.default", A, B, 0.25),
    of("aten.leaky_relu_backward.default", A, B, 0.25, False),
    of("aten.hardtanh_backward.default", A, B, -0.75, 0.75),
    of("aten.elu_backward.default", A, 1.25, 1.0, 1.0, False, B),
    of("aten.softplus_backward.default", A, B, 1.0, 20.0),
    of("aten.log_sigmoid_backward.default", A, B, torch.exp(-B.abs())),
    of("aten.mse_loss_backward.default", RESULT, A, B, 1),
    of("aten.smooth_l1_loss_backward.default", RESULT, A, B, 1, 0.75),
    of("aten.huber_loss_backward.default", RESULT, A, B, 2, 0.75),
    of("aten.mse_loss.default", A, B, 0),
    of("aten.smooth_l1_loss.default", A, B, 1, 0.75),
    of("aten.huber_loss.default", A, B, 2, 0.75),
    of("aten.nll_loss_forward.default", A, integers(0, 2), V, 1, -100),
    of("aten.nll_loss_backward.default", RESULT, A, integers(0, 2), None, 1, -100, torch.tensor(2.0, dtype=FLOATS)),
)

PRODUCTS = (
    of("aten.mm.default", A, SQUARE),
    of("aten.bmm.default", CUBE, CUBE_2),
    of("aten.mv.default", A, V),
    *(of(f"aten.{name}.default", V, W) for name in ("dot", "vdot", "outer", "ger")),
    of("aten.addmm.default", V, A, SQUARE, beta=0.5, alpha=2),
    of("aten.baddbmm.default", drawn(2, 2, 2), CUBE, CUBE_2, beta=0.5),
    of("aten.addmv.default", drawn(2), A, V),
    of("aten.addbmm.default", drawn(2, 2), CUBE, CUBE_2, beta=2),
    of("aten.matmul.default", CUBE, SQUARE),
    of("aten._trilinear.default", drawn(2, 3), drawn(4, 3), drawn(2, 4), [1], [0], [2], [2]),
    of("aten._linalg_solve_ex.default", REGULAR, SQUARE, compared=(0,)),
    of("aten.linalg_solve_ex.default", REGULAR, V, compared=(0,)),
    of("aten.linalg_inv_ex.default", REGULAR),
    of("aten._linalg_det.default", REGULAR, compared=(0,)),
    of("aten._linalg_slogdet.default", REGULAR, compared=(0, 1)),
    of("aten.linalg_cholesky_ex.default", DEFINITE),
    of("aten.linalg_solve_triangular.default", REGULAR.triu(), SQUARE, upper=True, left=False),
    of("aten.cholesky_solve.default", SQUARE, DEFINITE.tril()),
)

VIEWS = (
    of("aten.view.default", A, [3, -1]),
    of("aten._unsafe_view.default", A, [6]),
    of("aten.reshape.default", A, [3, 2]),
    of("aten._reshape_alias.default", A, [3, 2], [2, 1]),
    of("aten.flatten.using_ints", CUBE, 1),
    of("aten.view_as.default", A, drawn(3, 2)),
    of("aten.reshape_as.default", A, drawn(3, 2)),
    of("aten.unflatten.int", CUBE_2, 1, [3, 1]),
    of("aten.expand.default", V[:, None], [2, -1, 2]),
    of("aten.expand_as.default", V, A),
    of("aten.permute.default", CUBE, [2, 0, -2]),
    of("aten.transpose.int", CUBE, 0, -1),
    of("aten.transpose_.default", CUBE, 0, -1),
    of("aten.swapaxes.default", CUBE, 0, -1),
    of("aten.t_.default", A),
    of("aten.detach_.default", A),
    of("aten.movedim.int", CUBE, 0, -1),
    of("aten.movedim.intlist", CUBE, [0, 1], [2, 0]),
    *(of(f"aten.{name}.default", A, -1) for name in ("unsqueeze", "unsqueeze_")),
    of("aten.squeeze_.default", A[None]),
    *(of(f"aten.{name}.dim", A[None], 0) for name in ("squeeze", "squeeze_")),
    *(of(f"aten.{name}.dims", A[None, :, None], [0, 2, 1]) for name in ("squeeze", "squeeze_")),
    of("aten.select.int", A, 1, -1),
    of("aten.slice.Tensor", A, 1, -2, 100, 1),
    of("aten.narrow.default", A, 1, 1, 2),
    of("aten.diagonal.default", CUBE, 1, 1, 2),
    of("aten.unbind.int", A, 1),
    of("aten.split_with_sizes.default", A, [1, 2], 1),
    of("aten.split.sizes", A, [1, 2], 1),
    of("aten.split.Tensor", A, 2, 1),
    of("aten.chunk.default", A, 2, 1),
    of("aten.tensor_split.sections", A, 2, 1),
    of("aten.tensor_split.indices", A, [1, 2], 1),
    of("aten.unfold.default", A, 1, 2, 1),
    of("aten.as_strided.default", A, [2, 2], [2, 1], 1),
)

INDEXING = (
    of("aten.index.Tensor", CUBE, [None, integers(1, 0), integers(2, 2)]),
    of("aten._unsafe_index.Tensor", A, [integers(1, 0, 1)]),
    of("aten.index_put.default", A, [integers(1, 1), integers(0, 2)], drawn(2), True),
    of("aten._unsafe_index_put.default", A, [MASK], RESULT),
    of("aten._index_put_impl.default", A.clone(), [integers(1, 0)], V),
    of("aten.index_select.default", A, 1, integers(2, 0, 2)),
    of("aten.embedding.default", SQUARE, PICKED),
    of("aten.take.default", A, PICKED),
    of("aten.masked_select.default", A, torch.tensor([True, False, True])),
    numbers("aten.nonzero.default", A * torch.tensor([1.0, 0, 1], dtype=FLOATS)),
    of("aten.gather.default", A, 1, PICKED),
    of("aten.scatter.src", A, 1, PICKED[:1], B),
    of("aten.scatter.value", A, 1, PICKED, 0.5),
    of("aten.scatter.reduce", A, 1, PICKED, B, reduce="multiply"),
    of("aten.scatter.value_reduce", A, 1, PICKED, 2.0, reduce="add"),
    of("aten.scatter_add.default", A, 1, PICKED, B),
    of("aten.scatter_reduce.two", A, 1, PICKED, B, "amax"),
    of("aten.index_add.default", A, 1, integers(0, 0), drawn(2, 2), alpha=0.5),
    of("aten.index_copy.default", A, 0, integers(1, 0), B),
    of("aten.index_fill.int_Scalar", A, 1, integers(0, 2), 0.5),
    of("aten.index_fill.int_Tensor", A, 1, integers(0, 2), RESULT),
    of("aten.slice_scatter.default", A, drawn(2, 2), 1, 0, 3, 2),
    of("aten.select_scatter.default", A, V, 0, 1),
    of("aten.diagonal_scatter.default", SQUARE, drawn(2), 1),
    of("aten.as_strided_scatter.default", A, drawn(2), [2], [2], 1),
    of("aten.select_backward.default", V, [2, 3], 0, 1),
    of("aten.slice_backward.default", drawn(2, 2), [2, 3], 1, 0, 3, 2),
    of("aten.diagonal_backward.default", drawn(2), [3, 3], -1, 0, 1),
    of("aten.embedding_dense_backward.default", CUBE, integers([[0, 2], [2, 1]]), 3, 1, False),
    of("aten.cat.default", [A, B], 1),
    of("aten.concat.default", [A, B]),
    of("aten.stack.default", [A, B], -1),
    of("aten.repeat.default", A, [2, 1, 2]),
    of("aten.tile.default", CUBE, [2, 1]),
    of("aten.repeat_interleave.self_int", A, 2, 1),
    of("aten.repeat_interleave.Tensor", integers(2, 0, 1)),
    of("aten.constant_pad_nd.default", CUBE, [1, -1, 0, 2], 0.5),
    of("aten.diag_embed.default", A, 1),
    of("aten.block_diag.default", [A, SQUARE]),
)

CREATION = (
    of("aten.full.default", [2, 3], 0.5, **EMPTY),
    of("aten.full_like.default", A, 0.5),
    of("aten.new_full.default", A, [2], 0.5),
    of("aten.zeros.default", [2, 3], **EMPTY),
    of("aten._efficientzerotensor.default", [2], **EMPTY),
    of("aten.new_zeros.default", A, [2]),
    of("aten._new_zeros_with_same_feature_meta.default", A, V),
    of("aten.ones.default", [2], dtype=torch.bool),
    of("aten.new_ones.default", A, [2, 1]),
    of("aten.scalar_tensor.default", 0.5, **EMPTY),
    of("aten.arange.default", 3),
    of("aten.arange.start", 1.0, 2.5, **EMPTY),
    of("aten.arange.start_step", 3.0, 1.0, -0.75, **EMPTY),
    of("aten.linspace.default", 0.0, 1.0, 5, **EMPTY),
    of("aten.logspace.default", 0.0, 2.0, 3, 2.0, **EMPTY),
    of("aten.eye.default", 3, **EMPTY),
    of("aten.eye.m", 2, 3, **EMPTY),
    of("aten.tril_indices.default", 3, 3, -1),
    of("aten.triu_indices.default", 3, 2),
    of("aten.copy.default", A, V),
    of("aten.fill.Scalar", A, 0.5),
    of("aten.fill.Tensor", A, RESULT),
    of("aten._to_copy.default", MASK, **EMPTY),
    of("prims.convert_element_type.default", A, torch.bool),
    numbers("aten.to.dtype", A, torch.int64),
    of("aten.to.dtype_layout", A, **EMPTY),
    of("aten.to.device", A, "cpu", FLOATS),
    of("aten.to.other", A, B),
    of("aten.type_as.default", A, B),
)

RECORDS = (
    *ARITHMETIC, *COMPARISON, *REDUCTIONS, *ACTIVATIONS, *PRODUCTS, *VIEWS, *INDEXING, *CREATION,
)  # fmt: skip

ELSEWHERE = {
    "aten.empty.memory_format", "aten.empty_like.default", "aten.empty_permuted.default", "aten.empty_strided.default",
    "aten.new_empty.default", "aten.new_empty_strided.default",
    "aten.is_same_size.default", "aten._has_same_storage_numel.default", "aten._linalg_check_errors.default",
    "aten._local_scalar_dense.default", "aten.item.default", "aten.is_nonzero.default", "aten.equal.default",
    "aten.linalg_lu_factor_ex.default", "aten.linalg_lu_solve.default",
}  # fmt: skip
"""Operations with tests of their own, because they give memory without contents, no tensor, or what only others use."""
