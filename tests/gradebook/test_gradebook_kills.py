"""A process that is killed at any moment leaves all of a result or nothing of it, and loses nothing it was told of."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import text

from grader.gradebook.address import address_of
from grader.gradebook.connection import Database
from grader.gradebook.store import Gradebook
from tests.gradebook.processes import processes, record_forever

MOMENTS = 20
LONGEST = 0.1
"""Seconds until a process is killed, at most; it may have recorded dozens of reports by then."""

MIXED_RESULTS = """
    SELECT results.submission_id FROM results JOIN submissions ON submissions.id = results.submission_id
    GROUP BY results.submission_id
    HAVING count(*) <> 3 OR count(DISTINCT run_id) <> 1 OR count(DISTINCT score) <> 1
"""
LOST_VERDICTS = """
    SELECT results.submission_id FROM results
    LEFT JOIN verdicts ON verdicts.submission_id = results.submission_id AND verdicts.problem = results.problem
    GROUP BY results.submission_id, results.problem, results.score
    HAVING count(*) <> 2 OR sum(verdicts.points) <> results.score
"""
RESULTS_OF_AN_OLDER_RUN = """
    SELECT submission_id FROM results
    WHERE run_id <> (SELECT max(id) FROM runs WHERE runs.submission_id = results.submission_id)
"""
STATES_WITHOUT_RESULTS = """
    SELECT id FROM submissions
    WHERE (state = 'graded') <> EXISTS (SELECT 1 FROM results WHERE results.submission_id = submissions.id)
"""
RUNS_WITHOUT_EVENTS = """
    SELECT runs.submission_id FROM runs GROUP BY runs.submission_id
    HAVING count(*) <> (
        SELECT count(*) FROM events
        WHERE events.submission_id = runs.submission_id AND events.kind IN ('graded', 'regraded')
    )
"""


def violations(url: str) -> dict[str, list[object]]:
    """The submissions that break a rule, by rule."""
    rules = {
        "mixed results": MIXED_RESULTS,
        "lost verdicts": LOST_VERDICTS,
        "results of an older run": RESULTS_OF_AN_OLDER_RUN,
        "states without results": STATES_WITHOUT_RESULTS,
        "runs without events": RUNS_WITHOUT_EVENTS,
    }
    database = Database(address_of(url))
    try:
        with database.reading() as connection:
            found = {rule: list(connection.execute(text(query)).scalars()) for rule, query in rules.items()}
    finally:
        database.close()
    return {rule: submissions for rule, submissions in found.items() if submissions}


def killed_after(url: str, seconds: float, *, once_opened: bool = True) -> list[int]:
    """Seeds of the reports that a process recorded before it was killed, so long after it started or opened it."""
    receiver, sender = processes.Pipe(duplex=False)
    recording = processes.Process(target=record_forever, args=(url, sender))
    recording.start()
    sender.close()
    if once_opened:
        receiver.recv()
    recording.join(seconds)
    recording.kill()
    recording.join()
    acknowledged = []
    try:
        while True:
            acknowledged.append(receiver.recv())
    except (EOFError, OSError):  # the last message may have been cut off
        return [seed for seed in acknowledged if seed is not None]


def seeds(url: str) -> set[int]:
    database = Database(address_of(url))
    try:
        with database.reading() as connection:
            return set(connection.execute(text("SELECT seed FROM runs")).scalars())
    finally:
        database.close()


def test_killed_at_any_moment_a_process_leaves_whole_results(gradebook_url: str) -> None:
    moments = random.Random(5)  # what is found must not depend on when this runs
    Gradebook.open(gradebook_url).close()
    acknowledged: list[int] = []
    for _ in range(MOMENTS):
        acknowledged += killed_after(gradebook_url, moments.uniform(0, LONGEST))
        assert violations(gradebook_url) == {}
        assert set(acknowledged) <= seeds(gradebook_url)
    with Gradebook.open(gradebook_url, create=False) as gradebook:
        assert len(gradebook.course().grades) == 5
    assert acknowledged


def test_killed_while_it_is_made_a_gradebook_can_be_made_again(tmp_path: Path) -> None:
    moments = random.Random(6)
    for number in range(MOMENTS):
        url = str(tmp_path / f"{number}.sqlite")
        killed_after(url, moments.uniform(0, LONGEST), once_opened=False)
        Gradebook.open(url).close()
        assert violations(url) == {}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("DELETE FROM results WHERE problem = 'td_error'", "mixed results"),
        ("DELETE FROM verdicts WHERE position = 1", "lost verdicts"),
        ("UPDATE submissions SET state = 'waiting'", "states without results"),
        ("DELETE FROM events", "runs without events"),
    ],
)
def test_half_a_result_would_be_seen(gradebook_url: str, change: str, rule: str) -> None:
    while not killed_after(gradebook_url, LONGEST):
        pass
    database = Database(address_of(gradebook_url))
    with database.writing() as connection:
        connection.execute(text(change))
    database.close()
    assert rule in violations(gradebook_url)
