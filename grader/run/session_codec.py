"""Sessions to request frames, and reply frames to what each step led to: rebuilt from plain data, or refused."""

from __future__ import annotations

from typing import Any

import torch
from safetensors.torch import save

from grader.guest.frames import MalformedFrameError
from grader.model.exchange import OVERWRITTEN, Played, Raised, Returned, Session, Step
from grader.model.generators import Seeded
from grader.run.codec import Header, decode_raised, seed_of, tensors_in, value_in


def encode_session(session: Session, number: int) -> tuple[Header, bytes]:
    """The request for one session; its tensors are copies in float32."""
    tensors: dict[str, torch.Tensor] = {}
    construct = [_described(name, value, "made with", tensors) for name, value in session.construct.items()]
    steps = [_step(position, step, tensors) for position, step in enumerate(session.steps)]
    header = {
        "kind": "session",
        "id": number,
        "function": session.function,
        "construct": construct,
        "steps": steps,
        "overwrite": OVERWRITTEN,
        "default_dtype": "float32",
        "device": "cpu",
        "rng": seed_of(session.function, steps),
    }
    return header, save(tensors) if tensors else b""


def _step(position: int, step: Step, tensors: dict[str, torch.Tensor]) -> Header:
    arguments = [_described(name, value, str(position), tensors) for name, value in step.arguments.items()]
    return {
        "method": step.method,
        "arguments": arguments,
        "arrays": step.arrays,
        "overwritten": step.overwritten,
    }


def _described(name: str, value: object, where: str, tensors: dict[str, torch.Tensor]) -> Header:
    if isinstance(value, Seeded):
        return {"name": name, "generator": value.seed}
    if not isinstance(value, torch.Tensor):
        return {"name": name, "number": value}
    tensors[f"{where} {name}"] = value.float().contiguous().clone()
    return {"name": name, "tensor": f"{where} {name}"}


def decode_session(header: Header, payload: bytes, session: Session, number: int) -> Played | Raised:
    """What a reply says happened.

    Raises:
        MalformedFrameError: the reply is for another request, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to this session")
    if header.get("status") == "raised":
        return decode_raised(header)
    seen = header.get("seen")
    if header.get("status") != "played" or not isinstance(seen, list) or len(seen) != len(session.steps):
        raise MalformedFrameError("it does not tell of the steps that were asked for")
    tensors = tensors_in(payload)
    return Played(tuple(_outcome(each, tensors, step) for each, step in zip(seen, session.steps, strict=True)))


def _outcome(told: Any, tensors: dict[str, torch.Tensor], step: Step) -> Returned | Raised:
    if not isinstance(told, dict):
        raise MalformedFrameError("a step is not told of as steps are")
    match told.get("status"):
        case "raised":
            return decode_raised(told)
        case "returned":
            modified = told.get("modified")
            if not isinstance(modified, list):
                raise MalformedFrameError("a step is not told of as steps are")
            named = tuple(name for name in step.arguments if name in modified)
            return Returned(value_in(told.get("value"), tensors), modified=named)
        case _:
            raise MalformedFrameError("a step neither returned nor raised")
