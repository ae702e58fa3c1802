"""A run over a class: what is recorded when workers do their jobs, fault, die, or are interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.batch.job import Done, Faulted, Graded, Job, Share, Terms
from grader.batch.planning import Plan, planned
from grader.batch.running import DEATHS, HOPELESS, ClassRun, Tally
from grader.errors import GraderError
from grader.gradebook.model import ClassFacts, State
from grader.gradebook.store import Gradebook
from grader.model.verdict import Outcome, Verdict
from tests.batch.fakes import PROBLEMS, Notes, Scripted, entry, graded, report_on

TERMS = Terms(7)
KEYS = {name: f"key of {name}" for name in PROBLEMS}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook.open(str(tmp_path / "gradebook.sqlite")) as opened:
        opened.describe(ClassFacts("A course", tuple((name, name, 1, 1.0) for name in PROBLEMS)))
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "class"
    made.mkdir()
    return made


def plan_of(gradebook: Gradebook, folder: Path, names: str, *, regrade: bool = False) -> Plan:
    return planned(gradebook, [entry(folder, name) for name in names.split()], KEYS, NOW, regrade=regrade)


def run(
    gradebook: Gradebook, plan: Plan, answer: Callable[[Job], Done], *, regrade: bool = False
) -> tuple[Tally, Scripted, Notes]:
    workers, notes = Scripted(answer), Notes()
    made = ClassRun(gradebook, workers, 2, TERMS, KEYS, "me", notes, regrade=regrade)
    return made.run(plan), workers, notes


def states(gradebook: Gradebook) -> dict[str, State]:
    return {grade.student.key: grade.state for grade in gradebook.course().grades}


def test_every_submission_is_recorded(gradebook: Gradebook, folder: Path) -> None:
    tally, workers, notes = run(gradebook, plan_of(gradebook, folder, "ada bea cy"), graded)
    assert states(gradebook) == dict.fromkeys(("ada", "bea", "cy"), State.GRADED)
    assert [grade.points for grade in gradebook.course().grades] == [2.0, 2.0, 2.0]
    assert (tally.graded, tally.failed, tally.left) == (3, 0, 0)
    assert tally.seconds == {Share.SANDBOX: 3.0, Share.ORACLE: 1.5}
    assert notes.lines[0] == ("planned", "3", "0")
    assert {job.terms.seed for job in workers.jobs} == {7}


def test_what_is_recorded_is_not_graded_again(gradebook: Gradebook, folder: Path) -> None:
    run(gradebook, plan_of(gradebook, folder, "ada bea"), graded)
    tally, workers, _ = run(gradebook, plan_of(gradebook, folder, "ada bea cy"), graded)
    assert [job.submission.name for job in workers.jobs] == ["cy.py"]
    assert (tally.known, tally.graded) == (2, 1)


def test_regrade_grades_everything(gradebook: Gradebook, folder: Path) -> None:
    run(gradebook, plan_of(gradebook, folder, "ada bea"), graded)
    tally, _, _ = run(gradebook, plan_of(gradebook, folder, "ada bea", regrade=True), graded, regrade=True)
    assert tally.graded == 2


def test_a_changed_problem_alone_is_graded_again(gradebook: Gradebook, folder: Path) -> None:
    run(gradebook, plan_of(gradebook, folder, "ada"), graded)
    changed = {**KEYS, "td_error": "another key"}
    plan = planned(gradebook, [entry(folder, "ada")], changed, NOW, regrade=False)
    assert [work.problems for work in plan.works] == [("td_error",)]


def test_a_changed_submission_is_graded_again(gradebook: Gradebook, folder: Path) -> None:
    run(gradebook, plan_of(gradebook, folder, "ada"), graded)
    again = planned(gradebook, [entry(folder, "ada", "x = 1\n")], KEYS, NOW, regrade=False)
    assert [work.problems for work in again.works] == [PROBLEMS]


def test_a_submission_whose_worker_dies_is_tried_again(gradebook: Gradebook, folder: Path) -> None:
    died: list[int] = []

    def answer(job: Job) -> Done:
        if not died:
            died.append(job.number)
            raise RuntimeError("the process ended")
        return graded(job)

    tally, _, notes = run(gradebook, plan_of(gradebook, folder, "ada bea"), answer)
    assert states(gradebook) == dict.fromkeys(("ada", "bea"), State.GRADED)
    assert tally.failed == 0
    assert [line for line in notes.lines if line[0] == "retried"] == [("retried", "ada.py")]


def test_what_this_machine_fails_to_read_is_no_fault_of_the_student(gradebook: Gradebook, folder: Path) -> None:
    alone, together = entry(folder, "ada"), entry(folder, "bea")
    also = folder / "more.py"
    also.write_text("x = 1\n", encoding="utf-8")
    together = replace(together, files=(*together.files, (also.name, also)))
    plan = planned(gradebook, [alone, together, entry(folder, "cy")], KEYS, NOW, regrade=False)
    alone.files[0][1].unlink()
    also.unlink()
    tally, _, notes = run(gradebook, plan, graded)
    assert states(gradebook) == {"ada": State.GRADER_ERROR, "bea": State.GRADER_ERROR, "cy": State.GRADED}
    assert (tally.graded, tally.unreadable, tally.failed) == (1, 0, 2)
    assert [line[1] for line in notes.lines if line[0] == "failed"] == ["ada.py", "bea.py"]


def test_one_that_ends_two_workers_is_reported_and_the_rest_goes_on(gradebook: Gradebook, folder: Path) -> None:
    def answer(job: Job) -> Done:
        if job.submission.name == "bea.py":
            raise RuntimeError("the process ended")
        return graded(job)

    tally, workers, _ = run(gradebook, plan_of(gradebook, folder, "ada bea cy"), answer)
    assert states(gradebook) == {"ada": State.GRADED, "bea": State.GRADER_ERROR, "cy": State.GRADED}
    assert (tally.graded, tally.failed) == (2, 1)
    assert [job.submission.name for job in workers.jobs].count("bea.py") == DEATHS
    assert not gradebook.grade("bea").is_final
    assert "ended its worker" in gradebook.grade("bea").fault


class GivenUp(Exception):
    """As Dask raises it, which has tried again by itself."""

    allowed_failures = DEATHS - 1


def test_one_that_a_cluster_has_given_up_is_not_tried_once_more(gradebook: Gradebook, folder: Path) -> None:
    def answer(job: Job) -> Done:
        raise GivenUp

    tally, workers, _ = run(gradebook, plan_of(gradebook, folder, "ada"), answer)
    assert (tally.failed, len(workers.jobs)) == (1, 1)
    assert gradebook.grade("ada").state is State.GRADER_ERROR


def test_a_check_that_failed_for_a_fault_of_ours_counts_as_such(gradebook: Gradebook, folder: Path) -> None:
    tally, _, notes = run(gradebook, plan_of(gradebook, folder, "ada bea"), faulty)
    assert (tally.graded, tally.failed) == (1, 1)
    assert ("failed", "bea.py", "The grader itself failed on td_error.") in notes.lines
    assert states(gradebook) == {"ada": State.GRADED, "bea": State.GRADER_ERROR}


def faulty(job: Job) -> Done:
    """Fails on a problem of bea's; graded, with full points, and not final."""
    report = report_on(job)
    if job.submission.name == "bea.py":
        first, last = report.problems
        fault = Verdict("agreement", "agrees", Outcome.GRADER_ERROR, 1.0, 1.0)
        report = replace(report, problems=(first, replace(last, verdicts=(fault,))))
    return Graded(job.number, report)


