"""Timings and questions about their results as request frames, and reply frames to what came of them, or refused."""

from __future__ import annotations

import math
from typing import Any

import torch

from grader.guest.frames import MalformedFrameError
from grader.model.exchange import Raised
from grader.model.timing import Recalled, Recalling, Spent, Timed, Timing
from grader.run.codec import Header, decode_raised, seed_of, tensors_in, whole_number

LONGEST = 3600.0
"""Seconds that a call may be said to have taken."""


def encode_timing(timing: Timing, number: int) -> tuple[Header, bytes]:
    """The request for timed calls."""
    header = {"kind": "time", "id": number, "function": timing.function, **timing.plan(), **_world(timing)}
    return header, b""


def decode_timing(header: Header, timing: Timing, number: int, spent: Spent) -> Timed | Raised:
    """What a reply says of the calls.

    Raises:
        MalformedFrameError: the reply is for another request, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to this timing")
    if header.get("status") == "raised":
        return decode_raised(header)
    seconds, whole, cpu = header.get("seconds"), header.get("whole"), header.get("cpu")
    if header.get("status") != "timed" or not isinstance(seconds, list) or len(seconds) != len(timing.seeds):
        raise MalformedFrameError("it does not tell what each of the calls took")
    if not all(_is_duration(each) for each in (*seconds, whole, cpu)):
        raise MalformedFrameError("what a call is said to have taken is no number of seconds")
    return Timed(tuple(map(float, seconds)), float(whole), float(cpu), spent)  # type: ignore[arg-type]  # looked at


def encode_recalling(recalling: Recalling, number: int) -> tuple[Header, bytes]:
    """The request for what was kept."""
    asked = {"seed": recalling.seed, "elements": recalling.elements}
    return {"kind": "recall", "id": number, **asked, **_world(recalling.timing)}, b""


def decode_recalling(
    header: Header, payload: bytes, recalling: Recalling, number: int, spent: Spent
) -> Recalled | Raised:
    """What a reply tells of the results.

    Raises:
        MalformedFrameError: the reply is for another request, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to the question about results")
    if header.get("status") == "raised":
        return decode_raised(header)
    if header.get("status") != "recalled":
        raise MalformedFrameError("it does not tell of the results of the calls that were timed")
    calls, changed, tensors = len(recalling.timing.seeds), header.get("changed"), tensors_in(payload)
    shapes = recalling.timing.shapes
    if not isinstance(changed, list) or len(changed) > calls or not all(_is_call(each, calls) for each in changed):
        raise MalformedFrameError("it does not say which results have changed")
    sums = _float64(tensors.get("sums"), (calls, len(shapes)))
    counts = [recalling.elements if math.prod(shape) else 0 for shape in shapes]
    elements = tuple(_float64(tensors.get(f"elements {i}"), (calls, count)) for i, count in enumerate(counts))
    return Recalled(sums, elements, tuple(changed), spent)


def _float64(tensor: torch.Tensor | None, shape: tuple[int, ...]) -> torch.Tensor:
    if tensor is None or tensor.dtype is not torch.float64 or tuple(tensor.shape) != shape:
        raise MalformedFrameError("a tensor is missing, or not what was asked for")
    return tensor


def _is_call(told: Any, calls: int) -> bool:
    number = whole_number(told)
    return number is not None and number < calls


def _is_duration(told: Any) -> bool:
    return type(told) in (int, float) and 0 <= told <= LONGEST


def _world(timing: Timing) -> Header:
    seed = seed_of(timing.function, timing.seeds)
    return {"default_dtype": "float32", "device": timing.device, "rng": seed}
