"""References of relative positions against loops over pairs, and against the library's attention with a bias."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import gradcheck

from reference.relative import decomposed_relative_scores, relative_attention, relative_attention_scores

BATCHES = pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
L, D_K = 4, 3


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@BATCHES
def test_the_embedding_of_the_distance_is_added_to_the_key(batch: tuple[int, ...]) -> None:
    queries, keys, embeddings = _drawn(*batch, L, D_K), _drawn(*batch, L, D_K, seed=1), _drawn(2 * L - 1, D_K, seed=2)
    by_distance = dict(zip(range(-(L - 1), L), embeddings, strict=True))

    scores = relative_attention_scores(queries, keys, embeddings)

    for i in range(L):
        for j in range(L):
            expected = (queries[..., i, :] * (keys[..., j, :] + by_distance[i - j])).sum(-1) / math.sqrt(D_K)
            torch.testing.assert_close(scores[..., i, j], expected)


@BATCHES
def test_the_four_terms_are_added_and_divided_by_the_root(batch: tuple[int, ...]) -> None:
    queries, keys, relative = _drawn(*batch, L, D_K), _drawn(*batch, L, D_K, seed=1), _drawn(L, L, D_K, seed=2)
    u, v = _drawn(D_K, seed=3), _drawn(D_K, seed=4)

    scores = decomposed_relative_scores(queries, keys, relative, u, v)

    for i in range(L):
        for j in range(L):
            q, k, r = queries[..., i, :], keys[..., j, :], relative[i, j]
            expected = (q * k).sum(-1) + (q * r).sum(-1) + (u * k).sum(-1) + (v * r).sum(-1)
            torch.testing.assert_close(scores[..., i, j], expected / math.sqrt(D_K))


def test_without_biases_both_scores_are_one() -> None:
    queries, keys, embeddings = _drawn(L, D_K), _drawn(L, D_K, seed=1), _drawn(2 * L - 1, D_K, seed=2)
    relative = torch.stack([torch.stack([embeddings[i - j + L - 1] for j in range(L)]) for i in range(L)])
    nothing = torch.zeros(D_K, dtype=torch.float64)

    torch.testing.assert_close(
        decomposed_relative_scores(queries, keys, relative, nothing, nothing),
        relative_attention_scores(queries, keys, embeddings),
    )


@BATCHES
def test_relative_attention_is_the_library_s_with_a_bias_of_positions(batch: tuple[int, ...]) -> None:
    queries, keys, values = (_drawn(*batch, L, width, seed=n) for n, width in enumerate((D_K, D_K, 2)))
    embeddings = _drawn(2 * L - 1, D_K, seed=3)
    bias = relative_attention_scores(queries, torch.zeros_like(keys), embeddings)

    expected = F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)

    torch.testing.assert_close(relative_attention(queries, keys, values, embeddings), expected)


def test_where_distance_alone_decides_a_shift_of_the_sequence_changes_nothing() -> None:
    query, key, embeddings = _drawn(D_K), _drawn(D_K, seed=1), _drawn(2 * L - 1, D_K, seed=2)

    scores = relative_attention_scores(query.expand(L, D_K), key.expand(L, D_K), embeddings)

    torch.testing.assert_close(scores[1:, 1:], scores[:-1, :-1])


def test_all_of_them_pass_gradcheck() -> None:
    queries, keys, values = (_drawn(3, 2, seed=n).requires_grad_() for n in range(3))
    embeddings, relative = _drawn(5, 2, seed=3).requires_grad_(), _drawn(3, 3, 2, seed=4).requires_grad_()
    u, v = _drawn(2, seed=5).requires_grad_(), _drawn(2, seed=6).requires_grad_()

    assert gradcheck(relative_attention_scores, (queries, keys, embeddings))
    assert gradcheck(decomposed_relative_scores, (queries, keys, relative, u, v))
    assert gradcheck(relative_attention, (queries, keys, values, embeddings))
