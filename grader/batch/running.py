"""Runs the jobs of a class: keeps the workers busy, records every result as it comes, tries again where a worker died.

Whatever is recorded stays recorded. A run that is broken off at any moment is taken up by starting it again: it finds
what is still to be graded in the gradebook.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from grader.batch.job import Done, Faulted, Graded, Job, Share, Terms
from grader.batch.planning import Plan, Work
from grader.batch.worker import do
from grader.classroom.handed_in import read_entry
from grader.classroom.listing import named
from grader.errors import GraderError, InaccessibleSubmission, NothingToGrade
from grader.gradebook.claiming import Lease
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from grader.model.submission import Submission
from grader.model.verdict import Outcome, Report
from grader.pages.answers import answers_of

DEATHS = 2
"""A submission that ends so many workers is reported as such and not tried again in this run."""

HOPELESS = 3
"""So many workers that tell the same fault before the first success: that is taken to be no student's doing."""

LEASE = 90.0
"""Seconds for which a submission is ours; renewed as long as we are at it."""

RENEWED = 15.0
TICK = 1.0
"""Seconds between two looks at the clock."""


class Display(Protocol):
    """Is told how a class comes along."""

    def planned(self, total: int, known: int) -> None:
        """So many submissions are to be graded; for others every result is known."""

    def graded(self, label: str, report: Report) -> None:
        """A submission has been graded and recorded."""

    def failed(self, label: str, why: str) -> None:
        """A submission could not be graded; that is recorded as well."""

    def retried(self, label: str, why: str) -> None:
        """A submission is tried again."""

    def waiting(self, others: int) -> None:
        """All that is left is being graded by somebody else."""


@dataclass(slots=True)
class Tally:
    """How a run went."""

    graded: int = 0
    unreadable: int = 0
    failed: int = 0
    """Of which something could not be graded, through no fault of the student."""

    known: int = 0
    """Submissions of which nothing had changed."""

    left: int = 0
    """That were still to be graded when the run was broken off."""

    seconds: dict[Share, float] = field(default_factory=dict)


