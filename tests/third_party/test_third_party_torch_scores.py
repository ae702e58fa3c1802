"""Scores of queries and keys against `torch.nn.functional`, and costs against PyTorch's counter of operations."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from reference.attention import scaled_dot_product_score
from reference.costs import layer_costs
from reference.similarity import (
    additive_score,
    cosine_score,
    dot_product_score,
    euclidean_score,
    multiplicative_score,
)
from tests.third_party.comparing import EXACT, normal

LENGTH, WIDTH = 5, 8


def test_dot_products_are_a_batched_product_and_are_scaled_in_attention(rng: torch.Generator) -> None:
    queries, keys = normal(rng, 2, 3, LENGTH, WIDTH)
    theirs = torch.bmm(queries, keys.transpose(1, 2))
    identity_values = torch.eye(LENGTH, dtype=torch.float64).expand(3, LENGTH, LENGTH)
    weights = functional.scaled_dot_product_attention(queries, keys, identity_values)

    torch.testing.assert_close(dot_product_score(queries, keys), theirs, **EXACT)
    torch.testing.assert_close(torch.softmax(scaled_dot_product_score(queries, keys), -1), weights, **EXACT)


def test_cosines_agree_where_no_vector_is_short(rng: torch.Generator) -> None:
    queries, keys = normal(rng, 2, LENGTH, WIDTH)

    theirs = functional.cosine_similarity(queries[:, None], keys, dim=-1, eps=1e-8)

    torch.testing.assert_close(cosine_score(queries, keys, 1e-8), theirs, **EXACT)


def test_their_epsilon_bounds_each_length_and_ours_the_product() -> None:
    """For ‖q‖ = ⅛, ‖k‖ = 4 and ε = ¼: they divide by max(⅛, ¼) · 4, we by max(⅛ · 4, ¼)."""
    query, key = torch.tensor([[0.125, 0.0]]), torch.tensor([[4.0, 0.0]])

    assert functional.cosine_similarity(query, key, eps=0.25).item() == 0.5
    assert cosine_score(query, key, 0.25).item() == 1.0


def test_the_euclidean_score_is_minus_their_distance(rng: torch.Generator) -> None:
    """`torch.cdist` is it; `nn.PairwiseDistance` adds its ε to every difference first."""
    queries, keys = normal(rng, 2, LENGTH, WIDTH)
    shifted = euclidean_score(queries + 0.125, keys)

    torch.testing.assert_close(euclidean_score(queries, keys), -torch.cdist(queries, keys), **EXACT)
    pairwise = nn.PairwiseDistance(eps=0.125)(queries[:, None], keys)
    torch.testing.assert_close(shifted, -pairwise, **EXACT)


def test_the_multiplicative_score_is_a_bilinear_form(rng: torch.Generator) -> None:
    queries, keys, w = normal(rng, LENGTH, 4), normal(rng, LENGTH, 4), normal(rng, 4, 4)
    pairs = (queries[:, None].expand(-1, LENGTH, -1), keys.expand(LENGTH, -1, -1))

    theirs = functional.bilinear(*pairs, w[None]).squeeze(-1)

    torch.testing.assert_close(multiplicative_score(queries, keys, w), theirs, **EXACT)


def test_the_additive_score_is_their_linear_layers_around_a_tanh(rng: torch.Generator) -> None:
    queries, keys = normal(rng, 2, LENGTH, 4)
    w_q, w_k, v = normal(rng, 3, 4), normal(rng, 3, 4), normal(rng, 3)
    hidden = functional.linear(queries, w_q)[:, None] + functional.linear(keys, w_k)

    theirs = functional.linear(torch.tanh(hidden), v[None]).squeeze(-1)

    torch.testing.assert_close(additive_score(queries, keys, w_q, w_k, v), theirs, **EXACT)


def counted(function: Callable[..., object], *inputs: Tensor) -> int:
    with FlopCounterMode(display=False) as counter:
        function(*inputs)
    return counter.get_total_flops()


def test_their_counter_of_operations_counts_additions_too(rng: torch.Generator) -> None:
    """Twice as many as multiplications; and attention has two products, QKᵀ and weights times V."""
    n, d, k = 7, 5, 3
    x, w = normal(rng, n, d), normal(rng, d, d)
    attention = counted(lambda: torch.softmax(x @ x.T, -1) @ x)
    recurrence = counted(lambda: [torch.tanh(row[None] @ w) for row in x])
    convolution = counted(functional.conv1d, normal(rng, 1, d, n + k - 1), normal(rng, d, d, k))

    ours = layer_costs(torch.tensor(n), torch.tensor(d), torch.tensor(k))

    assert ours.tolist() == [attention // 4, recurrence // 2, convolution // 2]
