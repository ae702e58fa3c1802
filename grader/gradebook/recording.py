"""Records what grading a submission showed: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from grader import __version__
from grader.gradebook.claiming import holds
from grader.gradebook.happened import note, note_once
from grader.gradebook.model import Answer, State
from grader.gradebook.report_codec import NOTICES, encode_problem
from grader.gradebook.tables import answers, claims, results, runs, submissions, verdicts
from grader.model.verdict import Outcome, ProblemReport, Report
from grader.model.visible import visible
from grader.model.words import number

LONGEST_SOURCE = 1 << 16
"""Characters of an answer's code that are kept."""

MOST_NAMED = 5
"""Problems that a sentence names."""

_NO_KEY = ""
"""Of a result that is wanted anew whatever it was made from."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of one problem of a submission."""

    key: str
    outcome: str
    score: float
    max_score: float
    report: str


def stored_results(connection: Connection, submission_id: int) -> dict[str, Stored]:
    """The results of a submission, by problem."""
    columns = (
        results.c.problem,
        results.c.key,
        results.c.outcome,
        results.c.score,
        results.c.max_score,
        results.c.report,
    )
    rows = connection.execute(select(*columns).where(results.c.submission_id == submission_id))
    return {problem: Stored(*rest) for problem, *rest in rows}


def wanted(connection: Connection, submission_id: int, keys: Mapping[str, str]) -> tuple[str, ...]:
    """The problems whose result is missing, was made from something else, or is the grader's own failure."""
    columns = (results.c.problem, results.c.key, results.c.outcome)
    rows = connection.execute(select(*columns).where(results.c.submission_id == submission_id))
    kept = {problem: key for problem, key, outcome in rows if outcome != Outcome.GRADER_ERROR.value}
    return tuple(problem for problem, key in keys.items() if kept.get(problem) != key)


def is_waiting(connection: Connection, submission_id: int) -> bool:
    """Whether the gradebook says that something of a submission is to be graded."""
    state = select(submissions.c.state).where(submissions.c.id == submission_id)
    return connection.execute(state).scalar_one_or_none() == State.WAITING.value


def outdate(connection: Connection, keys: Mapping[str, str]) -> None:
    """Have every graded submission wait of which a result is missing, or was made from something else.

    What another grader is changing at this moment is passed over: it says itself how far that is.
    """
    kept = or_(*(and_(results.c.problem == problem, results.c.key == key) for problem, key in keys.items()))
    whole = select(results.c.submission_id).where(kept).group_by(results.c.submission_id)
    whole = whole.having(func.count() == len(keys))
    graded = select(submissions.c.id).where(submissions.c.state == State.GRADED.value, submissions.c.id.not_in(whole))
    outdated = submissions.c.id.in_(graded.with_for_update(skip_locked=True))
    connection.execute(update(submissions).where(outdated).values(state=State.WAITING.value))


def set_waiting(connection: Connection, submission_id: int, keys: Mapping[str, str]) -> tuple[str, ...]:
    """What is wanted, and the gradebook says so: the submission is waiting, or it isn't any more.

    Raises:
        ValueError: there is no such submission.
    """
    _locked(connection, submission_id)  # another grader may be recording just now
    problems = wanted(connection, submission_id, keys)
    if bool(problems) != is_waiting(connection, submission_id):
        state = State.WAITING if problems else State.GRADED
        this = submissions.c.id == submission_id
        connection.execute(update(submissions).where(this).values(state=state.value, fault=""))
    return problems


def record(
    connection: Connection,
    submission_id: int,
    keys: Mapping[str, str],
    report: Report,
    seconds: float,
    now: datetime,
    owner: str | None,
    code: Mapping[str, Answer],
) -> bool:
    """Replace the results of the report's problems; False, and nothing is done, where the owner's claim is lost.

    `code` is what answers them, by problem, as far as it is known.

    Raises:
        ValueError: a problem of the report has no key, or there is no such submission.
    """
    if keyless := [problem.id for problem in report.problems if problem.id not in keys]:
        raise ValueError(f"no keys are given for {keyless}")
    student_id = _locked(connection, submission_id)
    if owner is not None and not holds(connection, submission_id, owner):
        return False
    before = stored_results(connection, submission_id)
    run_id = _add_run(connection, submission_id, report, seconds, now)
    _replace_results(connection, submission_id, run_id, keys, report.problems, now)
    _add_answers(connection, submission_id, report.problems, code)
    after = stored_results(connection, submission_id)
    _set_state(connection, submission_id, now, *_state_of(after, keys))
    _note_grading(connection, student_id, submission_id, now, before, after, keys)
    connection.execute(delete(claims).where(claims.c.submission_id == submission_id))
    return True


