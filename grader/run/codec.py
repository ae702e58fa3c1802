"""Calls to request frames, and reply frames to observations: rebuilt from plain data, or refused."""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Iterator
from itertools import count
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from grader.guest.frames import DEEPEST, LARGEST_HEADER, MalformedFrameError
from grader.model.case import Case
from grader.model.exchange import Call, Observation, Opaque, Precision, Raised, Returned, Value
from grader.model.generators import Seeded
from grader.model.graph import cotangent_names

LONGEST = 1000
MOST_PARTS = 1024
"""Values that one result may hold, however they are nested; each of them is looked at many times."""

EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)
"""Names of Python's own exceptions."""

MOST_AXES = 64
"""Of a tensor; PyTorch itself can do little with one that has more."""

ORDINARY = frozenset({
    torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
})  # fmt: skip
"""Dtypes that PyTorch can compute with everywhere; a tensor of another one is told by its name alone."""

Header = dict[str, Any]


def encode_call(call: Call, number: int) -> tuple[Header, bytes]:
    """The request for one call; its tensors are copies in the call's precision."""
    arguments, tensors = encode_inputs(call.case, call.precision)
    cotangents = call.cotangents()
    names = cotangent_names(len(cotangents))
    tensors |= {name: weights.contiguous().clone() for name, weights in zip(names, cotangents, strict=True)}
    header = {
        "kind": "call",
        "id": number,
        "function": call.function,
        "arguments": arguments,
        "default_dtype": call.default_dtype.value,
        "differentiate": list(call.differentiate),
        "strided": call.strided,
        "device": call.device,
        "rng": rng_seed(call.function, call.case),
    }
    return header, save(tensors) if tensors else b""


def encode_inputs(case: Case, precision: Precision) -> tuple[list[Header], dict[str, torch.Tensor]]:
    """The arguments by name, numbers with their value, and copies of the tensors in that precision."""
    tensors = {name: _cast(v, precision) for name, v in case.inputs.items() if isinstance(v, torch.Tensor)}
    return [_described(name, value) for name, value in case.inputs.items()], tensors


def _described(name: str, value: object) -> Header:
    if isinstance(value, torch.Tensor):
        return {"name": name}
    return {"name": name, "generator": value.seed} if isinstance(value, Seeded) else {"name": name, "number": value}


def rng_seed(function: str, case: Case) -> int:
    """What the guest's random number generators are seeded with: the same for the same question."""
    return seed_of(function, case.name)


def seed_of(*parts: object) -> int:
    """32 bits that depend on all of these."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:4], "big")


def _cast(tensor: torch.Tensor, precision: Precision) -> torch.Tensor:
    plain = tensor.to(precision.dtype) if tensor.is_floating_point() else tensor
    return plain.contiguous().clone()


def decode_reply(header: Header, payload: bytes, call: Call, number: int) -> Observation:
    """What a reply says happened.

    Raises:
        MalformedFrameError: the reply is for another call, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to this call")
    match header.get("status"):
        case "raised":
            return decode_raised(header)
        case "returned":
            return _returned(header, tensors_in(payload), call)
        case _:
            raise MalformedFrameError("it neither returns nor raises")


def decode_raised(header: Header) -> Raised:
    """The exception that a reply tells of; what isn't told as it should be is left out."""
    return Raised(
        text(header.get("type")) or "Exception",
        text(header.get("message")) or "",
        text(header.get("path")),
        whole_number(header.get("line")),
        text(header.get("code")),
        _kinds(header.get("kinds")),
    )


def _kinds(names: Any) -> tuple[str, ...]:
    """Of Python's own exceptions, those that a reply names."""
    given = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return tuple(sorted(EXCEPTIONS.intersection(given)))


def _returned(header: Header, tensors: dict[str, torch.Tensor], call: Call) -> Returned:
    named = header.get("gradients", {})
    modified = header.get("modified")
    if not isinstance(named, dict) or not isinstance(modified, list):
        raise MalformedFrameError("its parts are of the wrong kind")
    return Returned(
        value_in(header.get("value"), tensors),
        text(header.get("device")) or "cpu",
        {name: _gradient(named.get(name), tensors, call.case.inputs[name]) for name in call.differentiate},
        text(header.get("gradient_error")),
        tuple(name for name in call.case.inputs if name in modified),
    )


def tensors_in(payload: bytes) -> dict[str, torch.Tensor]:
    """The tensors of a reply, by name.

    Raises:
        MalformedFrameError: they are not what safetensors writes, or it would take long to find out.
    """
    if not payload:
        return {}
    described = int.from_bytes(payload[:8], "little")  # the bytes of JSON that the payload begins with
    if LARGEST_HEADER < described <= len(payload):
        raise MalformedFrameError("it tells of too many tensors")
    try:
        tensors = load(payload)
    except (SafetensorError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise MalformedFrameError(f"its tensors can't be read ({type(error).__name__})") from None
    if any(tensor.dim() > MOST_AXES for tensor in tensors.values()):
        raise MalformedFrameError(f"a tensor in it has more than {MOST_AXES} dimensions")
    return tensors


def value_in(node: Any, tensors: dict[str, torch.Tensor]) -> Value:
    """A value as a reply describes it.

    Raises:
        MalformedFrameError: it is not built as values are.
    """
    return _value(node, tensors, 0, count(1))


def _value(node: Any, tensors: dict[str, torch.Tensor], depth: int, parts: Iterator[int]) -> Value:
    if next(parts) > MOST_PARTS:
        raise MalformedFrameError(f"its value has more than {MOST_PARTS} parts")
    match node:
        case {"tensor": str(name)} if name in tensors:
            return _ordinary(tensors[name])
        case {"number": str(digits), "type": str(kind)}:
            return _number(digits, kind)
        case {"items": list(items)} if depth < DEEPEST:
            return tuple(_value(item, tensors, depth + 1, parts) for item in items)
        case {"opaque": str(name)}:
            return Opaque(name[:100])
        case _:
            raise MalformedFrameError("its value is not built as values are")


def _ordinary(tensor: torch.Tensor) -> torch.Tensor | Opaque:
    return tensor if tensor.dtype in ORDINARY else Opaque(f"a tensor of {tensor.dtype}".replace("torch.", ""))


def _number(digits: str, kind: str) -> Value:
    try:
        if kind == "bool":
            return digits == "True"
        return int(digits) if kind == "int" and len(digits) < 20 else float(digits)
    except ValueError:
        raise MalformedFrameError("its number is not one") from None


def _gradient(name: Any, tensors: dict[str, torch.Tensor], like: object) -> torch.Tensor | None:
    if name is None:
        return None
    assert isinstance(like, torch.Tensor)
    found = tensors.get(name) if isinstance(name, str) else None
    if found is None or found.shape != like.shape or not (found.is_floating_point() and found.dtype in ORDINARY):
        raise MalformedFrameError("a gradient is missing or has another shape than its input")
    return found.double()


def text(value: Any) -> str | None:
    """A string of bounded length, or None for anything else."""
    return value[:LONGEST] if isinstance(value, str) else None


def whole_number(value: Any) -> int | None:
    """An integer within reason, or None for anything else."""
    return value if type(value) is int and 0 <= value < 1_000_000_000 else None
