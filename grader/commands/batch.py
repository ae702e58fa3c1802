"""`grader batch`: has a class graded, writes its files, and says in a few lines how it went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.batch.choices import Cluster
from grader.batch.display import display_on_stderr
from grader.batch.output import write_output
from grader.classroom.model import Classroom, Layout
from grader.commands.destination import require_folder, write_stdout
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.streams import say
from grader.errors import UsageError
from grader.exit_codes import ExitCode
from grader.gradebook.store import Gradebook
from grader.model.visible import visible
from grader.run.backend import Isolation
from grader.session import assignment_of

if TYPE_CHECKING:
    from grader.batch.running import Tally

ON = "the same command goes on from there."
ANEW = "the same command grades everything anew, and without --regrade only what has changed."
"""How an interrupted run is taken up."""

MOST_NOTICES = 20
"""About the class that are printed; its report has them all."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    folder: Path
    gradebook: str
    output: Path
    assignment: Path | None = None
    catalog: Path | None = None
    layout: Layout | None = None
    roster: Path | None = None
    problems: tuple[str, ...] = ()
    workers: int = 0
    scheduler: str | None = None
    cluster: Cluster | None = None
    regrade: bool = False
    provisional: bool = False
    device: str | None = None
    isolation: Isolation = Isolation.AUTO
    timeout: float | None = None
    similarity: bool = False
    earlier: tuple[Path, ...] = ()
    per_gpu: int = 1


def run(request: Request) -> ExitCode:
    """Grade, write, and return the exit code: it tells of failures of the grader, and not of students' mistakes."""
    if request.earlier and not request.similarity:
        raise UsageError("--earlier names what --similarity compares the class with: give both, or neither.")
    require_folder(request.output)
    try:
        with interrupts_wait_for("torch"):
            classroom, tally = _grade(request)
            write(request.gradebook, request.output)
            if request.similarity:
                _compare(request, classroom)
    except KeyboardInterrupt:
        say(f"grader: interrupted. What was graded is in the gradebook; {ANEW if request.regrade else ON}")
        return ExitCode.INTERRUPTED
    write_stdout("\n".join(_summary(request, classroom, tally)) + "\n")
    return ExitCode.GRADER_ERROR if tally.failed else ExitCode.PASSED


def _grade(request: Request) -> tuple[Classroom, Tally]:
    from grader.batch.grading import ClassOptions, grade_class  # noqa: PLC0415 -- imports torch
    from grader.batch.job import Terms  # noqa: PLC0415 -- likewise

    terms = Terms(
        0, _absolute(request.assignment), _absolute(request.catalog), request.device, request.isolation,
        request.timeout, not request.provisional,
    )  # fmt: skip
    options = ClassOptions(
        request.folder, request.gradebook, request.layout, request.roster, request.problems, terms,
        request.workers, request.scheduler, request.cluster, request.regrade, request.per_gpu,
    )  # fmt: skip
    classrooms: list[Classroom] = []
    with display_on_stderr() as display:
        tally = grade_class(options, display, classrooms.append)
    return classrooms[-1], tally


def _compare(request: Request, classroom: Classroom) -> None:
    from grader.similarity.write import write_similarity  # noqa: PLC0415 -- imports torch

    _, known = assignment_of(request.assignment, request.catalog)
    write_similarity(classroom.entries, request.output, request.earlier, places=known.choose(request.problems))


def write(gradebook: str, output: Path) -> None:
    """Write pages, tables and LMS files from a gradebook.

    Raises:
        UsageError: the gradebook can't be read, or the folder can't be written.
    """
    with Gradebook.open(gradebook, create=False) as opened:
        write_output(opened, output)


def _absolute(path: Path | None) -> Path | None:
    """Workers may stand in another folder."""
    return None if path is None else path.resolve()


def _summary(request: Request, classroom: Classroom, tally: Tally) -> Iterator[str]:
    yield f"{tally.graded} graded, {tally.known} unchanged, {tally.unreadable} with nothing that can be graded."
    if tally.failed:
        yield f"{tally.failed} could not be graded, through no fault of the students; the same command tries again."
    if classroom.missing:
        yield f"{len(classroom.missing)} on the roster handed in nothing."
    for notice in classroom.notices[:MOST_NOTICES]:
        yield f"Note: {visible(notice, 300)}"
    if len(classroom.notices) > MOST_NOTICES:
        yield f"… and {len(classroom.notices) - MOST_NOTICES} more notes, in the report on the class."
    yield f"Gradebook: {visible(request.gradebook, 300)}"
    yield f"Report on the class: {visible(str(request.output / 'class.html'), 300)}"
