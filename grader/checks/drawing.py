"""What an object draws from what it holds, as an experiment, and whether its randomness is the generator's alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import comb

import torch

from grader.checks.judge import outcome_of
from grader.checks.sequences import written_calls
from grader.checks.stateful import class_signature, play, session_failure, session_setting
from grader.checks.statistical import Counts, Drawing
from grader.compare.returned import as_tensors
from grader.compare.sessions import played
from grader.compare.steps import could_be, first_slip
from grader.model.case import rng_for
from grader.model.evidence import Evidence, ExceptionRaised, SequenceMismatch, Setting
from grader.model.exchange import Played, Raised, Returned, Session, Step
from grader.model.methods import ClassSignature, Method
from grader.model.problem import Examination, Function, Trial
from grader.model.show import show
from grader.model.verdict import Finding, Outcome

DRAWS_OF_A_SESSION = 400


@dataclass(frozen=True, slots=True)
class DrawnSets:
    """Sets of rows that a full object draws; the reference says how it is filled and what it holds then."""

    signature: ClassSignature
    construct: Mapping[str, int]
    add: str
    """Method that adds a row."""

    added: int
    """Rows that are added; those beyond what it can hold push out the first."""

    held: int
    """Rows that it holds then."""

    drawn: int
    """Rows of one draw."""

    method: str = "sample"

    @property
    def outcomes(self) -> int:
        """Number of sets."""
        return comb(self.held, self.drawn)

    def draw(self, trial: Trial, draws: int, rng: torch.Generator) -> Drawing:
        """Sessions of many draws each, until there are enough."""
        counts: Counts = Counter()
        while draws > 0:
            session = self.session(trial.function, min(draws, DRAWS_OF_A_SESSION), rng)
            outcome = yield from play(session)
            evidence = session_failure(session, outcome)
            if evidence is not None:
                return evidence
            assert isinstance(outcome, Played)
            slip = first_slip(trial.reference, self.signature.methods, session, outcome)
            if slip is not None:
                return _as_evidence(trial, session, slip.position, outcome, slip.statement)
            counts += self._counted(outcome)
            draws -= DRAWS_OF_A_SESSION
        return counts

    def draw_own(self, function: Function, draws: int, rng: torch.Generator) -> Counts | None:
        """One session with a class of ours."""
        outcome = played(function, self.session("", draws, rng))
        return self._counted(outcome) if isinstance(outcome, Played) else None

    def where(self) -> Setting:
        """How the object was made."""
        name = f"{self.added} × `{self.add}`, then `{self.method}` of {self.drawn}, again and again"
        return Setting(name, "float32", dict(self.construct))

    def session(self, function: str, draws: int, rng: torch.Generator) -> Session:
        """Fill it, and draw."""
        return Session(function, self.construct, (*self._filling(), *islice(self._drawing(rng), draws)))

    def _filling(self) -> list[Step]:
        """Rows whose first element tells them apart."""
        method = self.signature.methods[self.add]
        steps = []
        for k in range(self.added):
            arguments = method.draw(self.construct, torch.Generator().manual_seed(k))
            filled = {n: torch.full_like(v, k) if isinstance(v, torch.Tensor) else v for n, v in arguments.items()}
            steps.append(Step(self.add, filled))
        return steps

    def _drawing(self, rng: torch.Generator) -> Iterator[Step]:
        method = self.signature.methods[self.method]
        while True:
            yield Step(self.method, _with_rows(method, method.draw(self.construct, rng), self.drawn))

    def _counted(self, outcome: Played) -> Counts:
        counts: Counts = Counter()
        for seen in outcome.seen[self.added :]:
            parts = as_tensors(seen.value) if isinstance(seen, Returned) else None
            if parts and parts[0].dim() > 0:
                counts[tuple(sorted(parts[0].reshape(len(parts[0]), -1)[:, 0].tolist()))] += 1
        return counts


def _with_rows(method: Method, arguments: dict[str, object], rows: int) -> dict[str, object]:
    assert method.rows is not None
    return {**arguments, method.rows: rows}


def _as_evidence(trial: Trial, session: Session, position: int, outcome: Played, statement: str) -> Evidence:
    calls = written_calls(class_signature(trial), session, position)
    seen = outcome.seen[position]
    if isinstance(seen, Raised):
        where = Setting("a sequence of calls", "float32", {"calls": "; ".join(calls[-3:])})
        return ExceptionRaised(where, seen.type_name, seen.message, seen.path, seen.line, seen.code)
    return SequenceMismatch(session_setting(session, "a sequence of calls"), calls, statement, None, show(seen.value))


@dataclass(frozen=True, slots=True)
class Reproducible:
    """Two draws with generators of the same seed are the same, and so are those of two objects."""

    points: float
    experiment: DrawnSets
    name: str = "reproducible"
    title: str = "takes all its randomness from the generator"
    draws: int = 4
    requires: str | None = None

    def examine(self, trial: Trial) -> Examination:
        """Draw with every seed twice."""
        session = self._session(trial)
        outcome = yield from play(session)
        evidence = session_failure(session, outcome)
        if evidence is not None:
            return Finding(outcome_of(evidence), evidence)
        assert isinstance(outcome, Played)
        position = self._first_that_differs(outcome)
        if position is None:
            return Finding(Outcome.PASSED)
        evidence = self._evidence(trial, session, position, outcome)
        likely = (m.name for m in trial.misconceptions if self._is_like(m.function, trial, session, outcome))
        return Finding(outcome_of(evidence), evidence, named=next(likely, None))

    def _session(self, trial: Trial) -> Session:
        rng = rng_for(trial.seed, trial.function, self.name)
        session = self.experiment.session(trial.function, self.draws, rng)
        filling, drawing = session.steps[: self.experiment.added], session.steps[self.experiment.added :]
        return Session(session.function, session.construct, (*filling, *(each for d in drawing for each in (d, d))))

    def _first_that_differs(self, outcome: Played) -> int | None:
        for position in range(self.experiment.added, self.experiment.added + 2 * self.draws, 2):
            pair = outcome.seen[position : position + 2]
            if len(pair) < 2 or not _same(*pair):
                return min(position + 1, len(outcome.seen) - 1)
        return None

    def _evidence(self, trial: Trial, session: Session, position: int, outcome: Played) -> Evidence:
        statement = f"`{self.experiment.method}` gives something else for a generator with the same seed"
        if isinstance(outcome.seen[position], Raised):
            return _as_evidence(trial, session, position, outcome, statement)
        calls = written_calls(class_signature(trial), session, position)
        pair = [
            each.value if isinstance(each, Returned) else None for each in outcome.seen[position - 1 : position + 1]
        ]
        where = session_setting(session, "a sequence of calls")
        return SequenceMismatch(where, calls, statement, show(pair[0]), show(pair[1]))

    def _is_like(self, function: Function, trial: Trial, session: Session, outcome: Played) -> bool:
        own = played(function, session)
        if not isinstance(own, Played) or self._first_that_differs(own) is None:
            return False
        return could_be(function, class_signature(trial).methods, session, outcome)


def _same(one: Returned | Raised, other: Returned | Raised) -> bool:
    if not isinstance(one, Returned) or not isinstance(other, Returned):
        return False
    first, second = as_tensors(one.value), as_tensors(other.value)
    if first is None or second is None or len(first) != len(second):
        return False
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
