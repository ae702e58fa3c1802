"""What the problems' cases don't reach of the scores' kernels: many tiles, strides, empties, extremes, determinism."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from reference import similarity
from reference.kernels import additive, scores
from tests.reference.kernels.against import assert_agrees

SCORES: dict[str, Callable[..., Tensor]] = {
    "additive_score": additive.additive_score,
    "cosine_score": scores.cosine_score,
    "multiplicative_score": scores.multiplicative_score,
}

RAGGED = {"additive_score": (9, 18), "cosine_score": (37, 21), "multiplicative_score": (37, 21)}
"""Queries and keys that fill several small tiles, and part of another."""


@pytest.fixture(params=SCORES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that few vectors fill several of each."""
    monkeypatch.setattr(scores, "SIDE", 16)
    monkeypatch.setattr(scores, "LEAST", 4)  # the interpreter multiplies blocks of any size
    monkeypatch.setattr(scores, "DEPTH", dict.fromkeys(scores.DEPTH, 4))
    monkeypatch.setattr(scores, "GROUP", 2)
    monkeypatch.setattr(scores, "WIDEST", 4)
    for constant, size in (("QUERIES", 4), ("KEYS", 16), ("GROUP", 2), ("OWN", 4), ("OTHER", 4), ("UNITS", 2)):
        monkeypatch.setattr(additive, constant, size)


def _inputs(name: str, length_q: int = 5, length_k: int = 7, d: int = 3, batch: tuple[int, ...] = ()) -> dict[str, Any]:
    rng = torch.Generator().manual_seed(3)
    inputs: dict[str, Any] = {
        "queries": torch.randn(*batch, length_q, d, generator=rng),
        "keys": torch.randn(*batch, length_k, d, generator=rng),
    }
    if name == "cosine_score":
        return inputs | {"eps": 1e-8}
    if name == "multiplicative_score":
        return inputs | {"w": torch.randn(d, d, generator=rng)}
    hidden = {"w_q": torch.randn(5, d, generator=rng), "w_k": torch.randn(5, d, generator=rng)}
    return inputs | hidden | {"v": torch.randn(5, generator=rng)}


def _leaves(inputs: dict[str, Any]) -> dict[str, Any]:
    return {n: v.requires_grad_() if isinstance(v, Tensor) else v for n, v in inputs.items()}


def _gradients(function: Callable[..., Tensor], inputs: dict[str, Any], weights: Tensor) -> list[Tensor]:
    result = function(**inputs)
    return [
        result.detach(),
        *torch.autograd.grad(result, [v for v in inputs.values() if isinstance(v, Tensor)], weights),
    ]


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_many_ragged_tiles_agree_with_the_reference(name: str, dtype: torch.dtype) -> None:
    inputs = _inputs(name, *RAGGED[name], 11, (2,))
    assert_agrees(name, SCORES[name], inputs, dtype, 0.0 if name == "additive_score" else 0.5)


@pytest.mark.usefixtures("small_tiles")
def test_clamped_pairs_are_found_in_every_tile_and_part() -> None:
    inputs = _inputs("cosine_score", 19, 23, 6) | {"eps": 0.5}
    inputs["queries"][::5] = 0.0
    inputs["keys"][::3] *= 0.01
    assert_agrees("cosine_score", scores.cosine_score, inputs, torch.float32, 0.0)


def test_vectors_wider_than_a_block_have_their_gradient_from_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "WIDEST", 16)
    inputs = _inputs("cosine_score", 5, 7, 37)
    inputs["keys"][2] = 0.0
    assert_agrees("cosine_score", scores.cosine_score, inputs, torch.float32, 0.0)
    assert_agrees("cosine_score", scores.cosine_score, inputs, torch.bfloat16, 0.5)


def test_inputs_of_any_strides_give_what_contiguous_ones_give(name: str) -> None:
    inputs = _inputs(name, batch=(2, 3))
    weights = torch.randn(2, 3, 5, 7, generator=torch.Generator().manual_seed(4))
    expected = _gradients(SCORES[name], _leaves(inputs), weights)
    strided = {
        n: v.detach().mT.contiguous().mT if isinstance(v, Tensor) and v.ndim > 1 else v for n, v in inputs.items()
    }
    found = _gradients(SCORES[name], _leaves(strided), weights.mT.contiguous().mT)
    torch.testing.assert_close(found, expected)