class ClassRun:
    """One run over a class."""

    def __init__(
        self,
        gradebook: Gradebook,
        executor: Executor,
        capacity: int,
        terms: Terms,
        keys: Mapping[str, str],
        owner: str,
        display: Display,
        submit_options: Mapping[str, Any] | None = None,
        *,
        regrade: bool = False,
    ) -> None:
        """`capacity` jobs are handed out at a time; `keys` are those of the problems; `owner` tells this run from
        others on the same gradebook."""
        self._gradebook = gradebook
        self._executor = executor
        self._capacity = max(1, capacity)
        self._terms = terms
        self._keys = keys
        self._owner = owner
        self._display = display
        self._submit_options = dict(submit_options or {})
        self._regrade = regrade
        self._queue: deque[Work] = deque()
        self._elsewhere: list[Work] = []
        self._flying: dict[Future[Done], tuple[Work, Submission]] = {}
        self._renewed = time.monotonic()
        self._waits = False
        self._watched: dict[int, tuple[Lease | None, float]] = {}
        """Leases of others that kept us waiting, each with the moment since when it has been the same."""

        self._told: Counter[str] = Counter()
        """Faults that workers told of before the first success."""

        self.tally = Tally()

    def run(self, plan: Plan) -> Tally:
        """Carry a plan out; an interrupt ends the workers and leaves the rest for the next run.

        Raises:
            GraderError: the first few all failed, so there is something wrong that concerns every submission.
        """
        self._queue.extend(plan.works)
        self.tally.known = plan.known
        self._display.planned(len(self._queue), plan.known)
        try:
            while self._queue or self._flying or self._elsewhere:
                self._hand_out()
                self._collect()
                self._renew()
                self._look_elsewhere()
        except BaseException:
            self.tally.left = len(self._queue) + len(self._flying) + len(self._elsewhere)
            self._executor.shutdown(wait=True, cancel_futures=True)
            with suppress(GraderError):  # where the gradebook itself has failed, that is what there is to tell
                for work, _ in self._flying.values():
                    self._gradebook.release(work.number, self._owner)
            raise
        return self.tally

    def _hand_out(self) -> None:
        while self._queue and len(self._flying) < self._capacity:
            work = self._queue.popleft()
            if not self._gradebook.claim(work.number, self._owner, LEASE, _now(), self._stale(work)):
                self._elsewhere.append(work)
                continue
            self._watched.pop(work.number, None)
            submission = self._read(work) if self._is_still_wanted(work) else None
            if submission is not None:
                job = Job(work.number, submission, work.problems, self._terms)
                self._flying[self._executor.submit(do, job, **self._submit_options)] = (work, submission)

    def _stale(self, work: Work) -> Lease | None:
        """A lease that was not renewed for as long as one lasts, by our own clock: its owner's may be far ahead."""
        if work.number not in self._watched and not self._waits:
            return None
        lease, now = self._gradebook.lease(work.number), time.monotonic()
        seen, since = self._watched.get(work.number, (None, now))
        if lease != seen:
            self._watched[work.number] = (lease, now)
            return None
        return lease if now - since >= LEASE else None

    def _is_still_wanted(self, work: Work) -> bool:
        """Another run may have graded it before it was claimed."""
        if self._regrade:
            return True
        work.problems = self._gradebook.wanted(work.number, self._keys)
        if not work.problems:
            self._gradebook.release(work.number, self._owner)
            self.tally.known += 1
        return bool(work.problems)

    def _read(self, work: Work) -> Submission | None:
        """The submission, or None where it can't be read: that is its grade, unless it is this machine's doing."""
        try:
            submission = read_entry(work.entry)
        except InaccessibleSubmission as error:
            self._give_up(work, str(error))
            return None
        except NothingToGrade as error:
            self._gradebook.fail(work.number, State.UNREADABLE, str(error), now=_now(), owner=self._owner)
            self._display.failed(work.entry.label, str(error))
            self.tally.unreadable += 1
            return None
        if submission.unread:
            self._give_up(work, f"{named(list(submission.unread))} not readable for whoever grades.")
            return None
        return submission

    def _give_up(self, work: Work, why: str) -> None:
        """Nothing is final of what could not be graded through no fault of the student."""
        self._gradebook.fail(work.number, State.GRADER_ERROR, why, now=_now(), owner=self._owner)
        self._display.failed(work.entry.label, why)
        self.tally.failed += 1

    def _collect(self) -> None:
        if not self._flying:
            return
        done, _ = wait(self._flying, timeout=TICK, return_when=FIRST_COMPLETED)
        for future in done:
            work, submission = self._flying.pop(future)
            result = _result(future, work)
            if isinstance(result, Graded):
                self._record(work, submission, result)
            else:
                self._again_or_give_up(work, result)

    def _record(self, work: Work, submission: Submission, graded: Graded) -> None:
        seconds = sum(graded.seconds.values())
        recorded = self._gradebook.record(
            work.number,
            self._keys,
            graded.report,
            seconds=seconds,
            now=_now(),
            owner=self._owner,
            answers=answers_of(submission, graded.report),
        )
        if not recorded:  # it took so long that somebody else has claimed it
            self._elsewhere.append(work)
            return
        for share, spent in graded.seconds.items():
            self.tally.seconds[share] = self.tally.seconds.get(share, 0.0) + spent
        if failed := [each.id for each in graded.report.problems if each.outcome is Outcome.GRADER_ERROR]:
            self.tally.failed += 1
            self._display.failed(work.entry.label, f"The grader itself failed on {', '.join(failed)}.")
            return
        self.tally.graded += 1
        self._display.graded(work.entry.label, graded.report)

    def _again_or_give_up(self, work: Work, fault: Faulted) -> None:
        work.faults += max(1, fault.ended_workers)
        why = fault.message
        if not fault.ended_workers and not self.tally.graded:
            self._told[why] += 1
        if work.faults < DEATHS:
            self._display.retried(work.entry.label, why)
            self._gradebook.release(work.number, self._owner)
            self._queue.append(work)
            return
        self._give_up(work, why)
        if not self.tally.graded and self._told[why] >= HOPELESS:
            raise GraderError(f"The first submissions could not be graded, and none could yet: {why}")

    def _renew(self) -> None:
        if time.monotonic() - self._renewed >= RENEWED:
            self._renewed = time.monotonic()
            for work, _ in self._flying.values():
                self._gradebook.renew(work.number, self._owner, LEASE, _now())

    def _look_elsewhere(self) -> None:
        """What another run had claimed: it may be graded by now, or that run may have ended."""
        if self._queue or self._flying or not self._elsewhere:
            return
        self._display.waiting(len(self._elsewhere))
        self._waits = True
        time.sleep(TICK)
        self._queue.extend(self._elsewhere)
        self._elsewhere = []


def _now() -> datetime:
    return datetime.now(UTC)


def _result(future: Future[Done], work: Work) -> Done:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 -- whatever the pool or the cluster raises: the worker is gone
        again = getattr(error, "allowed_failures", 0)  # so often Dask has tried it again by itself
        return Faulted(work.number, f"It ended its worker ({type(error).__name__}).", ended_workers=1 + again)
