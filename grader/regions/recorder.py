"""Runs a reference and writes down which of its branches went which way, and where in its source they stand."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.compare.evaluate import default_dtype, in_precision
from grader.compare.sessions import played
from grader.model.case import Case
from grader.model.exchange import Precision, Session
from grader.model.problem import Function
from grader.regions.numbers import watched
from grader.regions.sides import Sides, sides_of

_PASSED_OVER = tuple(str(Path(each).parent) + os.sep for each in (torch.__file__, __file__))
"""Code between a branch and who wrote it: PyTorch's own, and this package."""


@dataclass(frozen=True, slots=True)
class Branch:
    """An operation that treats numbers differently, as it stands in the source of a reference."""

    path: str
    line: int
    code: str
    """The expression: `torch.minimum(next_q1, next_q2)`."""

    operation: str


Taken = Mapping[Branch, Sides]
"""Every branch that a run came by, with its sides and whether it took them."""


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
    """While it is active, branches are written down in `taken`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.taken: dict[Branch, Sides] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Keeps torch from wrapping `__torch_dispatch__`: for that it imports torch._dynamo, in 0.75 s."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        operation = func._schema.name.removeprefix("aten::")
        sides = sides_of(operation, args, kwargs or {}, result)
        if sides is not None:
            self.compared(operation, sides)
        return result

    def compared(self, operation: str, sides: Sides) -> None:
        """A branch in the code that is being run."""
        branch = _branch(sys._getframe(1), operation)
        known = self.taken.get(branch, {})
        self.taken[branch] = {side: reached or known.get(side, False) for side, reached in sides.items()}


def branches_of(reference: Function, asked: Case | Session) -> Taken:
    """The branches of a reference that one case, or one sequence of calls, comes by.

    Raises:
        Exception: whatever a function raises; what a method raises belongs to its sequence of calls.
    """
    recorder = Recorder()
    if isinstance(asked, Session):
        with recorder:
            played(reference, _watched_session(asked, recorder))
        return recorder.taken
    arguments = _watched(in_precision(asked.inputs, Precision.DOUBLE), recorder)
    with default_dtype(torch.float64), torch.no_grad(), recorder:
        reference(**arguments)
    return recorder.taken


def _watched(values: Mapping[str, Any], recorder: Recorder) -> dict[str, Any]:
    return {name: watched(value, recorder) for name, value in values.items()}


def _watched_session(session: Session, recorder: Recorder) -> Session:
    steps = tuple(replace(step, arguments=_watched(step.arguments, recorder)) for step in session.steps)
    return replace(session, construct=_watched(session.construct, recorder), steps=steps)


def _branch(frame: FrameType | None, operation: str) -> Branch:
    while frame is not None and frame.f_code.co_filename.startswith(_PASSED_OVER):
        frame = frame.f_back
    assert frame is not None, "a branch is taken by somebody's code"
    code = frame.f_code
    return Branch(code.co_filename, frame.f_lineno, _expression(code, frame.f_lasti), operation)


def _expression(code: CodeType, instruction: int) -> str:
    """The source of the expression that an instruction belongs to, on one line."""
    first, last, start, end = next(islice(code.co_positions(), instruction // 2, None))
    if first is None or last is None or start is None or end is None:
        return ""
    lines = [linecache.getline(code.co_filename, number).encode() for number in range(first, last + 1)]
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    return " ".join(b"".join(lines).decode().split())
