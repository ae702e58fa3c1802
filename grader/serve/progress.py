"""How far grading is, for people and for the script that keeps a page up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.gradebook.model import State


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the grading of what was handed in is."""

    done: int
    total: int
    failed: int
    """Of those that are done, how many the grader failed on."""

    @property
    def is_running(self) -> bool:
        """Whether something is to be graded still."""
        return self.done < self.total

    @property
    def text(self) -> str:
        """One sentence."""
        failed = f" The grader failed on {self.failed}." if self.failed else ""
        if not self.total:
            return "Nothing has been handed in."
        if self.is_running:
            return f"{self.done} of {self.total} submissions are done, {self.total - self.done} to go.{failed}"
        return f"{_all(self.total)} done.{failed}"


def progress_of(counts: Mapping[State, int]) -> Progress:
    """The progress that counts of students by state show; those who handed in nothing don't matter."""
    total = sum(count for state, count in counts.items() if state is not State.MISSING)
    waiting = counts.get(State.WAITING, 0)
    return Progress(total - waiting, total, counts.get(State.GRADER_ERROR, 0))


def _all(total: int) -> str:
    return "The only submission is" if total == 1 else f"All {total} submissions are"
