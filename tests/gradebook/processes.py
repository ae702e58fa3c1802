"""What other processes do with a gradebook while it is tested."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from grader.classroom.model import Student
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from tests.gradebook.samples import KEYS, NOON, entry, report

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["grader.gradebook.store", "tests.gradebook.processes", "psycopg"])
"""Makes processes that need not import anything first."""

STUDENTS = tuple(Student(f"student {number}") for number in range(5))


def record_forever(url: str, acknowledged: Connection) -> None:
    """Record one report after another, for one student after another, and send the seed of each that is recorded.

    Before the first of them None is sent.

    Every report differs from the one before in all problems, so that a mixture of two would be seen; now and then a
    submission fails instead, or there is a new version.
    """
    with Gradebook.open(url) as gradebook:
        acknowledged.send(None)
        done = sum(len(gradebook.history(student.key)) for student in gradebook.students())
        for number in count(done):
            student = STUDENTS[number % len(STUDENTS)]
            submission = gradebook.enter(entry(student), f"version {number % 17 // 8}", NOON)
            if number % 11 == 10:
                gradebook.fail(submission, State.UNREADABLE, f"It is damaged ({number}).", now=NOON)
            else:
                points = [2.0 + number % 7 / 4] * 3
                keys = dict.fromkeys(KEYS, f"key {number}")
                gradebook.record(submission, keys, report(*points, seed=number), seconds=0.1, now=NOON)
                acknowledged.send(number)


def grade_whatever_is_wanted(url: str, owner: str, submissions: list[int], work: Path, started: Connection) -> None:
    """Grade submissions as `grader batch` does, and write each of them to a file."""
    with Gradebook.open(url) as gradebook:
        started.recv()
        for submission in submissions:
            if not gradebook.claim(submission, owner, 60, datetime.now(UTC)):
                continue
            if not gradebook.wanted(submission, KEYS):
                gradebook.release(submission, owner)
                continue
            with work.open("a") as lines:
                lines.write(f"{submission}\n")
            gradebook.record(submission, KEYS, report(4, 3, 2), seconds=0.1, now=NOON, owner=owner)


def enrol_everybody(url: str, *, backwards: bool) -> None:
    """Enter a class again and again, from one end or the other."""
    everybody = [Student(f"{number:03}") for number in range(200)]
    with Gradebook.open(url) as gradebook:
        for _ in range(5):
            gradebook.enrol(everybody[::-1] if backwards else everybody)
