"""Decisions and explanations come back from the prover's process as they were."""

from __future__ import annotations

import pytest

from grader.model.explanation import Entry, Explanation
from grader.model.proof import Decision, DifferentShape, Judged, Method, Proved, Refuted, Undecided
from grader.run.proof_codec import decode_explanation, decode_judged, encode_explanation, encode_judged

REFUTED = Refuted({"x": [["1/2", "0"]]}, (0, 1), "1/2", "1", 0.5, 1.0, "x[0, 1]", "x[0, 0]", "")


@pytest.mark.parametrize(
    "decision", [Proved(Method.EXACT), REFUTED, DifferentShape((2, 3), ()), Undecided("too large")]
)
def test_a_decision_comes_back(decision: Decision) -> None:
    judged = Judged(decision, ("0.1 is odd",), (([[1.0, 2.0]], None),))
    assert decode_judged(encode_judged(judged)) == judged


@pytest.mark.parametrize("result", [None, 0, 1])
def test_an_explanation_comes_back_with_the_result_that_each_entry_is_of(result: int | None) -> None:
    explanation = Explanation((Entry((0, 1), "a", "b", result),), (("a", "x + y"),), 3)
    assert decode_explanation(encode_explanation(explanation)) == explanation
