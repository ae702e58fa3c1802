"""A problem as its author writes it: what is asked, what is true, what is tried, and what commonly goes wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from grader.errors import ProblemDefinitionError
from grader.model.case import Example
from grader.model.exchange import Answer, Request
from grader.model.formula import Formula
from grader.model.instances import refuse_what_does_not_fit
from grader.model.signature import Signature
from grader.model.speed import Speed, refuse_speed_that_does_not_fit
from grader.model.verdict import Finding

Function = Callable[..., Any]
"""A reference or a misconception: takes the arguments of the signature, returns tensors."""

Examination = Generator[Request, Answer, Finding]
"""A check at work: yields requests, receives what they led to, returns what it concludes."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a check needs to know about the problem it examines."""

    function: str
    signature: Signature
    reference: Function
    examples: tuple[Example, ...]
    edges: tuple[Example, ...]
    seed: int
    device: str = "cpu"
    formula: Formula | str = ""
    misconceptions: tuple[Misconception, ...] = ()


class Check(Protocol):
    """One graded aspect. A check opens no file, process or clock: it only asks and concludes."""

    @property
    def name(self) -> str:
        """Identifier in reports: `agreement`."""

    @property
    def points(self) -> float:
        """What it is worth."""

    @property
    def title(self) -> str:
        """The sentence a student reads."""

    @property
    def requires(self) -> str | None:
        """Name of the check that has to pass for this one to earn points."""

    def examine(self, trial: Trial) -> Examination:
        """Yield requests, receive answers, return the finding."""


@runtime_checkable
class CostlyCheck(Check, Protocol):
    """A check that takes too long to be looked at where the one that it requires has failed."""

    @property
    def is_costly(self) -> bool:
        """Whether it is one."""


@dataclass(frozen=True, slots=True)
class Misconception:
    """A known wrong answer and what to say to someone who gives it."""

    name: str
    feedback: str
    function: Function

    @classmethod
    def of(cls, function: Function) -> Misconception:
        """Read name and feedback off a documented function.

        Raises:
            ProblemDefinitionError: the function has no docstring.
        """
        if not function.__doc__:
            raise ProblemDefinitionError(f"misconception {function.__name__} has no docstring: it is the feedback")
        return cls(function.__name__, inspect.cleandoc(function.__doc__), function)


@dataclass(frozen=True, slots=True)
class Problem:
    """One concept to implement."""

    title: str
    source: str
    """Paper and equation, and the question of the assignment."""

    statement: str
    """What a student reads, in Markdown: the module's docstring."""

    formula: Formula | str
    """The printed formula: LaTeX without delimiters, which is shown, or a Formula, which is proved as well."""

    signature: Signature
    reference: Function
    checks: tuple[Check, ...]
    misconceptions: tuple[Function, ...]
    numerical: tuple[Function, ...] = ()
    """Misconceptions that are right as mathematics: they overflow or lose digits."""

    examples: tuple[Example, ...] = ()
    """Named cases of the agreement check."""

    edges: tuple[Example, ...] = ()
    """Named cases of the edge check."""

    unreachable: Mapping[str, str] = field(default_factory=dict)
    """Regions that no legal input lies in, as `grader verify --regions` names them, each with the reason."""

    speed: Speed | None = None
    """How `grader bench` times it; None where it doesn't."""

    def __post_init__(self) -> None:
        """Refuse what would otherwise fail in the middle of a student's grading.

        Raises:
            ProblemDefinitionError: two checks of one name, a check that requires one that is not there, a misconception
                without a docstring, a numerical one that is not among the misconceptions, or an instance of the formula
                or a `speed` that does not fit the signature.
        """
        names = [check.name for check in self.checks]
        for check in self.checks:
            if names.count(check.name) > 1:
                raise ProblemDefinitionError(f"two checks are named `{check.name}`: give each its own name")
            if check.requires is not None and check.requires not in names:
                raise ProblemDefinitionError(f"`{check.name}` requires `{check.requires}`, which is not among {names}")
        self.named_misconceptions()
        for function in self.numerical:
            if function not in self.misconceptions:
                raise ProblemDefinitionError(f"`{function.__name__}` is numerical, but not among the misconceptions")
        if isinstance(self.formula, Formula):
            for instance in self.formula.instances:
                refuse_what_does_not_fit(self.signature, self.formula, instance)
        if self.speed is not None:
            refuse_speed_that_does_not_fit(self.signature, self.speed)

    def named_misconceptions(self) -> tuple[Misconception, ...]:
        """The misconceptions with their names and feedback."""
        return tuple(Misconception.of(function) for function in self.misconceptions)

    @property
    def latex(self) -> str:
        """The printed formula as it is shown, without delimiters."""
        return self.formula if isinstance(self.formula, str) else self.formula.latex

    @property
    def points(self) -> float:
        """What the whole problem is worth."""
        return sum(check.points for check in self.checks)


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A problem with the identity that its place in the catalog gives it."""

    id: str
    """The name of the file and of the function that a student writes."""

    question: int
    topic: str
    problem: Problem
