"""References of the similarity scores against sums written out, the library, and numbers one can check by hand."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import gradcheck

from reference.similarity import additive_score, cosine_score, dot_product_score, euclidean_score, multiplicative_score

BATCHES = pytest.mark.parametrize("batch", [(), (2,), (2, 3)])


def _drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _pairs(queries: torch.Tensor, keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Query and key of every pair, in the shape (..., L_q, L_k, d)."""
    return torch.broadcast_tensors(queries.unsqueeze(-2), keys.unsqueeze(-3))


@BATCHES
def test_the_dot_product_is_a_sum_of_products(batch: tuple[int, ...]) -> None:
    queries, keys = _drawn(*batch, 4, 5), _drawn(*batch, 3, 5, seed=1)
    q, k = _pairs(queries, keys)

    torch.testing.assert_close(dot_product_score(queries, keys), (q * k).sum(-1))


@BATCHES
def test_cosine_is_that_of_the_library_where_no_vector_is_short(batch: tuple[int, ...]) -> None:
    queries, keys = _drawn(*batch, 4, 5), _drawn(*batch, 3, 5, seed=1)

    expected = F.cosine_similarity(*_pairs(queries, keys), dim=-1, eps=1e-8)

    torch.testing.assert_close(cosine_score(queries, keys, 1e-8), expected)


@pytest.mark.parametrize(("eps", "expected"), [(0.1, 0.96), (0.25, 0.96), (0.5, 0.48), (1.0, 0.24)])
def test_the_product_of_the_lengths_is_at_least_epsilon(eps: float, expected: float) -> None:
    queries = torch.tensor([[0.3, 0.4]], dtype=torch.float64)  # of length 0.5, as the key is
    keys = torch.tensor([[0.4, 0.3]], dtype=torch.float64)

    assert cosine_score(queries, keys, eps).item() == pytest.approx(expected)


def test_a_query_of_zeros_has_a_cosine_of_zero_and_the_gradient_k_over_epsilon() -> None:
    query, key = torch.zeros(1, 2, requires_grad=True), torch.tensor([[3.0, -4.0]])
    score = cosine_score(query, key, 0.5)
    (gradient,) = torch.autograd.grad(score.sum(), query)

    assert score.item() == 0
    assert gradient.tolist() == [[6.0, -8.0]]


@BATCHES
def test_the_additive_score_is_a_network_with_one_hidden_layer(batch: tuple[int, ...]) -> None:
    queries, keys = _drawn(*batch, 4, 3), _drawn(*batch, 2, 3, seed=1)
    w_q, w_k, v = _drawn(5, 3, seed=2), _drawn(5, 3, seed=3), _drawn(5, seed=4)
    hidden = torch.nn.Linear(6, 5, bias=False, dtype=torch.float64)
    hidden.weight.data = torch.cat([w_q, w_k], dim=1)

    expected = torch.tanh(hidden(torch.cat(_pairs(queries, keys), dim=-1))) @ v

    torch.testing.assert_close(additive_score(queries, keys, w_q, w_k, v), expected.detach())


def test_the_additive_score_of_numbers() -> None:
    score = additive_score(
        *(torch.tensor(each) for each in ([[1.0]], [[2.0]], [[3.0], [0.0]], [[-1.0], [0.5]], [2.0, 1.0]))
    )

    assert score.item() == pytest.approx(2 * math.tanh(1.0) + math.tanh(1.0))


@BATCHES
def test_the_euclidean_score_is_the_negative_distance(batch: tuple[int, ...]) -> None:
    queries, keys = _drawn(*batch, 4, 5), _drawn(*batch, 3, 5, seed=1)
    q, k = _pairs(queries, keys)
    pairs = zip(q.reshape(-1, 5).tolist(), k.reshape(-1, 5).tolist(), strict=True)
    distances = torch.tensor([math.dist(*pair) for pair in pairs], dtype=torch.float64).reshape(q.shape[:-1])

    torch.testing.assert_close(euclidean_score(queries, keys), -distances)


def test_equal_points_have_the_distance_zero_and_no_gradient() -> None:
    points = torch.tensor([[1.0, 2.0], [4.0, 6.0]], requires_grad=True)
    scores = euclidean_score(points, points.detach())
    (gradient,) = torch.autograd.grad(scores.sum(), points)

    assert scores.tolist() == [[0, -5], [-5, 0]]
    torch.testing.assert_close(gradient, torch.tensor([[0.6, 0.8], [-0.6, -0.8]]))


def test_digits_are_kept_far_from_the_origin() -> None:
    queries, keys = torch.tensor([[4096.0, 4096.0]]), torch.tensor([[4096.0, 4096.5], [4097.0, 4096.0]])

    assert euclidean_score(queries, keys).tolist() == [[-0.5, -1.0]]


@BATCHES
def test_the_multiplicative_score_is_a_bilinear_form(batch: tuple[int, ...]) -> None:
    queries, keys, w = _drawn(*batch, 4, 5), _drawn(*batch, 3, 5, seed=1), _drawn(5, 5, seed=2)
    q, k = _pairs(queries, keys)

    expected = F.bilinear(q.contiguous(), k.contiguous(), w[None]).squeeze(-1)

    torch.testing.assert_close(multiplicative_score(queries, keys, w), expected)


def test_rows_of_w_are_for_the_query_and_columns_for_the_key() -> None:
    query, key = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])

    assert multiplicative_score(query, key, torch.tensor([[0.0, 7.0], [5.0, 0.0]])).item() == 7


def test_all_of_them_pass_gradcheck() -> None:
    queries, keys = _drawn(2, 3).requires_grad_(), _drawn(2, 3, seed=1).requires_grad_()
    w_q, w_k, v, w = (
        _drawn(*s, seed=n).requires_grad_() for n, s in enumerate(((4, 3), (4, 3), (4,), (3, 3)), start=2)
    )

    assert gradcheck(dot_product_score, (queries, keys))
    assert gradcheck(lambda q, k: cosine_score(q, k, 1e-8), (queries, keys))
    assert gradcheck(lambda q, k: cosine_score(q, k, 100.0), (queries, keys))
    assert gradcheck(additive_score, (queries, keys, w_q, w_k, v))
    assert gradcheck(euclidean_score, (queries, keys))
    assert gradcheck(multiplicative_score, (queries, keys, w))
