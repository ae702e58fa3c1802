"""Says where a run makes a gradebook be about something else than it was before."""

from __future__ import annotations

from grader.classroom.listing import named
from grader.gradebook.model import ClassFacts
from grader.intake.text import quoted


def what_changes(before: ClassFacts, now: ClassFacts) -> tuple[str, ...]:
    """What the instructor is told of a gradebook that was of another assignment, or of more problems; often nothing."""
    if not before.problems:
        return ()
    if before.title != now.title:
        return (
            f"The gradebook was {_of(before)} and is {_of(now)} from now on. It holds one assignment: "
            "if this is another one, give each a --gradebook and an --output of its own, and grade both once more.",
        )
    names = {name for name, _, _, _ in now.problems}
    left = [name for name, _, _, _ in before.problems if name not in names]
    if not left:
        return ()
    return (
        f"{named(left)} not among the problems of this run, so no file that it writes has points for that. The results "
        "are kept: a run over all problems counts them again.",
    )


def _of(facts: ClassFacts) -> str:
    return f"of {quoted(facts.title)}" if facts.title else "of no assignment file"
