"""Two graders, or several threads, on one gradebook: nothing is done twice, and nothing gets mixed up."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from grader.classroom.model import Student
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from tests.gradebook.processes import enrol_everybody, grade_whatever_is_wanted, processes
from tests.gradebook.samples import ADA, FACTS, KEYS, LATER, NOON, entry, grade_all, report

SUBMISSIONS = 40


def test_two_graders_never_do_the_same_work(gradebook: Gradebook, gradebook_url: str, tmp_path: Path) -> None:
    submissions = [gradebook.enter(entry(Student(f"{number}")), "a", NOON) for number in range(SUBMISSIONS)]
    work = tmp_path / "work"
    graders, starts = [], []
    for owner in ("one", "two"):
        receiver, sender = processes.Pipe(duplex=False)
        graders.append(
            processes.Process(target=grade_whatever_is_wanted, args=(gradebook_url, owner, submissions, work, receiver))
        )
        starts.append(sender)
    for grader in graders:
        grader.start()
    for start in starts:
        start.send("start")
    for grader in graders:
        grader.join()
    assert [grader.exitcode for grader in graders] == [0, 0]
    assert Counter(map(int, work.read_text().split())) == Counter(submissions)
    assert gradebook.progress()[State.GRADED] == SUBMISSIONS
    assert {len(gradebook.history(f"{number}")) for number in range(SUBMISSIONS)} == {2}


def test_two_graders_may_enter_the_same_class_in_any_order(gradebook: Gradebook, gradebook_url: str) -> None:
    graders = [
        processes.Process(target=enrol_everybody, args=(gradebook_url,), kwargs={"backwards": backwards})
        for backwards in (False, True)
    ]
    for grader in graders:
        grader.start()
    for grader in graders:
        grader.join()
    assert [grader.exitcode for grader in graders] == [0, 0]
    assert len(gradebook.students()) == 200


def test_what_is_claimed_is_nobody_elses(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    assert gradebook.claim(submission, "one", 60, NOON)
    assert not gradebook.claim(submission, "two", 60, NOON + timedelta(seconds=59))
    assert gradebook.claim(submission, "one", 60, NOON)
    assert gradebook.claim(gradebook.enter(entry(ADA), "b", NOON), "two", 60, NOON)


def test_a_claim_that_has_ended_can_be_taken(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    gradebook.claim(submission, "one", 60, NOON)
    assert gradebook.claim(submission, "two", 60, NOON + timedelta(seconds=60))
    assert not gradebook.renew(submission, "one", 60, NOON + timedelta(seconds=60))


def test_a_claim_that_is_renewed_lasts_longer(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    gradebook.claim(submission, "one", 60, NOON)
    assert gradebook.renew(submission, "one", 60, NOON + timedelta(seconds=50))
    assert not gradebook.claim(submission, "two", 60, NOON + timedelta(seconds=100))


def test_a_claim_can_be_given_back_by_its_owner_only(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    gradebook.claim(submission, "one", 60, NOON)
    gradebook.release(submission, "two")
    assert not gradebook.claim(submission, "two", 60, NOON)
    gradebook.release(submission, "one")
    assert gradebook.claim(submission, "two", 60, NOON)


def test_a_recorded_result_and_a_failure_end_the_claim(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    gradebook.claim(submission, "one", 60, NOON)
    grade_all(gradebook, submission, 4, 3, 2, owner="one")
    assert gradebook.claim(submission, "two", 60, NOON)
    assert gradebook.fail(submission, State.UNREADABLE, "It is empty.", now=NOON, owner="two")
    assert gradebook.claim(submission, "three", 60, NOON)


def test_who_has_lost_the_claim_records_nothing(gradebook: Gradebook) -> None:
    submission = gradebook.enter(entry(ADA), "a", NOON)
    gradebook.claim(submission, "one", 60, NOON)
    gradebook.claim(submission, "two", 60, LATER)
    assert not gradebook.record(submission, KEYS, report(0, 0, 0), seconds=1, now=LATER, owner="one")
    assert not gradebook.fail(submission, State.GRADER_ERROR, "It is slow.", now=LATER, owner="one")
    assert gradebook.grade("ada").state is State.WAITING
    grade_all(gradebook, submission, 4, 3, 2, owner="two")
    assert not gradebook.record(submission, KEYS, report(0, 0, 0), seconds=1, now=LATER, owner="two")
    assert gradebook.grade("ada").points == 9


def test_threads_may_share_an_open_gradebook(gradebook: Gradebook) -> None:
    gradebook.describe(FACTS)
    submission = gradebook.enter(entry(ADA), "a", NOON)

    def change(number: int) -> None:
        gradebook.override("ada", "td_error", number, "", f"{number}", NOON)
        grade_all(gradebook, submission, 4, number / 10, 2)
        assert len(gradebook.grade("ada").overrides) == 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(40)))
    with gradebook._database.reading() as connection:
        counted = "SELECT count(*), count(closed_at) FROM overrides"
        assert tuple(connection.execute(text(counted)).one()) == (40, 39)
    assert len(gradebook.grade("ada").report.problems) == 3


def test_a_reader_sees_one_moment_while_others_write(gradebook: Gradebook) -> None:
    with gradebook._database.reading() as connection:
        before = connection.execute(text("SELECT count(*) FROM students")).scalar_one()
        gradebook.enrol([ADA])
        assert connection.execute(text("SELECT count(*) FROM students")).scalar_one() == before
    assert len(gradebook.students()) == 1