def test_expanded_keys_and_an_expanded_gradient_are_read(name: str) -> None:
    inputs = _inputs(name, batch=(3,))
    inputs["keys"] = inputs["keys"][0]
    weight = torch.tensor(0.5).expand(3, 5, 7)
    found = _gradients(SCORES[name], _leaves(inputs), weight)
    expected = _gradients(getattr(similarity, name), _leaves(inputs), weight)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("length_q", "length_k", "d", "batch"),
    [(0, 7, 3, ()), (5, 0, 3, ()), (5, 7, 0, ()), (5, 7, 3, (0,)), (0, 0, 0, (2,))],
)
def test_of_nothing_they_give_what_the_reference_gives(
    name: str, length_q: int, length_k: int, d: int, batch: tuple[int, ...]
) -> None:
    inputs = _inputs(name, length_q, length_k, d, batch)
    weights = torch.ones(*batch, length_q, length_k)
    found = _gradients(SCORES[name], _leaves(inputs), weights)
    expected = _gradients(getattr(similarity, name), _leaves(inputs), weights)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=0.0)


def test_only_the_gradients_that_are_wanted_are_computed(name: str) -> None:
    inputs = _inputs(name)
    inputs["keys"].requires_grad_()
    (found,) = torch.autograd.grad(SCORES[name](**inputs).sum(), inputs["keys"])
    (expected,) = torch.autograd.grad(getattr(similarity, name)(**inputs).sum(), inputs["keys"])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("small_tiles")
def test_the_same_inputs_give_the_same_bits(name: str) -> None:
    inputs = _leaves(_inputs(name, *RAGGED[name]))
    weights = torch.randn(RAGGED[name], generator=torch.Generator().manual_seed(4))
    first, second = (_gradients(SCORES[name], inputs, weights) for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_nan_stays_in_the_scores_of_its_own_vector(name: str) -> None:
    inputs = _inputs(name)
    inputs["keys"][2, 1] = torch.nan
    found = SCORES[name](**inputs)
    assert found[:, 2].isnan().all()
    assert found[:, [0, 1, 3, 4, 5, 6]].isfinite().all()


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # of NumPy's
def test_an_infinite_gradient_of_float16_is_no_nan_where_the_vector_is_zero() -> None:
    queries = torch.zeros(1, 3, dtype=torch.float16, requires_grad=True)
    keys = torch.ones(1, 3, dtype=torch.float16, requires_grad=True)
    of_queries, of_keys = torch.autograd.grad(scores.cosine_score(queries, keys, 1e-8).sum(), [queries, keys])
    assert of_queries.isposinf().all()  # 1 / ε
    assert torch.equal(of_keys, torch.zeros_like(keys))


def test_tanh_is_as_accurate_near_zero_as_anywhere() -> None:
    sizes = torch.cat([10.0 ** torch.arange(-20, 3), torch.tensor([0.0, 0.6249, 0.625, 0.6251, 88.0, 1000.0])])
    queries = torch.cat([sizes, -sizes])[:, None]
    one = torch.ones(1, 1)
    found = additive.additive_score(queries, torch.zeros(1, 1), one, one, one[0])
    expected = torch.tanh(queries.double())
    torch.testing.assert_close(found.double(), expected, rtol=3e-7, atol=0.0)


def test_the_slope_of_a_saturated_unit_keeps_its_digits() -> None:
    queries = torch.tensor([[0.0], [1e-3], [0.5], [5.0], [-12.0]], requires_grad=True)
    one = torch.ones(1, 1)
    (found,) = torch.autograd.grad(additive.additive_score(queries, torch.zeros(1, 1), one, one, one[0]).sum(), queries)
    expected = 1 / torch.cosh(queries.detach().double()).square()
    torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=0.0)