def test_a_grader_that_fails_for_everybody_stops_early(gradebook: Gradebook, folder: Path) -> None:
    names = " ".join(f"s{k:02}" for k in range(20))
    with pytest.raises(GraderError, match="no sandbox today"):
        run(gradebook, plan_of(gradebook, folder, names), lambda job: Faulted(job.number, "no sandbox today"))
    failed = [state for state in states(gradebook).values() if state is State.GRADER_ERROR]
    assert len(failed) <= HOPELESS


def test_submissions_that_end_their_workers_stop_nobody_even_if_they_come_first(
    gradebook: Gradebook, folder: Path
) -> None:
    def answer(job: Job) -> Done:
        if job.submission.name < "s06":
            raise RuntimeError("the process ended")
        return graded(job)

    names = " ".join(f"s{k:02}" for k in range(10))
    tally, _, _ = run(gradebook, plan_of(gradebook, folder, names), answer)
    assert (tally.graded, tally.failed) == (4, 6)


def test_what_cannot_be_read_is_recorded_as_such(gradebook: Gradebook, folder: Path) -> None:
    (folder / "bea.py").write_bytes(b"\0" * 10)
    plan = planned(gradebook, [entry(folder, "ada"), entry(folder, "bea", "def broken(:\n")], KEYS, NOW, regrade=False)
    tally, _, notes = run(gradebook, plan, graded)
    assert states(gradebook) == {"ada": State.GRADED, "bea": State.UNREADABLE}
    assert tally.unreadable == 1
    assert any(line[:2] == ("failed", "bea.py") for line in notes.lines)


