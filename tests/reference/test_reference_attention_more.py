"""References of self-attention and of residual connections with layer normalisation against the library and by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import gradcheck

from reference.attention import self_attention
from reference.normalization import post_norm_residual, pre_norm_residual

BATCHES = pytest.mark.parametrize("batch", [(), (2,), (2, 3)])


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@BATCHES
def test_self_attention_is_the_library_s_attention_of_three_projections(batch: tuple[int, ...]) -> None:
    x, w_q, w_k, w_v = _drawn(*batch, 5, 3), _drawn(3, 2, seed=1), _drawn(3, 2, seed=2), _drawn(3, 4, seed=3)

    expected = F.scaled_dot_product_attention(x @ w_q, x @ w_k, x @ w_v)

    torch.testing.assert_close(self_attention(x, w_q, w_k, w_v), expected)


def test_self_attention_is_a_head_of_the_library_s_module() -> None:
    x, w_q, w_k, w_v = _drawn(2, 5, 3), *(_drawn(3, 3, seed=n) for n in (1, 2, 3))
    module = torch.nn.MultiheadAttention(3, 1, bias=False, batch_first=True, dtype=torch.float64)
    module.in_proj_weight.data = torch.cat([w_q.T, w_k.T, w_v.T])
    module.out_proj.weight.data = torch.eye(3, dtype=torch.float64)

    torch.testing.assert_close(self_attention(x, w_q, w_k, w_v), module(x, x, x)[0].detach())


def test_a_single_position_reads_itself() -> None:
    x, w_q, w_k, w_v = _drawn(1, 3), _drawn(3, 2, seed=1), _drawn(3, 2, seed=2), _drawn(3, 4, seed=3)

    torch.testing.assert_close(self_attention(x, w_q, w_k, w_v), x @ w_v)


@BATCHES
def test_post_norm_is_the_library_s_norm_of_the_sum(batch: tuple[int, ...]) -> None:
    x, f, gamma, beta = _drawn(*batch, 7), _drawn(*batch, 7, seed=1), _drawn(7, seed=2), _drawn(7, seed=3)

    torch.testing.assert_close(
        post_norm_residual(x, f, gamma, beta, 1e-3), F.layer_norm(x + f, (7,), gamma, beta, 1e-3)
    )


@pytest.mark.parametrize("norm_first", [False, True])
def test_both_blocks_are_the_feed_forward_half_of_the_library_s_layer(norm_first: bool) -> None:
    x, w, gamma = _drawn(2, 3, 4), _drawn(4, 4, seed=1), _drawn(4, seed=2)
    layer = torch.nn.TransformerEncoderLayer(
        4, 1, 8, dropout=0.0, bias=False, batch_first=True, norm_first=norm_first, dtype=torch.float64
    )
    layer.self_attn.out_proj.weight.data.zero_()
    halves = torch.eye(4, dtype=torch.float64)  # relu(z) − relu(−z) = z: the hidden layer computes z W
    layer.linear1.weight.data, layer.linear2.weight.data = torch.cat([halves, -halves]), torch.cat([w, -w]).T
    layer.norm2.weight.data = gamma

    if norm_first:
        found = pre_norm_residual(x, w, gamma, torch.zeros_like(gamma), 1e-5)
    else:
        first = layer.norm1(x)  # of the half whose attention gives 0
        found = post_norm_residual(first, first @ w, gamma, torch.zeros_like(gamma), 1e-5)

    torch.testing.assert_close(found, layer(x))


def test_all_of_them_pass_gradcheck() -> None:
    x, w_q, w_k, w_v = (_drawn(3, 3, seed=n).requires_grad_() for n in range(4))
    gamma, beta = _drawn(3, seed=4).requires_grad_(), _drawn(3, seed=5).requires_grad_()

    assert gradcheck(self_attention, (x, w_q, w_k, w_v))
    assert gradcheck(lambda *inputs: post_norm_residual(*inputs, 1e-5), (x, w_q, gamma, beta))
    assert gradcheck(lambda *inputs: pre_norm_residual(*inputs, 1e-5), (x, w_q, gamma, beta))
