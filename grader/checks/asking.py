"""Puts one call in the middle of a check."""

from __future__ import annotations

from collections.abc import Generator

from grader.model.exchange import Answer, Call, Observation, Request


def observe(call: Call) -> Generator[Request, Answer, Observation]:
    """`yield from` it: what the call led to.

    Raises:
        TypeError: whoever drives the check answers a call with something else.
    """
    answer = yield call
    if not isinstance(answer, Observation):
        raise TypeError(f"a call was answered with {type(answer).__name__}, which is no observation")
    return answer
