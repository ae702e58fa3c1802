"""Inputs from recipes, and what is timed and kept; the clock itself is not what is tested."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.guest.drawing import draw
from grader.guest.stopwatch import burst, recall

SHAPE = [64, 64]
RECIPES: list[dict[str, Any]] = [
    {"name": "normal", "kind": "normal", "mean": 3.0, "std": 0.5, "shape": SHAPE},
    {"name": "near", "kind": "near", "argument": "normal", "std": 0.1, "shape": SHAPE},
    {"name": "uniform", "kind": "uniform", "low": 2.0, "high": 5.0, "shape": SHAPE},
    {"name": "flags", "kind": "flags", "probability": 0.25, "shape": SHAPE},
    {"name": "log_probs", "kind": "log_probs", "shape": SHAPE},
    {"name": "indices", "kind": "indices", "below": 5, "shape": SHAPE},
    {"name": "additive_mask", "kind": "additive_mask", "probability": 0.5, "shape": [80, 16]},
    {"name": "causal_mask", "kind": "causal_mask", "shape": [3, 5]},
    {"name": "number", "kind": "number", "value": 7},
]


@pytest.fixture
def drawn() -> dict[str, Any]:
    return draw(RECIPES, 1, "cpu", torch.float32)


def test_arguments_come_in_order_with_their_dtypes(drawn: dict[str, Any]):
    assert list(drawn) == [recipe["name"] for recipe in RECIPES]
    assert drawn["number"] == 7
    assert drawn["indices"].dtype is torch.int64
    assert {each.dtype for name, each in drawn.items() if name not in ("number", "indices")} == {torch.float32}


def test_values_lie_where_their_recipe_says(drawn: dict[str, Any]):
    assert abs(float(drawn["normal"].mean()) - 3.0) < 0.1
    assert 0.05 < float((drawn["near"] - drawn["normal"]).std()) < 0.15
    assert 2.0 <= float(drawn["uniform"].min()) < float(drawn["uniform"].max()) <= 5.0
    assert set(drawn["flags"].unique().tolist()) == {0.0, 1.0}
    assert abs(float(drawn["flags"].mean()) - 0.25) < 0.05
    assert -3.0 < float(drawn["log_probs"].min()) < float(drawn["log_probs"].max()) <= 1e-6
    assert set(drawn["indices"].unique().tolist()) == set(range(5))


def test_masks_are_0_or_closed_and_close_no_row(drawn: dict[str, Any]):
    mask = drawn["additive_mask"]
    assert set(mask.unique().tolist()) == {0.0, float("-inf")}
    assert bool(mask.isfinite().any(dim=-1).all())
    assert drawn["causal_mask"].isfinite().tolist() == [
        [True, True, True, False, False],
        [True, True, True, True, False],
        [True, True, True, True, True],
    ]


def test_the_same_seed_gives_the_same_and_another_one_something_else(drawn: dict[str, Any]):
    again, other = draw(RECIPES, 1, "cpu", torch.float32), draw(RECIPES, 2, "cpu", torch.float32)
    for name in ("normal", "near", "uniform", "flags", "log_probs", "indices", "additive_mask"):
        assert torch.equal(drawn[name], again[name])
        assert not torch.equal(drawn[name], other[name])


def test_a_kind_without_a_recipe_is_refused():
    with pytest.raises(ValueError, match="no recipe 'cauchy'"):
        draw([{"name": "x", "kind": "cauchy", "shape": [1]}], 1, "cpu", torch.float32)


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "recipes": [{"name": "x", "kind": "normal", "mean": 0.0, "std": 1.0, "shape": [4, 3]}],
        "seeds": [11, 12, 13],
        "order": [2, 0, 1],
        "device": "cpu",
        "shapes": [[4, 3]],
        "differentiate": [],
        "cotangents": [],
        "flushed": 64,
        "dtype": "float32",
        **changes,
    }


def test_every_call_gets_contents_of_its_own_in_the_order_of_the_plan():
    seen: list[torch.Tensor] = []
    done = burst(lambda x: (seen.append(x), x * 2)[1], plan())
    inputs = [draw(plan()["recipes"], seed, "cpu", torch.float32)["x"] for seed in (11, 12, 13)]
    assert all(torch.equal(got, inputs[k]) for got, k in zip(seen, (2, 0, 1), strict=True))
    assert all(torch.equal(leaves[0], 2 * x) for leaves, x in zip(done.kept, inputs, strict=True))
    assert len(done.seconds) == 3


def test_of_a_differentiated_function_the_gradients_are_kept():
    done = burst(lambda x: x.square(), plan(differentiate=["x"], cotangents=[[4, 3]]))
    x = draw(plan()["recipes"], 11, "cpu", torch.float32)["x"]
    cotangent = torch.randn(4, 3, generator=torch.Generator().manual_seed(12))
    assert torch.allclose(done.kept[0][0], 2 * x * cotangent)


def test_a_number_stands_for_a_tensor_without_dimensions():
    assert burst(lambda x: 1.5, plan(shapes=[[]])).kept[0][0].item() == 1.5


@pytest.mark.parametrize("result", [None, "text", torch.ones(3), (torch.ones(4, 3), torch.ones(1))])
def test_results_of_another_kind_or_shape_are_refused(result: Any):
    with pytest.raises((TypeError, ValueError), match="expected"):
        burst(lambda x: result, plan())


def test_a_sum_over_all_elements_misses_none():
    right, wrong = burst(lambda x: x + 1, plan()), burst(lambda x: x + 1, plan())
    wrong.kept[1][0][3, 2] += 1.0
    wanted, got = recall(right, 5, 0)[0], recall(wrong, 5, 0)[0]
    assert (wanted != got).flatten().tolist() == [False, True, False]


def test_other_seeds_look_with_other_weights_at_other_elements():
    done = burst(lambda x: x + 1, plan())
    (sums, elements, _), (others, other_elements, _) = recall(done, 5, 8), recall(done, 6, 8)
    assert not torch.equal(sums, others)
    assert not torch.equal(elements[0], other_elements[0])
    assert elements[0].shape == (3, 8)


def test_a_result_that_changes_after_the_calls_is_noticed():
    done = burst(lambda x: x + 1, plan())
    done.kept[2][0][0, 0] = 9.0
    assert recall(done, 5, 1)[2] == [2]


def test_an_empty_result_is_no_trouble():
    empty = [{"name": "x", "kind": "normal", "mean": 0.0, "std": 1.0, "shape": [0, 3]}]
    sums, elements, changed = recall(burst(lambda x: x, plan(recipes=empty, shapes=[[0, 3]])), 5, 4)
    assert sums.tolist() == [[0.0]] * 3
    assert elements[0].shape == (3, 0)
    assert changed == []
