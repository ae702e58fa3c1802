"""Plays a session with a class of ours: a reference, a misconception. The guest does the same with a student's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from grader.compare.evaluate import default_dtype
from grader.compare.returned import as_value
from grader.model.exchange import OVERWRITTEN, Played, Raised, Returned, Session, Step
from grader.model.generators import Seeded
from grader.model.problem import Function


def played(made: Function, session: Session) -> Played | Raised:
    """What every step leads to; only for classes that we wrote ourselves."""
    with default_dtype(torch.float32), torch.enable_grad():
        try:
            subject = made(**session.construct)
        except Exception as error:  # noqa: BLE001 -- a misconception may raise, which is an observation
            return raised(error)
        return Played(tuple(taken(subject, step) for step in session.steps))


def taken(subject: Any, step: Step) -> Returned | Raised:
    """What one step leads to; the arrays of the caller are overwritten afterwards where it says so."""
    given = {name: handed_over(value, step) for name, value in step.arguments.items()}
    before = {n: torch.as_tensor(v).clone() for n, v in given.items() if isinstance(v, torch.Tensor | np.ndarray)}
    try:
        result = len(subject) if step.method == "__len__" else getattr(subject, step.method)(*given.values())
        seen = Returned(_kept(as_value(result)), modified=_modified(before, given))
    except Exception as error:  # noqa: BLE001 -- a misconception may raise, which is an observation
        return raised(error)
    if step.overwritten:
        for name in before:
            given[name][...] = OVERWRITTEN
    return seen


def handed_over(value: object, step: Step) -> Any:
    """A fresh argument: a tensor in float32, an array, a generator from its seed, or the number itself."""
    if isinstance(value, Seeded):
        return value.made()
    if not isinstance(value, torch.Tensor):
        return value
    if not step.arrays:
        return value.float().clone()
    return value.numpy().astype(np.float32 if step.overwritten else np.float64)


def raised(error: Exception) -> Raised:
    """The exception as an observation."""
    return Raised(type(error).__name__, str(error), kinds=tuple(kind.__name__ for kind in type(error).__mro__))


def _kept(value: Any) -> Any:
    """Copies of the tensors: later steps may change them."""
    if isinstance(value, tuple):
        return tuple(_kept(item) for item in value)
    return value.clone() if isinstance(value, torch.Tensor) else value


def _modified(before: Mapping[str, torch.Tensor], after: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(n for n, old in before.items() if not torch.equal(old, torch.as_tensor(after[n])))
