"""Classes: random sequences of calls on one object, compared step by step with a model that is known to be right."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

from grader.checks.judge import outcome_of
from grader.checks.sequences import (
    drawn_session,
    overwriting,
    simpler_sessions,
    with_all_shown,
    without_refused,
    written_calls,
)
from grader.compare.sessions import played
from grader.compare.steps import Slip, could_be, first_slip
from grader.model.case import rng_for
from grader.model.evidence import AnswerUnusable, CallStopped, Evidence, ExceptionRaised, SequenceMismatch, Setting
from grader.model.exchange import (
    Answer,
    Played,
    Raised,
    Request,
    Session,
    SessionOutcome,
    Stopped,
    Unusable,
)
from grader.model.methods import ClassSignature
from grader.model.problem import Examination, Misconception, Trial
from grader.model.signature import Number
from grader.model.verdict import Finding, Outcome

MOST_TRIES = 120
"""Sessions that are played to find a short one that fails."""

Seen = tuple[Session, Played]
Playing = Generator[Request, Answer, SessionOutcome]


def play(session: Session) -> Playing:
    """`yield from` it: what the session led to.

    Raises:
        TypeError: whoever drives the check answers a session with something else.
    """
    answer = yield session
    if not isinstance(answer, SessionOutcome):
        raise TypeError(f"a session was answered with {type(answer).__name__}")
    return answer


def class_signature(trial: Trial) -> ClassSignature:
    """The signature of the problem's class.

    Raises:
        TypeError: the problem asks for a function.
    """
    if not isinstance(trial.signature, ClassSignature):
        raise TypeError(f"{trial.function} is no class: its signature has no methods")
    return trial.signature


def session_failure(session: Session, outcome: SessionOutcome) -> Evidence | None:
    """Evidence that there is no object to speak of, or None where its methods could be called."""
    where = session_setting(session, "making the object")
    match outcome:
        case Raised(kind, message, path, line, code):
            return ExceptionRaised(where, kind, message, path, line, code)
        case Stopped(reason, detail):
            return CallStopped(session_setting(session, "a sequence of calls"), reason.value, detail)
        case Unusable(reason):
            return AnswerUnusable(session_setting(session, "a sequence of calls"), reason)
        case Played():
            return None


def session_setting(session: Session, name: str) -> Setting:
    """What evidence says about where it was seen."""
    return Setting(name, "float32", dict(session.construct))


@dataclass(frozen=True, slots=True)
class AgainstModel:
    """An object of the student's class does in random sequences of calls what one of the reference class does."""

    name: str
    points: float
    title: str
    construct: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Numbers for the constructor to choose from, where they are others than the signature's."""

    sessions: int = 12
    longest: int = 16
    overwritten: bool = False
    """Whether callers overwrite their arrays after they have passed them."""

    refused: bool = False
    """Whether there are calls at which a right object raises an exception."""

    requires: str | None = None

    def examine(self, trial: Trial) -> Examination:
        """Play every sequence, make the first that fails as short as it gets, and see who else would do the same."""
        seen: list[Seen] = []
        failing: list[tuple[Session, Slip]] = []
        for session in self.drawn(trial):
            outcome = yield from play(session)
            failure = session_failure(session, outcome)
            if failure is not None:
                return Finding(outcome_of(failure), failure)
            assert isinstance(outcome, Played)
            seen.append((session, outcome))
            slip = self._slip(trial, session, outcome)
            if slip is not None:
                failing.append((session, slip))
        if not failing:
            return Finding(Outcome.PASSED)
        failing.sort(key=lambda each: each[1].raised is not None)  # a wrong result tells more than an exception
        named = self._named(trial, seen, failing)
        evidence = _evidence(trial, *(yield from self._shortest(trial, *failing[0])))
        return Finding(outcome_of(evidence), evidence, named=named)

    def drawn(self, trial: Trial) -> list[Session]:
        """The sequences of this run; each ends with a look at everything that is held."""
        signature = class_signature(trial)
        usual = {n: tuple(int(c) for c in a.choices) for n, a in signature.arguments.items() if isinstance(a, Number)}
        sessions = []
        for k in range(self.sessions):
            rng = rng_for(trial.seed, trial.function, self.name, k)
            session = drawn_session(trial.function, signature, {**usual, **self.construct}, self.longest, rng)
            if self.overwritten:
                session = overwriting(session, rng)
            if not self.refused:
                session = without_refused(trial.reference, session)
            sessions.append(with_all_shown(trial.reference, signature.methods, session))
        return sessions

    def _slip(self, trial: Trial, session: Session, outcome: Played) -> Slip | None:
        return first_slip(trial.reference, class_signature(trial).methods, session, outcome)

    def _shortest(self, trial: Trial, session: Session, slip: Slip) -> Generator[Request, Answer, tuple[Session, Slip]]:
        """Greedily: whatever is simpler and slips in the same way takes its place."""
        session = _up_to(session, slip)
        tries = 0
        improved = True
        while improved:
            improved = False
            for simpler in simpler_sessions(class_signature(trial), session):
                if tries == MOST_TRIES:
                    return session, slip
                tries += 1
                outcome = yield from play(simpler)
                if isinstance(outcome, Stopped):
                    return session, slip
                found = self._slip(trial, simpler, outcome) if isinstance(outcome, Played) else None
                if found is not None and _alike(found, slip):
                    session, slip, improved = _up_to(simpler, found), found, True
                    break
        return session, slip

    def _named(self, trial: Trial, seen: list[Seen], failing: list[tuple[Session, Slip]]) -> str | None:
        """The misconception that may do all that was seen, and slips in one of these sequences too."""
        likely = (m.name for m in trial.misconceptions if self._is_like(m, trial, seen, failing))
        return next(likely, None)

    def _is_like(
        self, wrong: Misconception, trial: Trial, seen: list[Seen], failing: list[tuple[Session, Slip]]
    ) -> bool:
        methods = class_signature(trial).methods
        if not all(could_be(wrong.function, methods, session, outcome) for session, outcome in seen):
            return False
        for session, slip in failing:
            own = played(wrong.function, session)
            its_slip = self._slip(trial, session, own) if isinstance(own, Played) else None
            if its_slip is not None and _alike(its_slip, slip):
                return True
        return False


def _up_to(session: Session, slip: Slip) -> Session:
    """Without the steps after the one that slips."""
    return replace(session, steps=session.steps[: slip.position + 1])


def _alike(one: Slip, other: Slip) -> bool:
    """Whether they are one mistake as far as can be told."""
    kinds = [slip.raised.type_name if slip.raised is not None else None for slip in (one, other)]
    return one.statement == other.statement and kinds[0] == kinds[1]


def _evidence(trial: Trial, session: Session, slip: Slip) -> Evidence:
    calls = written_calls(class_signature(trial), session, slip.position)
    if slip.raised is not None and "should raise" not in slip.statement:
        seen = slip.raised
        where = Setting("a sequence of calls", "float32", {"calls": "; ".join(calls)})
        return ExceptionRaised(where, seen.type_name, seen.message, seen.path, seen.line, seen.code)
    return SequenceMismatch(
        session_setting(session, "a sequence of calls"), calls, slip.statement, slip.expected, slip.got
    )
