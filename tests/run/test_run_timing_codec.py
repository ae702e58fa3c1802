"""Replies about timings are rebuilt from plain data, or refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from safetensors.torch import save

from grader.guest.frames import MalformedFrameError
from grader.model.exchange import Raised
from grader.model.timing import Recalled, Recalling, Spent, Timed, Timing
from grader.run.timing_codec import decode_recalling, decode_timing, encode_recalling, encode_timing

TIMING = Timing("f", ({"name": "x", "kind": "number", "value": 1},), (5, 6), (1, 0), "cpu", ((3,), (0, 2)))
RECALLING = Recalling(TIMING, 9, 4)
SPENT = Spent(1.0, 0.5)
TENSORS = {
    "sums": torch.zeros(2, 2, dtype=torch.float64),
    "elements 0": torch.zeros(2, 4, dtype=torch.float64),
    "elements 1": torch.zeros(2, 0, dtype=torch.float64),
}


def timed(**changes: Any) -> dict[str, Any]:
    return {"id": 3, "status": "timed", "seconds": [0.1, 0.2], "whole": 0.3, "cpu": 0.2, **changes}


def recalled(**changes: Any) -> dict[str, Any]:
    return {"id": 3, "status": "recalled", "changed": [1], **changes}


def test_a_request_holds_the_plan_and_no_more_than_a_plan():
    header, payload = encode_timing(TIMING, 3)
    assert payload == b""
    assert header["kind"] == "time"
    assert header["seeds"] == [5, 6]
    assert header["shapes"] == [[3], [0, 2]]
    assert encode_recalling(RECALLING, 3)[0]["seed"] == 9


def test_times_are_read():
    assert decode_timing(timed(), TIMING, 3, SPENT) == Timed((0.1, 0.2), 0.3, 0.2, SPENT)


def test_an_exception_is_told_in_both():
    header = {"id": 3, "status": "raised", "type": "ValueError", "message": "no"}
    assert decode_timing(header, TIMING, 3, SPENT) == Raised("ValueError", "no")
    assert decode_recalling(header, b"", RECALLING, 3, SPENT) == Raised("ValueError", "no")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 4},
        {"status": "recalled"},
        {"seconds": [0.1]},
        {"seconds": "fast"},
        {"seconds": [0.1, -1.0]},
        {"seconds": [0.1, True]},
        {"seconds": [0.1, float("nan")]},
        {"whole": None},
        {"cpu": 1e9},
    ],
)
def test_other_times_are_refused(changes: dict[str, Any]):
    with pytest.raises(MalformedFrameError):
        decode_timing(timed(**changes), TIMING, 3, SPENT)


def test_results_are_read():
    found = decode_recalling(recalled(), save(TENSORS), RECALLING, 3, SPENT)
    assert isinstance(found, Recalled)
    assert found.changed == (1,)
    assert [tuple(each.shape) for each in found.elements] == [(2, 4), (2, 0)]


@pytest.mark.parametrize(
    "changes", [{"id": 4}, {"status": "untimed"}, {"changed": None}, {"changed": [0, 1, 0]}, {"changed": [2]}]
)
def test_other_headers_about_results_are_refused(changes: dict[str, Any]):
    with pytest.raises(MalformedFrameError):
        decode_recalling(recalled(**changes), save(TENSORS), RECALLING, 3, SPENT)


@pytest.mark.parametrize("name", list(TENSORS))
def test_a_missing_or_other_tensor_is_refused(name: str):
    without = {key: value for key, value in TENSORS.items() if key != name}
    for tensors in (
        without,
        TENSORS | {name: torch.zeros(1, dtype=torch.float64)},
        TENSORS | {name: TENSORS[name].float()},
    ):
        with pytest.raises(MalformedFrameError):
            decode_recalling(recalled(), save(tensors), RECALLING, 3, SPENT)
