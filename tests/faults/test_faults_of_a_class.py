"""A run over a class whose gradebook or clock fails: one line, no endless waiting, and every result once."""

from __future__ import annotations

import ast
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.batch import running
from grader.batch.job import Done, Job, Terms
from grader.batch.planning import planned
from grader.batch.running import ClassRun, Tally
from grader.errors import GradebookError
from grader.gradebook import connection
from grader.gradebook.model import ClassFacts, State
from grader.gradebook.store import Gradebook
from tests.batch.fakes import PROBLEMS, Notes, Scripted, entry, graded

ROOT = Path(__file__).resolve().parents[2]
KEYS = {name: f"key of {name}" for name in PROBLEMS}
HOUR = timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A gradebook's file."""
    file = tmp_path / "gradebook.sqlite"
    with Gradebook.open(str(file)) as opened:
        opened.describe(ClassFacts("A course", tuple((name, name, 1, 1.0) for name in PROBLEMS)))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the class handed in."""
    made = tmp_path / "class"
    made.mkdir()
    return made


def run(gradebook: Gradebook, folder: Path, answer: object = graded, *, owner: str = "me", names: str = "ada bea cy"):
    entries = [entry(folder, name) for name in names.split()]
    plan = planned(gradebook, entries, KEYS, datetime.now(UTC), regrade=False)
    return ClassRun(gradebook, Scripted(answer), 1, Terms(7), KEYS, owner, Notes()).run(plan)


def require_graded(path: Path, count: int) -> None:
    with Gradebook.open(str(path)) as gradebook:
        grades = gradebook.course().grades
        assert [grade.state for grade in grades] == [State.GRADED] * count
        assert gradebook.owners() == ()
        for grade in grades:
            told = sorted(event.kind for event in gradebook.history(grade.student.key))
            assert told == ["graded", "submitted"]


def test_a_gradebook_that_is_deleted_meanwhile_is_told_in_one_line(path: Path, folder: Path) -> None:
    def delete(job: Job) -> Done:
        for file in path.parent.glob("gradebook.sqlite*"):
            file.unlink()
        return graded(job)

    with Gradebook.open(str(path)) as gradebook:
        try:
            run(gradebook, folder, delete)
        except GradebookError as error:
            told = str(error)
        else:
            told = "SQLite went on in the file that it had open."
    assert len(told.splitlines()) == 1
    assert not path.exists() or path.stat().st_size == 0


def test_a_gradebook_that_somebody_holds_for_too_long_is_told_in_one_line(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.2)
    with Gradebook.open(str(path)) as gradebook, sqlite3.connect(path, isolation_level=None) as holder:

        def lock(job: Job) -> Done:
            holder.execute("BEGIN IMMEDIATE")
            return graded(job)

        with pytest.raises(GradebookError, match=r"can't be written: database is locked\.$"):
            run(gradebook, folder, lock)
        holder.execute("ROLLBACK")
        gradebook.release_all("me")
        run(gradebook, folder)
    holder.close()
    require_graded(path, 3)


def test_an_interrupt_stays_one_where_the_gradebook_has_failed_too(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise GradebookError("the disk is full")

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with Gradebook.open(str(path)) as gradebook:
        monkeypatch.setattr(gradebook, "release", fail)
        monkeypatch.setattr(gradebook, "record", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(gradebook, folder)


class Clock:
    """A wall clock that is ahead by so much, or jumps by as much every time it is read."""

    def __init__(self, ahead: timedelta, *, jumps: bool = False) -> None:
        self.ahead, self.jumps = ahead, jumps

    def __call__(self) -> datetime:
        if self.jumps:
            self.ahead = -self.ahead
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TICK", 0.02)


@pytest.mark.usefixtures("_quickly")
def test_a_clock_that_jumps_back_and_forth_does_not_matter(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_now", Clock(HOUR, jumps=True))
    monkeypatch.setattr(running, "RENEWED", 0.0)
    with Gradebook.open(str(path)) as gradebook:
        assert run(gradebook, folder).graded == 3
    require_graded(path, 3)


def run_beside(path: Path, folder: Path, owner: str, ahead: timedelta, names: str) -> Tally:
    """A run whose clock is ahead, in a thread of its own."""
    _AHEAD[owner] = ahead

    def slowly(job: Job) -> Done:
        time.sleep(0.05)
        return graded(job)

    with Gradebook.open(str(path)) as gradebook:
        return run(gradebook, folder, slowly, owner=owner, names=names)


_AHEAD: dict[str, timedelta] = {}


@pytest.fixture
def _own_clocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every claim, renewal and result is told at the moment of its owner's clock."""
    for name in ("claim", "renew"):
        real = getattr(Gradebook, name)

        def shifted(self: Gradebook, number: int, owner: str, seconds: float, now: datetime, *rest: object, real=real):
            return real(self, number, owner, seconds, now + _AHEAD.get(owner, timedelta()), *rest)

        monkeypatch.setattr(Gradebook, name, shifted)
    yield
    _AHEAD.clear()


