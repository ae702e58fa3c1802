"""Checks one submission from path to report: reads it, opens the sandbox, and has it marked.

The sandbox's zygote starts importing torch before this process does, so that both imports run side by side; that is why
the parts that need torch are imported inside the function.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.assignment.choose import chosen
from grader.assignment.model import EVERYTHING, Assignment
from grader.assignment.read import MOST_SECONDS, read_assignment
from grader.catalog.find import Catalog, Place, catalog_in
from grader.errors import SandboxError, UsageError
from grader.intake import read_submission
from grader.model.submission import Notice, Submission
from grader.run.backend import Isolation
from grader.run.gpu import may_be_used
from grader.run.limits import GB, Limits
from grader.run.prover import Prover
from grader.run.zygote import Slot, choose_backend

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from grader.assignment.apply import Applied
    from grader.grading import Ask
    from grader.marking import Progress, Through
    from grader.model.verdict import Report


@dataclass(frozen=True, slots=True)
class Options:
    """What to check, and how."""

    problems: tuple[str, ...] = ()
    """Names or question numbers; all problems where empty."""

    seed: int | None = None
    """Replays a run bit for bit; drawn at random where None."""

    device: str | None = None
    """As the assignment says where None."""

    isolation: Isolation = Isolation.AUTO
    timeout: float | None = None
    """CPU seconds of one call; as the assignment says where None."""

    catalog: Path | None = None
    """Folder of problems; the bundled ones where None."""

    assignment: Path | None = None
    """The assignment file; every problem as it is where None."""

    final: bool = False
    """Whether the checks that the assignment hides from students are run too."""


class Workbench:
    """An open sandbox and a prover, for one submission after another to the same problems."""

    def __init__(self, options: Options, *, many: bool = False, gpu_memory: int | None = None) -> None:
        """Open them; the sandbox imports torch meanwhile, and where `many` submissions are to come, more.

        `gpu_memory` is what a submission may allocate on a GPU, in bytes; as the limits say where None.

        Raises:
            UsageError: the options or the assignment file name what does not exist.
            SandboxError: the sandbox can't be started.
        """
        _validate(options)
        self.options = options
        self.assignment, self.catalog = assignment_of(options.assignment, options.catalog)
        self.places = self.catalog.choose(options.problems)
        """The problems that were chosen."""

        backend, self._warnings = choose_backend(options.isolation)
        self._device = self.assignment.device if options.device is None else options.device
        limits = limits_of(self.assignment, options.timeout)
        if gpu_memory is not None:
            limits = replace(limits, gpu_memory=gpu_memory)
        try:
            self._slot = Slot(backend, limits, gpu=_may_use_gpu(self._device), many=many)
        except OSError as error:
            raise SandboxError(f"The sandbox can't be started: {error}.") from error
        self._prover = Prover()
        self._applied: Applied | None = None

    def mark(
        self,
        submission: Submission,
        *,
        seed: int,
        places: tuple[Place, ...] | None = None,
        progress: Progress | None = None,
        through: Through | None = None,
    ) -> Report:
        """Grade one submission: the chosen problems, or those of them at `places`.

        `through` is handed what carries out every request, and gives what is used in its place.

        Raises:
            UsageError: the assignment asks for checks or functions that don't exist.
            SandboxError: the sandbox fails.
            ProblemDefinitionError: a problem file is broken.
        """
        from grader.assignment.apply import Applied  # noqa: PLC0415 -- as below
        from grader.marking import mark, resolve_device  # noqa: PLC0415 -- imports torch while the zygote does

        self._prover.start()
        if self._applied is None:
            self._applied = Applied(self.assignment, self.catalog, final=self.options.final)
        places = self.places if places is None else places
        return mark(
            submission,
            places,
            self._slot,
            seed=seed,
            device=resolve_device(self._device),
            notices=(*self._applied.announcements(places), *(Notice(text) for text in self._warnings)),
            progress=progress,
            prove=self._prover.judge,
            load=self._applied.load,
            through=through,
        )

    def timing(self, submission: Submission, names: Sequence[str]) -> AbstractContextManager[Ask]:
        """What carries out requests to the answers of these names, for timings.

        Raises:
            SandboxError: the sandbox fails.
        """
        from grader.marking import resolve_device, timing  # noqa: PLC0415 -- as above

        return timing(submission, names, self._slot, resolve_device(self._device), self._prover.judge)

    def close(self) -> None:
        """End the sandbox and the prover."""
        self._slot.close()
        self._prover.close()

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def check_submission(path: Path, options: Options, progress: Progress | None = None) -> Report:
    """Grade one submission.

    Raises:
        UsageError: the options or the assignment file name what does not exist.
        NothingToGrade: there is no readable answer at `path`.
        SandboxError: the sandbox can't be started or fails.
        ProblemDefinitionError: a problem file is broken.
    """
    with Workbench(options) as bench:
        submission = read_submission(path)
        seed = secrets.randbits(63) if options.seed is None else options.seed
        return bench.mark(submission, seed=seed, progress=progress)


def assignment_of(file: Path | None, folder: Path | None) -> tuple[Assignment, Catalog]:
    """An assignment file, or what stands for none, and the problems it chooses from a folder's or the bundled ones.

    Raises:
        UsageError: the file or the folder is not there, or something in it is wrong.
    """
    assignment = EVERYTHING if file is None else read_assignment(file)
    return assignment, chosen(assignment, catalog_in(folder))


def limits_of(assignment: Assignment, timeout: float | None = None) -> Limits:
    """What a submission to this assignment may use; `timeout` comes before what the file says of a call's CPU time."""
    assigned = assignment.limits
    seconds = assigned.timeout if timeout is None else timeout
    return replace(
        Limits(), call_seconds=seconds, training_seconds=assigned.training, memory=round(assigned.memory * GB)
    )


def require_seconds(timeout: float | None) -> None:
    """Refuse what can't be the CPU time of a call.

    Raises:
        UsageError: it is not between 0 and the most that may be chosen.
    """
    if timeout is not None and not 0 < timeout <= MOST_SECONDS:
        raise UsageError(f"--timeout {timeout:g}: choose a number of seconds between 0 and {MOST_SECONDS}.")


def _validate(options: Options) -> None:
    require_seconds(options.timeout)
    if options.final and options.assignment is None:
        raise UsageError("--final runs the checks that an assignment hides: name the file with --assignment.")
    if options.seed is not None and not 0 <= options.seed < 1 << 63:
        raise UsageError(f"--seed {options.seed}: choose a whole number from 0 to 2^63 - 1.")


def _may_use_gpu(device: str) -> bool:
    return device == "cuda" or (device == "auto" and may_be_used())
