"""What the recorder has to know of each ATen operation, and which ones it takes apart into simpler ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch._decomp import core_aten_decompositions

from .graph_json import LONGEST_NAME

_READS_A_NUMBER = frozenset({"_local_scalar_dense", "equal"})

_SHAPED_BY_VALUES = frozenset(
    {"nonzero", "nonzero_numpy", "masked_select", "_unique", "_unique2", "unique_dim", "unique_consecutive",
     "unique_dim_consecutive", "bincount", "repeat_interleave"}
)  # fmt: skip

_WHOLE = frozenset(
    {"zeros", "ones", "zero", "eye", "tril", "triu", "stack", "unbind", "split", "logsumexp", "xlogy", "lerp",
     "addcmul", "addcdiv", "isposinf", "isneginf", "index_add", "softplus", "softplus_backward", "log_sigmoid_forward",
     "log_sigmoid_backward", "mse_loss", "mse_loss_backward", "huber_loss", "huber_loss_backward", "smooth_l1_loss",
     "smooth_l1_loss_backward", "nll_loss_forward", "nll_loss_backward", "_softmax_backward_data",
     "_log_softmax_backward_data", "tanh_backward", "sigmoid_backward", "gelu_backward", "elu_backward",
     "native_layer_norm"}
)  # fmt: skip
"""Recorded as they are, or written in place: their rules import torch's symbolic shapes and with them SymPy (0.2 s), or
torch._dynamo (0.5 s), in every child that comes by; the host knows these operations."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One overload of an ATen operation."""

    name: str
    base: str
    """The name without namespace and overload."""

    written: tuple[tuple[int, str], ...]
    """Position and name of the arguments that it writes to."""

    rule: Callable[..., Any] | None
    """Carries it out by simpler operations; None for what is recorded."""

    @property
    def reads_a_number(self) -> bool:
        """Whether it gives a Python value that depends on the contents of tensors."""
        return self.base in _READS_A_NUMBER

    @property
    def is_shaped_by_values(self) -> bool:
        """Whether the shape of its result depends on the contents of tensors."""
        return self.base in _SHAPED_BY_VALUES


@cache
def operation(func: Any) -> Operation:
    """What there is to know of a torch.ops overload."""
    schema = func._schema
    base = schema.name.rpartition("::")[2]
    written = [
        (k, a.name) for k, a in enumerate(schema.arguments) if a.alias_info is not None and a.alias_info.is_write
    ]
    return Operation(str(func), base, tuple(written), _rule(func, base))


def _rule(func: Any, base: str) -> Callable[..., Any] | None:
    if base.removesuffix("_") in _WHOLE:
        return None
    rule: Callable[..., Any] | None = decompositions().get(func)
    if rule is None and torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"):
        rule = func.decompose  # below autograd even what is only made of other operations arrives whole
    return rule


@cache
def decompositions() -> dict[Any, Callable[..., Any]]:
    """PyTorch's rules for its operations; built at the first call, in 40 ms."""
    return dict(core_aten_decompositions())


def plain_name(name: str) -> str:
    """A function's name without overload, and without the underscores of its in-place and internal variants."""
    return name.partition(".")[0].strip("_")[:LONGEST_NAME]
