"""The gradebook as the rest of the program sees it. Every change is one transaction: it happens whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, select

from grader.classroom.model import Entry, Student
from grader.errors import UsageError
from grader.gradebook import claiming, entering, facts, finding, overriding, reading, recording
from grader.gradebook.claiming import Lease
from grader.gradebook.connection import Database
from grader.gradebook.model import Answer, ClassFacts, Course, Event, Grade, State
from grader.gradebook.opening import open_database
from grader.gradebook.stamps import Stamps, stamps
from grader.gradebook.tables import students
from grader.model.verdict import Report
from grader.model.visible import visible


class Gradebook:
    """Submissions, results, overrides and their history, in an SQLite file or on a PostgreSQL server.

    It may be used by several threads, and by several processes that each opened it. Moments need an offset from UTC.
    Every method raises GradebookError where the database fails, or holds what this program did not write.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url_or_path: str, *, create: bool = True) -> Self:
        """Open a gradebook: a path of a file, or a URL like postgresql://user@host/database.

        An older schema is upgraded on the way. Without `create` there has to be one.

        Raises:
            UsageError: it can't be opened, is no gradebook, or one that a newer version wrote.
        """
        return cls(open_database(url_or_path, create=create))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """How messages name it; without a password."""
        return self._database.name

    def seed(self, assignment: str) -> int:
        """The secret seed of an assignment's cases, of 63 bits: drawn once, and the same for every student."""
        with self._database.writing() as connection:
            return facts.seed_of(connection, assignment)

    def describe(self, known: ClassFacts, keys: Mapping[str, str] | None = None) -> None:
        """Remember the assignment's facts; problems that it doesn't name no longer count.

        With the keys of its problems no grade stays final that was made from something else, from this moment on.
        """
        with self._database.writing() as connection:
            facts.describe(connection, known)
            if keys:
                recording.outdate(connection, keys)

    def facts(self) -> ClassFacts:
        """What the last `describe` said; empty where there was none."""
        with self._database.reading() as connection:
            return facts.facts_of(connection)

    def enter(self, entry: Entry, content_hash: str, now: datetime) -> int:
        """Enter a student and what was handed in, and make that the current version; the id of the submission."""
        with self._database.writing() as connection:
            return entering.enter(connection, entry, content_hash, now)

    def enter_class(
        self, handed_in: Sequence[tuple[Entry, str]], missing: Iterable[Student], now: datetime
    ) -> tuple[int, ...]:
        """Enter everybody at once: what was handed in, each with its hash, and who on the roster handed in nothing.

        So nobody ever counts as missing whose submission is still to be entered. The ids of the submissions, in order.
        """
        with self._database.writing() as connection:
            return entering.enter_class(connection, handed_in, missing, now)

    def enrol(self, roster: Iterable[Student]) -> None:
        """Enter students of the roster, also those who handed in nothing."""
        with self._database.writing() as connection:
            for student in sorted(roster, key=lambda student: student.key):  # in one order: two graders can't deadlock
                entering.put_student(connection, student, on_roster=True)

    def wanted(self, submission_id: int, keys: Mapping[str, str]) -> tuple[str, ...]:
        """The problems that have to be graded, in the order of the keys; the submission is waiting where there are any.

        They are those without a result, with one that was stored under another key, or where the grader failed.

        Raises:
            ValueError: there is no such submission.
        """
        with self._database.reading() as connection:
            problems = recording.wanted(connection, submission_id, keys)
            is_known = recording.is_waiting(connection, submission_id) == bool(problems)
        if is_known:
            return problems
        with self._database.writing() as connection:
            return recording.set_waiting(connection, submission_id, keys)

    def claim(self, submission_id: int, owner: str, seconds: float, now: datetime, stale: Lease | None = None) -> bool:
        """Take a submission for so many seconds; False where somebody else has it, by another lease than `stale`.

        Somebody else may have graded it since `wanted` was asked, so ask again once the claim has succeeded.
        """
        with self._database.writing() as connection:
            return claiming.claim(connection, submission_id, owner, seconds, now, stale)

    def lease(self, submission_id: int) -> Lease | None:
        """Who has a submission, and until when by that owner's clock, which may be another than ours."""
        with self._database.reading() as connection:
            return claiming.lease(connection, submission_id)

    def renew(self, submission_id: int, owner: str, seconds: float, now: datetime) -> bool:
        """Keep a claim for so many seconds from now; False where it ended and somebody else has taken it."""
        with self._database.writing() as connection:
            return claiming.renew(connection, submission_id, owner, seconds, now)

    def release(self, submission_id: int, owner: str) -> None:
        """Give a claim back without a result."""
        with self._database.writing() as connection:
            claiming.release(connection, submission_id, owner)

    def owners(self) -> tuple[str, ...]:
        """Everybody who has claimed a submission."""
        with self._database.reading() as connection:
            return claiming.owners(connection)

    def release_all(self, owner: str) -> None:
        """Give back every claim of an owner who is known to be gone."""
        with self._database.writing() as connection:
            claiming.release_all(connection, owner)

    def record(
        self,
        submission_id: int,
        keys: Mapping[str, str],
        report: Report,
        *,
        seconds: float,
        now: datetime,
        owner: str | None = None,
        answers: Mapping[str, Answer] | None = None,
    ) -> bool:
        """Store a report and release the claim; the keys are of all problems that the submission is graded for.

        `answers` is the code that was graded, by problem, for pages to show.

        With an owner nothing is stored, and False comes back, where that owner's claim is lost.

        Raises:
            TypeError: the report holds something that no report should.
            ValueError: a problem of the report has no key, or there is no such submission.
        """
        with self._database.writing() as connection:
            return recording.record(connection, submission_id, keys, report, seconds, now, owner, answers or {})

    def fail(self, submission_id: int, state: State, fault: str, *, now: datetime, owner: str | None = None) -> bool:
        """Store why a submission could not be graded (UNREADABLE or GRADER_ERROR) and release the claim.

        With an owner nothing is stored, and False comes back, where that owner's claim is lost.

        Raises:
            ValueError: another state, or there is no such submission.
        """
        with self._database.writing() as connection:
            return recording.fail(connection, submission_id, state, fault, now, owner)

    def override(self, student_key: str, problem: str, points: float, comment: str, author: str, now: datetime) -> None:
        """Have these points count for a problem, also after it is graded again.

        Raises:
            UsageError: no such student or problem, or points that are negative or no number.
        """
        with self._database.writing() as connection:
            overriding.override(connection, student_key, problem, points, comment, author, now)

    def remove_override(self, student_key: str, problem: str, comment: str, author: str, now: datetime) -> None:
        """Have the graded points count again.

        Raises:
            UsageError: no such student, or no points were given by hand.
        """
        with self._database.writing() as connection:
            overriding.remove_override(connection, student_key, problem, comment, author, now)

    def find(self, wanted: str) -> Student:
        """The student that somebody means by a key, or an unambiguous name, e-mail address or id.

        Raises:
            UsageError: there is none, or more than one; the message suggests who may be meant.
        """
        return finding.find_student(wanted, self.students())

    def students(self) -> tuple[Student, ...]:
        """Everybody, in the order of their keys."""
        with self._database.reading() as connection:
            return reading.every_student(connection)

    def history(self, student_key: str) -> tuple[Event, ...]:
        """What happened to a student's grade, the oldest first.

        Raises:
            UsageError: no such student.
        """
        with self._database.reading() as connection:
            return reading.history(connection, _id_of(connection, student_key))

    def grade(self, student_key: str) -> Grade:
        """Where a student stands.

        Raises:
            UsageError: no such student.
        """
        with self._database.reading() as connection:
            student_id = _id_of(connection, student_key)
            (grade,) = reading.grades(connection, facts.facts_of(connection), student_id)
            return grade

    def answers(self, student_key: str) -> Mapping[str, Answer]:
        """The code of a student's current submission, by problem, as far as it was recorded.

        Raises:
            UsageError: no such student.
        """
        with self._database.reading() as connection:
            return reading.answers_of(connection, _id_of(connection, student_key))

    def course(self) -> Course:
        """Where everybody stands."""
        with self._database.reading() as connection:
            return reading.course(connection, facts.facts_of(connection))

    def stamps(self) -> Stamps:
        """What tells whose grade has changed since somebody read it."""
        with self._database.reading() as connection:
            return stamps(connection)

    def progress(self) -> Mapping[State, int]:
        """How many students are in each state."""
        with self._database.reading() as connection:
            return reading.progress(connection)


def _id_of(connection: Connection, student_key: str) -> int:
    this = students.c.digest == entering.digest_of(student_key)
    student_id: int | None = connection.execute(select(students.c.id).where(this)).scalar_one_or_none()
    if student_id is None:
        raise UsageError(f"The gradebook has no student `{visible(student_key)}`.")
    return student_id
