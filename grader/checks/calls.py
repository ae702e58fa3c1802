"""Functions of PyTorch that an assignment asks to write oneself, and not to call."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks.cases import drawn_cases
from grader.checks.symbolic import untraced
from grader.model.evidence import ForbiddenCall
from grader.model.exchange import Trace, Traced, Untraceable
from grader.model.problem import Examination, Trial
from grader.model.verdict import Finding, Outcome


@dataclass(frozen=True, slots=True)
class WithoutCalls:
    """The function calls none of these, under whatever name it reaches them: `("layer_norm", "native_layer_norm")`.

    It is judged by what is called when the function runs, not by what stands in the file.
    """

    points: float
    forbidden: tuple[str, ...]
    name: str = "own_work"
    title: str = "does without the functions that are to be written here"
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Trace the function once and look through the names of what it called.

        No argument is symbolic: so it is followed past branches on values, and through NumPy.
        """
        (case,) = drawn_cases(trial, self.name, 1)
        answer = yield Trace(trial.function, case, ())
        calls = answer.calls if isinstance(answer, Traced | Untraceable) else ()
        met = tuple(name for name in self.forbidden if name in calls)
        if met:
            return Finding(Outcome.FAILED, ForbiddenCall(met))
        return Finding(Outcome.PASSED) if isinstance(answer, Traced) else Finding(Outcome.UNDECIDED, untraced(answer))