def test_an_interrupt_leaves_the_rest_for_the_next_run(gradebook: Gradebook, folder: Path) -> None:
    def answer(job: Job) -> Done:
        if job.submission.name == "cy.py":
            raise KeyboardInterrupt
        return graded(job)

    plan = plan_of(gradebook, folder, "ada bea cy dan eve")
    workers = Scripted(answer)
    interrupted = ClassRun(gradebook, workers, 1, TERMS, KEYS, "me", Notes())
    with pytest.raises(KeyboardInterrupt):
        interrupted.run(plan)
    assert workers.was_cancelled
    before = sum(state is State.GRADED for state in states(gradebook).values())
    tally, _, _ = run(gradebook, plan_of(gradebook, folder, "ada bea cy dan eve"), graded)
    assert tally.graded == 5 - before
    assert set(states(gradebook).values()) == {State.GRADED}


def test_what_somebody_else_grades_is_left_to_them(gradebook: Gradebook, folder: Path) -> None:
    plan = plan_of(gradebook, folder, "ada bea")
    number = plan.works[0].number
    assert gradebook.claim(number, "somebody else", 0.5, datetime.now(UTC))
    tally, workers, notes = run(gradebook, plan, graded)
    assert [job.submission.name for job in workers.jobs] == ["bea.py", "ada.py"]  # once the claim had run out
    assert tally.graded == 2
    assert ("waiting", "1") in notes.lines


def test_what_somebody_else_has_graded_meanwhile_is_not_graded_twice(gradebook: Gradebook, folder: Path) -> None:
    plan = plan_of(gradebook, folder, "ada")
    run(gradebook, plan_of(gradebook, folder, "ada"), graded)
    tally, workers, _ = run(gradebook, plan, graded)
    assert workers.jobs == []
    assert (tally.graded, tally.known) == (0, 1)


def test_a_result_whose_claim_was_lost_is_not_recorded_over_a_newer_one(gradebook: Gradebook, folder: Path) -> None:
    plan = plan_of(gradebook, folder, "ada")

    def answer(job: Job) -> Done:
        later = datetime.now(UTC) + timedelta(days=1)
        assert gradebook.claim(job.number, "somebody else", 60, later)
        theirs = report_on(job, {"td_error": 0.5})
        assert gradebook.record(job.number, KEYS, theirs, seconds=1, now=later, owner="somebody else")
        return graded(job)

    tally, _, _ = run(gradebook, plan, answer)
    assert (tally.graded, tally.known) == (0, 1)
    assert gradebook.grade("ada").points == 1.5
