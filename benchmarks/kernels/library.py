"""The calls of PyTorch's library that compute what a kernel does, with the kernel's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Library:
    """A call, and what it is called in the table."""

    name: str
    call: Callable[..., Any]


def _layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    return functional.layer_norm(x, (x.shape[-1],), gamma, beta, eps)


def _layer_norm_backward(grad_output: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Two library calls: backward wants the statistics that forward leaves."""
    shape = [x.shape[-1]]
    _, mean, inverse = torch.ops.aten.native_layer_norm(x, shape, gamma, gamma, eps)
    wanted = [True, True, True]
    gradients: tuple[Tensor, Tensor, Tensor] = torch.ops.aten.native_layer_norm_backward(
        grad_output, x, shape, mean, inverse, gamma, gamma, wanted
    )
    return gradients


def _attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    return functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)


def _causal_attention(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    return functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)


def _cosine_similarity(queries: Tensor, keys: Tensor, eps: float) -> Tensor:
    return functional.cosine_similarity(queries[..., :, None, :], keys[..., None, :, :], dim=-1, eps=eps)


LIBRARY: Mapping[str, tuple[Library, ...]] = {
    "layer_norm": (Library("F.layer_norm", _layer_norm),),
    "layer_norm_backward": (Library("native_layer_norm, and its backward", _layer_norm_backward),),
    "masked_attention": (Library("scaled_dot_product_attention, attn_mask", _attention),),
    "causal_attention": (Library("scaled_dot_product_attention, is_causal", _causal_attention),),
    "cosine_score": (Library("F.cosine_similarity", _cosine_similarity),),
}
"""By the kernel's name."""
