"""Puts grades together from the tables: one student's, or the whole class's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from grader.assignment.model import Assignment, late_factor
from grader.classroom.model import Student
from grader.errors import GradebookError
from grader.gradebook.model import Answer, ClassFacts, Course, Event, Grade, Override, State, Submitted
from grader.gradebook.report_codec import IDS, NOTICES, decode_problem
from grader.gradebook.tables import answers, events, overrides, results, runs, students, submissions
from grader.gradebook.values import MalformedError
from grader.model.verdict import Outcome, ProblemReport, Report

_AT_A_TIME = 500
"""Rows of results that are held as text at once."""

Problems = dict[int, list[ProblemReport]]
"""By submission."""


def grades(connection: Connection, facts: ClassFacts, student_id: int | None = None) -> tuple[Grade, ...]:
    """Where every student stands, or the one of that id, in the order of their keys.

    Raises:
        GradebookError: a row was not written by this program.
    """
    chosen = true() if student_id is None else students.c.id == student_id
    rows = connection.execute(select(students).where(chosen)).all()
    mine = true() if student_id is None else submissions.c.student_id == student_id
    current = {
        row.student_id: row for row in connection.execute(select(submissions).where(submissions.c.is_current, mine))
    }
    given = _overrides(connection, facts, true() if student_id is None else overrides.c.student_id == student_id)
    problems = _problem_reports(connection, facts, mine)
    last_runs = _last_runs(connection, mine)
    return tuple(
        sorted(
            (_grade(row, current.get(row.id), given[row.id], problems, last_runs, facts) for row in rows),
            key=lambda grade: grade.student.key,
        )
    )


def course(connection: Connection, facts: ClassFacts) -> Course:
    """The whole gradebook.

    Raises:
        GradebookError: a row was not written by this program.
    """
    updated_at = connection.execute(select(func.max(events.c.at))).scalar_one()
    return Course.of(facts, grades(connection, facts), updated_at)


def every_student(connection: Connection) -> tuple[Student, ...]:
    """In the order of their keys."""
    found = (_student(row) for row in connection.execute(select(students)))
    return tuple(sorted(found, key=lambda student: student.key))


def history(connection: Connection, student_id: int) -> tuple[Event, ...]:
    """What happened to a student's grade, the oldest first."""
    columns = (events.c.at, events.c.kind, events.c.text, events.c.author)
    ordered = select(*columns).where(events.c.student_id == student_id).order_by(events.c.at, events.c.id)
    return tuple(Event(*row) for row in connection.execute(ordered))


def answers_of(connection: Connection, student_id: int) -> dict[str, Answer]:
    """The code of a student's current submission, by problem."""
    columns = (answers.c.problem, answers.c.path, answers.c.source, answers.c.first_line, answers.c.line_marked)
    mine = submissions.c.student_id == student_id
    joined = answers.join(submissions, submissions.c.id == answers.c.submission_id)
    rows = connection.execute(select(*columns).select_from(joined).where(submissions.c.is_current, mine))
    return {problem: Answer(*rest) for problem, *rest in rows}


def progress(connection: Connection) -> dict[State, int]:
    """How many students are how far."""
    counted = select(submissions.c.state, func.count()).where(submissions.c.is_current).group_by(submissions.c.state)
    counts = {State(state): count for state, count in connection.execute(counted)}
    total = connection.execute(select(func.count()).select_from(students)).scalar_one()
    counts[State.MISSING] = total - sum(counts.values())
    return {state: counts.get(state, 0) for state in State}


def _grade(
    row: Row[Any],
    submission: Row[Any] | None,
    given: Mapping[str, Override],
    problems: Problems,
    last_runs: Mapping[int, Row[Any]],
    facts: ClassFacts,
) -> Grade:
    student = _student(row)
    if submission is None:
        return Grade(student, State.MISSING, overrides=given, on_roster=row.on_roster)
    reports = tuple(problems.get(submission.id, ()))
    return Grade(
        student,
        State(submission.state),
        Submitted(
            submission.id, submission.label, submission.content_hash, submission.submitted_at, submission.first_seen
        ),
        _report(last_runs[submission.id], reports) if reports else None,
        given,
        _late_factor(submission, facts),
        submission.fault,
        submission.graded_at,
        row.on_roster,
    )