@pytest.mark.usefixtures("_quickly", "_own_clocks")
def test_two_runs_with_clocks_an_hour_apart_grade_everything_and_end(path: Path, folder: Path) -> None:
    names = " ".join(f"s{number:02}" for number in range(12))
    for name in names.split():
        entry(folder, name)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run_beside, path, folder, *who, names) for who in (("slow", -HOUR), ("fast", HOUR))]
        tallies = [each.result(timeout=60) for each in runs]
    assert sum(tally.failed for tally in tallies) == 0
    with Gradebook.open(str(path)) as gradebook:
        assert {grade.state for grade in gradebook.course().grades} == {State.GRADED}
        assert gradebook.owners() == ()


@pytest.mark.usefixtures("_quickly")
def test_a_claim_by_a_clock_that_was_ahead_is_not_waited_for(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run is gone, and was on another machine: only that it isn't renewed tells so, not its hour."""
    monkeypatch.setattr(running, "LEASE", 0.2)
    with Gradebook.open(str(path)) as gradebook:
        entries = [entry(folder, name) for name in ("ada", "bea")]
        plan = planned(gradebook, entries, KEYS, datetime.now(UTC), regrade=False)
        assert gradebook.claim(plan.works[0].number, "elsewhere 7 aa", 90, datetime.now(UTC) + HOUR)
        started = time.monotonic()
        assert run(gradebook, folder, names="ada bea").graded == 2
        assert 0.2 < time.monotonic() - started < 20
    require_graded(path, 2)


@pytest.mark.usefixtures("_quickly")
def test_a_claim_that_is_renewed_is_waited_for(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LEASE", 0.4)
    real = Gradebook.lease
    looks: list[int] = []
    with Gradebook.open(str(path)) as gradebook:
        plan = planned(gradebook, [entry(folder, "ada")], KEYS, datetime.now(UTC), regrade=False)
        number = plan.works[0].number
        gradebook.claim(number, "elsewhere 7 aa", 90, datetime.now(UTC) + HOUR)

        def renewed(self: Gradebook, asked: int) -> object:
            looks.append(asked)
            if len(looks) < 40:
                assert self.renew(number, "elsewhere 7 aa", 90, datetime.now(UTC) + HOUR)
            return real(self, asked)

        monkeypatch.setattr(Gradebook, "lease", renewed)
        assert run(gradebook, folder, names="ada").graded == 1
    assert len(looks) > 40
    require_graded(path, 1)


TIMED = ("grader/run", "grader/guest")
WALL_CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today"}


def test_no_limit_reads_the_wall_clock() -> None:
    """It jumps: when the time is set, and when summer ends."""
    files = [file for folder in TIMED for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 20
    read = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in WALL_CLOCKS
    ]
    assert read == []
