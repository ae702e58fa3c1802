"""Masks that do for most inputs and not for all that a statement speaks of lose points."""

from __future__ import annotations

import math

import pytest
import torch

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade
from grader.model.problem import Function
from grader.model.verdict import Outcome
from grader.rehearsal import answering


def failed(name: str, answer: Function) -> list[str]:
    """The checks of a bundled problem that an answer doesn't pass."""
    (place,) = bundled().choose([name])
    report = grade(load(place), answering(answer), 1)
    return [v.check for v in report.verdicts if v.outcome not in (Outcome.PASSED, Outcome.UNDECIDED)]


def mask_of_the_head(x, w_q, w_k, w_v, w_o, num_heads, mask=None):
    """Takes for granted that there is one mask for each head."""
    heads = []
    for i, (q, k, v) in enumerate(zip(*((x @ w).chunk(num_heads, -1) for w in (w_q, w_k, w_v)), strict=True)):
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        heads.append(torch.softmax(scores if mask is None else scores + mask[i], dim=-1) @ v)
    return torch.cat(heads, dim=-1) @ w_o


def closed_by(lowest: float) -> Function:
    """Masked attention that closes positions with this number in the place of −∞."""

    def masked_attention(queries, keys, values, mask):
        scores = queries @ keys.mT / math.sqrt(queries.shape[-1])
        return torch.softmax(scores + mask.clamp(min=lowest), dim=-1) @ values

    return masked_attention


def test_one_mask_for_all_heads_has_to_be_understood_as_well() -> None:
    assert failed("multi_head_attention", mask_of_the_head) == ["gradient", "edge_cases"]


def test_a_closed_position_with_a_high_score_shows_through_a_number_that_is_not_low_enough() -> None:
    assert "edge_cases" in failed("masked_attention", closed_by(-1e4))


@pytest.mark.parametrize("lowest", [-1e9, -math.inf])
def test_a_number_that_no_score_comes_near_does_as_well_as_minus_infinity(lowest: float) -> None:
    assert failed("masked_attention", closed_by(lowest)) == []
