"""References of scores, attention and layer normalisation against torch.nn.functional and sums written out."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import gradcheck

from reference.attention import masked_attention, scaled_dot_product_score
from reference.normalization import layer_norm


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _causal(length: int) -> torch.Tensor:
    return torch.full((length, length), -torch.inf, dtype=torch.float64).triu(1)


def test_a_score_is_the_dot_product_over_the_root_of_the_dimension() -> None:
    queries, keys = _drawn(2, 3, 5), _drawn(2, 4, 5, seed=1)
    expected = torch.empty(2, 3, 4, dtype=torch.float64)
    for b, i, j in torch.cartesian_prod(torch.arange(2), torch.arange(3), torch.arange(4)).tolist():
        products = zip(queries[b, i].tolist(), keys[b, j].tolist(), strict=True)
        expected[b, i, j] = sum(q * k for q, k in products) / math.sqrt(5)

    torch.testing.assert_close(scaled_dot_product_score(queries, keys), expected)


@pytest.mark.parametrize("mask", [_causal(5), _drawn(5, 5, seed=7), torch.zeros(5, 5, dtype=torch.float64)])
@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_masked_attention_is_the_library_s(batch: tuple[int, ...], mask: torch.Tensor) -> None:
    queries, keys, values = (_drawn(*batch, 5, width, seed=seed) for seed, width in enumerate((3, 3, 4)))

    expected = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)

    torch.testing.assert_close(masked_attention(queries, keys, values, mask), expected)


def test_masked_attention_passes_gradcheck() -> None:
    inputs = [_drawn(3, 2, seed=seed).requires_grad_() for seed in range(3)]

    assert gradcheck(lambda q, k, v: masked_attention(q, k, v, _causal(3)), inputs)


def test_the_first_position_under_a_causal_mask_reads_itself_alone() -> None:
    queries, keys, values = (_drawn(4, 3, seed=seed) for seed in range(3))

    torch.testing.assert_close(masked_attention(queries, keys, values, _causal(4))[0], values[0])


@pytest.mark.parametrize("eps", [1e-5, 1e-3, 1.0])
def test_layer_norm_is_the_library_s(eps: float) -> None:
    x, gamma, beta = _drawn(2, 3, 7), _drawn(7, seed=1), _drawn(7, seed=2)

    torch.testing.assert_close(layer_norm(x, gamma, beta, eps), F.layer_norm(x, (7,), gamma, beta, eps))


def test_layer_norm_passes_gradcheck() -> None:
    inputs = [_drawn(*shape, seed=seed).requires_grad_() for seed, shape in enumerate(((3, 4), (4,), (4,)))]

    assert gradcheck(lambda x, gamma, beta: layer_norm(x, gamma, beta, 1e-5), inputs)
