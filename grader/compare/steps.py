"""Compares what each step of a session led to with what a model of ours does, and finds the first that slips."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.compare.evaluate import default_dtype
from grader.compare.returned import as_tensors
from grader.compare.sessions import taken
from grader.model.evidence import Shown
from grader.model.exchange import Opaque, Played, Raised, Returned, Session, Step
from grader.model.generators import Seeded
from grader.model.methods import Method
from grader.model.problem import Function
from grader.model.show import SHOWN_ELEMENTS, show

Rows = Counter[tuple[float, ...]]
"""Rows across all parts of a result, and how often each occurs."""

TRIES = 40
"""Draws of a misconception from which it is seen what it may give."""

CLOSE = 1e-6


@dataclass(frozen=True, slots=True)
class Slip:
    """A step that does something else than the model."""

    position: int
    statement: str
    expected: Shown = None
    got: Shown = None
    raised: Raised | None = None
    """The exception where none belongs."""


def first_slip(model: Function, methods: Mapping[str, Method], session: Session, played: Played) -> Slip | None:
    """The first step that differs from the model's, or None where none does."""
    with default_dtype(torch.float32):
        subject = model(**session.construct)
        for position, (step, seen) in enumerate(zip(session.steps, played.seen, strict=True)):
            method = methods.get(step.method, Method(""))
            held = _held(subject, step, method)
            slip = _slip(step, method, taken(subject, step), seen, held)
            if slip is not None:
                return replace(slip, position=position)
    return None


def could_be(model: Function, methods: Mapping[str, Method], session: Session, played: Played) -> bool:
    """Whether the model, as far as chance goes, may give everything that was seen."""
    with default_dtype(torch.float32):
        try:
            subject = model(**session.construct)
        except Exception:  # noqa: BLE001 -- of a misconception: then it gives nothing of what was seen
            return False
        return all(
            _may_give(subject, step, methods.get(step.method, Method("")), seen)
            for step, seen in zip(session.steps, played.seen, strict=True)
        )


def _held(subject: Any, step: Step, method: Method) -> Returned | None:
    """All rows that the model could draw from, where the step draws."""
    if method.rows is None or len(subject) == 0:
        return None
    everything = replace(step, arguments={**step.arguments, method.rows: len(subject)})
    held = taken(subject, everything)
    if not isinstance(held, Returned):
        raise TypeError(f"asked for all it holds, the model raised {held.type_name}: {held.message}")
    return held


def _slip(
    step: Step, method: Method, right: Returned | Raised, seen: Returned | Raised, held: Returned | None
) -> Slip | None:
    name = "`len`" if step.method == "__len__" else f"`{step.method}`"
    match right, seen:
        case Raised(wanted), Raised(got):
            told = f"{name} should raise {wanted} and raises {got}"
            return None if seen.is_one_of(wanted) else Slip(0, told, wanted, got, raised=seen)
        case Raised(wanted), Returned():
            return Slip(0, f"{name} should raise {wanted}, and returns something", wanted, _told(seen))
        case Returned(), Raised():
            return Slip(0, f"{name} raises an exception", raised=seen)
        case Returned(), Returned():
            if seen.modified:
                changed = f"{name} changes its argument `{seen.modified[0]}` in place"
                return Slip(0, changed, "as it was given", "changed")
            if held is not None and method.rows is not None:
                return _slip_of_rows(name, right, seen, held)
            return _slip_of_values(name, right, seen)
    raise TypeError("a step neither returned nor raised")


def _slip_of_values(name: str, right: Returned, seen: Returned) -> Slip | None:
    if isinstance(right.value, Opaque):
        return None  # nothing is asked of what a method returns that returns None
    misbuilt = _misbuilt(name, right, seen)
    if misbuilt is not None:
        return misbuilt
    pairs = zip(as_tensors(right.value) or (), as_tensors(seen.value) or (), strict=True)
    if all(torch.allclose(a.double(), b.double(), rtol=CLOSE, atol=CLOSE, equal_nan=True) for a, b in pairs):
        return None
    return Slip(0, f"{name} gives another value than it should", _told(right), _told(seen))