def _student(row: Row[Any]) -> Student:
    try:
        return Student(row.key, row.name, row.email, IDS.decode(row.ids), row.section)
    except MalformedError as error:
        raise GradebookError(f"Row {row.id} of `students` can't be read: {error}.") from error


def _late_factor(submission: Row[Any], facts: ClassFacts) -> float:
    if submission.submitted_at is None:
        return 1.0
    return late_factor(Assignment(facts.title, due=facts.due, late=facts.late), submission.submitted_at)


def _overrides(
    connection: Connection, facts: ClassFacts, mine: ColumnElement[bool]
) -> defaultdict[int, dict[str, Override]]:
    """Those in force, by student and problem."""
    in_force = select(overrides).where(overrides.c.closed_at.is_(None), mine).order_by(overrides.c.id)
    given: defaultdict[int, dict[str, Override]] = defaultdict(dict)
    for row in connection.execute(in_force):
        if _counts(row.problem, facts):
            given[row.student_id][row.problem] = Override(row.problem, row.points, row.comment, row.author, row.at)
    return given


def _counts(problem: str, facts: ClassFacts) -> bool:
    """Whether the assignment still has the problem."""
    return not facts.problems or any(problem == name for name, _, _, _ in facts.problems)


def _last_runs(connection: Connection, mine: ColumnElement[bool]) -> dict[int, Row[Any]]:
    """The last run of each current submission."""
    last = select(func.max(runs.c.id)).group_by(runs.c.submission_id)
    chosen = select(runs).join(submissions).where(submissions.c.is_current, mine, runs.c.id.in_(last))
    return {row.submission_id: row for row in connection.execute(chosen)}


def _report(run: Row[Any], problems: tuple[ProblemReport, ...]) -> Report:
    try:
        notices = NOTICES.decode(run.notices)
    except MalformedError as error:
        raise GradebookError(f"Row {run.id} of `runs` can't be read: {error}.") from error
    return Report(run.submission, run.seed, run.isolation, run.device, problems, notices, run.output)


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of the assignment; without one, that of questions and then of names."""

    places: Mapping[str, int]

    def __call__(self, report: ProblemReport) -> tuple[int, int, str]:
        return self.places.get(report.id, len(self.places)), report.question, report.id


def _problem_reports(connection: Connection, facts: ClassFacts, mine: ColumnElement[bool]) -> Problems:
    """What was graded of each current submission, in the assignment's order."""
    places = {name: place for place, (name, _, _, _) in enumerate(facts.problems)}
    found: Problems = defaultdict(list)
    for submission_id, report in _decoded(connection, mine):
        if not places or report.id in places:
            found[submission_id].append(report)
    for reports in found.values():
        reports.sort(key=_Order(places))
    return found


def _decoded(connection: Connection, mine: ColumnElement[bool]) -> Iterator[tuple[int, ProblemReport]]:
    columns = (results.c.submission_id, results.c.problem, results.c.score, results.c.report, results.c.seconds)
    chosen = select(*columns, results.c.outcome).join(submissions).where(submissions.c.is_current, mine)
    passed: dict[str, ProblemReport] = {}
    """What passed reads the same for many students, and is kept once."""
    with connection.execute(chosen.execution_options(yield_per=_AT_A_TIME)) as rows:
        for row in rows:
            report = passed.get(row.report) or _problem_report(row)
            if row.outcome == Outcome.PASSED.value:
                passed[row.report] = report
            yield row.submission_id, replace(report, seconds=row.seconds)


def _problem_report(row: Row[*tuple[Any, ...]]) -> ProblemReport:
    where = f"The result of `{row.problem}` of submission {row.submission_id}"
    try:
        report = decode_problem(row.report)
    except MalformedError as error:
        raise GradebookError(f"{where} can't be read: {error}. {_REMEDY}") from error
    if report.id != row.problem or report.score != row.score:
        raise GradebookError(f"{where} contradicts itself: its report is of another problem or score. {_REMEDY}")
    return report


_REMEDY = "Restore a backup, or delete that row of `results` and grade again."
