"""Trainings and questions to a policy as request frames, and reply frames to what came of them, or refused."""

from __future__ import annotations

from typing import Any

from safetensors.torch import save

from grader.guest.frames import PROGRESS, MalformedFrameError
from grader.model.exchange import Acted, Acting, Opaque, Raised, Trained, Training
from grader.run.codec import Header, decode_raised, seed_of, text, whole_number

LONGEST_CURVE = 100
LARGEST_RETURN = 1e9


def encode_training(training: Training, number: int) -> tuple[Header, bytes]:
    """The request for one training."""
    header = {
        "kind": "train",
        "id": number,
        "function": training.function,
        "environment": training.environment,
        "total_steps": training.total_steps,
        "seed": training.seed,
        **_world(training.seed),
    }
    return header, b""


def decode_training(header: Header, training: Training, number: int) -> Trained | Raised:
    """What a reply says of a training.

    Raises:
        MalformedFrameError: the reply is for another request, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to this training")
    if header.get("status") == "raised":
        return decode_raised(header)
    steps, curve = _steps(header.get("steps"), training), header.get("curve")
    if header.get("status") != "trained" or steps is None or not isinstance(curve, list) or len(curve) > LONGEST_CURVE:
        raise MalformedFrameError("it does not tell of a training as trainings are told of")
    return Trained(steps, tuple(_point(point, training) for point in curve))


def encode_acting(acting: Acting, number: int) -> tuple[Header, bytes]:
    """The request for actions."""
    header = {"kind": "act", "id": number, **_world(seed_of(acting.function, acting.turn))}
    return header, save({"observations": acting.observations.float().contiguous().clone()})


def decode_acting(header: Header, acting: Acting, number: int) -> Acted | Raised:
    """The actions that a reply tells of.

    Raises:
        MalformedFrameError: the reply is for another request, or not built as replies are.
    """
    if header.get("id") != number:
        raise MalformedFrameError("it is not an answer to this question")
    if header.get("status") == "raised":
        return decode_raised(header)
    if header.get("status") == "untrained":
        raise MalformedFrameError("the process that held the policy has ended")
    actions = header.get("actions")
    if header.get("status") != "acted" or not isinstance(actions, list) or len(actions) != len(acting.observations):
        raise MalformedFrameError("it does not tell an action for every observation")
    return Acted(tuple(_action(each) for each in actions))


def decode_progress(header: Header, training: Training) -> tuple[int, float | None] | None:
    """Steps taken and the mean return lately, as a child tells them on the way; None for anything else."""
    told = header.get(PROGRESS)
    if not isinstance(told, dict):
        return None
    steps, mean = _steps(told.get("steps"), training), told.get("mean")
    return None if steps is None else (steps, mean if _is_return(mean) else None)


def _world(seed: int) -> Header:
    return {"default_dtype": "float32", "device": "cpu", "rng": seed % (1 << 32)}


def _steps(told: Any, training: Training) -> int | None:
    steps = whole_number(told)
    return steps if steps is not None and steps <= training.total_steps else None


def _point(told: Any, training: Training) -> tuple[int, float]:
    steps = _steps(told[0], training) if isinstance(told, list) and len(told) == 2 else None
    if steps is None or not _is_return(told[1]):
        raise MalformedFrameError("its learning curve can't be read")
    return steps, float(told[1])


def _is_return(told: Any) -> bool:
    return type(told) in (int, float) and abs(told) <= LARGEST_RETURN


def _action(told: Any) -> int | Opaque:
    number = whole_number(told)
    if number is not None:
        return number
    kind = text(told.get("opaque")) if isinstance(told, dict) else None
    if kind is None:
        raise MalformedFrameError("an action can't be read")
    return Opaque(kind)