def fail(
    connection: Connection, submission_id: int, state: State, fault: str, now: datetime, owner: str | None
) -> bool:
    """Say why a submission could not be graded; False, and nothing is done, where the owner's claim is lost.

    What can't be read has no points, so earlier results go. A failure of the grader leaves them to be seen; they are
    not final, and all of them are wanted anew.

    Raises:
        ValueError: the state is no failure, or there is no such submission.
    """
    if state not in (State.UNREADABLE, State.GRADER_ERROR):
        raise ValueError(f"{state} is no failure")
    student_id = _locked(connection, submission_id)
    if owner is not None and not holds(connection, submission_id, owner):
        return False
    if state is State.UNREADABLE:
        connection.execute(delete(results).where(results.c.submission_id == submission_id))
    else:
        connection.execute(update(results).where(results.c.submission_id == submission_id).values(key=_NO_KEY))
    _set_state(connection, submission_id, now, state, fault)
    note_once(connection, student_id, submission_id, now, "failed", visible(fault))
    connection.execute(delete(claims).where(claims.c.submission_id == submission_id))
    return True


def _locked(connection: Connection, submission_id: int) -> int:
    """The student whose submission it is; nobody else changes the submission until the transaction ends."""
    this = select(submissions.c.student_id).where(submissions.c.id == submission_id).with_for_update()
    student_id: int | None = connection.execute(this).scalar_one_or_none()
    if student_id is None:
        raise ValueError(f"there is no submission {submission_id}")
    return student_id


def _add_run(connection: Connection, submission_id: int, report: Report, seconds: float, now: datetime) -> int:
    statement = runs.insert().values(
        submission_id=submission_id,
        submission=report.submission,
        seed=report.seed,
        isolation=report.isolation,
        device=report.device,
        notices=NOTICES.encode(report.notices),
        output=report.output,
        seconds=seconds,
        at=now,
        grader_version=__version__,
    )
    return int(connection.execute(statement.returning(runs.c.id)).scalar_one())


def _replace_results(
    connection: Connection,
    submission_id: int,
    run_id: int,
    keys: Mapping[str, str],
    problems: tuple[ProblemReport, ...],
    now: datetime,
) -> None:
    if not problems:
        return
    names = [problem.id for problem in problems]
    connection.execute(delete(results).where(results.c.submission_id == submission_id, results.c.problem.in_(names)))
    connection.execute(
        results.insert(),
        [_result_row(submission_id, run_id, keys[problem.id], problem, now) for problem in problems],
    )
    if rows := [row for problem in problems for row in _verdict_rows(submission_id, problem)]:
        connection.execute(verdicts.insert(), rows)


def _add_answers(
    connection: Connection, submission_id: int, problems: tuple[ProblemReport, ...], code: Mapping[str, Answer]
) -> None:
    rows = [
        {
            "submission_id": submission_id,
            "problem": problem.id,
            "path": code[problem.id].path,
            "source": code[problem.id].source[:LONGEST_SOURCE],
            "first_line": code[problem.id].first_line,
            "line_marked": code[problem.id].line_marked,
        }
        for problem in problems
        if problem.id in code
    ]
    if rows:
        connection.execute(answers.insert(), rows)


def _result_row(submission_id: int, run_id: int, key: str, problem: ProblemReport, now: datetime) -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "problem": problem.id,
        "run_id": run_id,
        "key": key,
        "score": problem.score,
        "max_score": problem.max_score,
        "outcome": problem.outcome.value,
        "report": encode_problem(problem),
        "seconds": problem.seconds,
        "graded_at": now,
    }


def _verdict_rows(submission_id: int, problem: ProblemReport) -> list[dict[str, Any]]:
    return [
        {
            "submission_id": submission_id,
            "problem": problem.id,
            "position": position,
            "check_name": verdict.check,
            "outcome": verdict.outcome.value,
            "points": verdict.points,
            "max_points": verdict.max_points,
            "misconception": verdict.misconception,
        }
        for position, verdict in enumerate(problem.verdicts)
    ]


def _state_of(after: Mapping[str, Stored], keys: Mapping[str, str]) -> tuple[State, str]:
    failed = [name for name in keys if name in after and after[name].outcome == Outcome.GRADER_ERROR.value]
    if failed:
        return (
            State.GRADER_ERROR,
            f"The grader itself failed on {_named(failed)}; that costs no points. Grade it again.",
        )
    left = [name for name, key in keys.items() if name not in after or after[name].key != key]
    return (State.WAITING if left else State.GRADED), ""


def _set_state(connection: Connection, submission_id: int, now: datetime, state: State, fault: str) -> None:
    this = submissions.c.id == submission_id
    connection.execute(update(submissions).where(this).values(state=state.value, fault=fault, graded_at=now))


def _note_grading(
    connection: Connection,
    student_id: int,
    submission_id: int,
    now: datetime,
    before: Mapping[str, Stored],
    after: Mapping[str, Stored],
    keys: Mapping[str, str],
) -> None:
    """What came out as it was is no event: a batch that is resumed tells the same story as one that ran through."""
    changed = [name for name, result in after.items() if before.get(name) != result]
    if not changed:
        return
    score = number(sum(after[name].score for name in keys if name in after))
    most = number(sum(after[name].max_score for name in keys if name in after))
    if not before:
        note(connection, student_id, submission_id, now, "graded", f"Graded: {score} of {most} points.")
        return
    former = number(sum(before[name].score for name in keys if name in before))
    text = f"Graded anew ({_named(changed)}): {score} of {most} points, {former} before."
    note(connection, student_id, submission_id, now, "regraded", text)


def _named(problems: Iterable[str]) -> str:
    names = list(problems)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(f"`{visible(name)}`" for name in names[:MOST_NAMED]) + more