def _slip_of_rows(name: str, right: Returned, seen: Returned, held: Returned) -> Slip | None:
    misbuilt = _misbuilt(name, right, seen)
    if misbuilt is not None:
        return misbuilt
    possible, drawn = _rows(held), _rows(seen)
    for row in drawn:
        if row not in possible:
            what = (
                "mixes parts that were added in different calls"
                if _is_mixed(seen, held)
                else "gives a row that it does not hold"
            )
            return Slip(0, f"{name} {what}", _listed(possible), list(row))
    twice = [row for row, count in drawn.items() if count > possible[row]]
    if twice:
        return Slip(0, f"{name} gives the same more than once", _listed(possible), _listed(drawn))
    return None


def _misbuilt(name: str, right: Returned, seen: Returned) -> Slip | None:
    """Evidence that the result has other parts, shapes or dtypes."""
    wanted, got = as_tensors(right.value) or (), as_tensors(seen.value)
    is_several = isinstance(right.value, tuple)
    if got is None or len(got) != len(wanted) or isinstance(seen.value, tuple) != is_several:
        kind = f"a tuple of {len(wanted)} tensors" if is_several else type(right.value).__name__
        return Slip(0, f"{name} gives something of another kind", kind, _kind_of(seen.value))
    for part, (a, b) in enumerate(zip(wanted, got, strict=True), start=1):
        which = f"part {part} of what {name} gives" if is_several else f"what {name} gives"
        if a.shape != b.shape:
            return Slip(0, f"{which} has another shape", str(tuple(a.shape)), str(tuple(b.shape)))
        if a.dtype != b.dtype:
            return Slip(0, f"{which} has another dtype", _dtype(a), _dtype(b))
    return None


def _may_give(subject: Any, step: Step, method: Method, seen: Returned | Raised) -> bool:
    if method.rows is None:
        return _slip(step, method, taken(subject, step), seen, None) is None
    found = [taken(subject, _reseeded(step, k)) for k in range(TRIES)]
    if isinstance(seen, Raised):
        return any(seen.is_one_of(each.type_name) for each in found if isinstance(each, Raised))
    returned = [each for each in found if isinstance(each, Returned)]
    if not returned or _misbuilt("", returned[0], seen) is not None:
        return False
    counts = [_rows(each) for each in returned]
    most = Counter({row: max(count[row] for count in counts) for row in set().union(*counts)})
    drawn = _rows(seen)
    repeats = any(max(count.values(), default=0) > 1 for count in counts)
    return all(row in most and (count <= most[row] or repeats) for row, count in drawn.items())


def _reseeded(step: Step, k: int) -> Step:
    arguments = {n: Seeded(v.seed + k) if isinstance(v, Seeded) else v for n, v in step.arguments.items()}
    return replace(step, arguments=arguments)


def _rows(returned: Returned) -> Rows:
    """The rows of all parts side by side."""
    parts = as_tensors(returned.value) or ()
    return Counter(tuple(row) for row in torch.cat([_flat(part) for part in parts], dim=1).tolist())


def _flat(part: torch.Tensor) -> torch.Tensor:
    return part.detach().double().reshape(len(part), math.prod(part.shape[1:])).nan_to_num(nan=1e30)


def _is_mixed(seen: Returned, held: Returned) -> bool:
    """Whether every part by itself is one that is held."""
    pairs = zip(as_tensors(seen.value) or (), as_tensors(held.value) or (), strict=True)
    return all(set(map(tuple, _flat(a).tolist())) <= set(map(tuple, _flat(b).tolist())) for a, b in pairs)


def _listed(rows: Rows) -> Shown:
    table = [list(row) for row in rows.elements()]
    return table if sum(map(len, table)) <= SHOWN_ELEMENTS else f"{len(table)} rows"


def _told(returned: Returned) -> Shown:
    return show(returned.value)


def _kind_of(value: object) -> str:
    match value:
        case Opaque(type_name):
            return type_name
        case tuple():
            return f"a tuple of {len(value)}"
        case torch.Tensor():
            return f"a tensor of shape {tuple(value.shape)}"
        case _:
            return type(value).__name__


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
