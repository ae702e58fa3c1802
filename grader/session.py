"""Checks one submission from path to report: reads it, opens the sandbox, and has it marked.

The sandbox's zygote starts importing torch before this process does, so that both imports run side by side; that is why
the parts that need torch are imported inside the function.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.catalog.find import catalog_in
from grader.errors import UsageError
from grader.intake import read_submission
from grader.model.submission import Notice
from grader.run.backend import Isolation
from grader.run.limits import Limits
from grader.run.prover import Prover
from grader.run.zygote import Slot, choose_backend

if TYPE_CHECKING:
    from grader.marking import Progress
    from grader.model.verdict import Report


@dataclass(frozen=True, slots=True)
class Options:
    """What to check, and how."""

    problems: tuple[str, ...] = ()
    """Names or question numbers; all problems where empty."""

    seed: int | None = None
    """Replays a run bit for bit; drawn at random where None."""

    device: str = "auto"
    isolation: Isolation = Isolation.AUTO
    timeout: float = 10.0
    """CPU seconds of one call."""

    catalog: Path | None = None
    """Folder of problems; the bundled ones where None."""


def check_submission(path: Path, options: Options, progress: Progress | None = None) -> Report:
    """Grade one submission.

    Raises:
        UsageError: the options name what does not exist.
        NothingToGrade: there is no readable answer at `path`.
        SandboxError: the sandbox can't be started or fails.
        ProblemDefinitionError: a problem file is broken.
    """
    _validate(options)
    places = catalog_in(options.catalog).choose(options.problems)
    backend, notices = choose_backend(options.isolation)
    limits = replace(Limits(), call_seconds=options.timeout)
    with Slot(backend, limits, gpu=_may_use_gpu(options.device)) as slot, Prover() as prover:
        submission = read_submission(path)
        from grader.marking import mark, resolve_device  # noqa: PLC0415 -- imports torch while the zygote does

        prover.start()
        return mark(
            submission,
            places,
            slot,
            seed=secrets.randbits(63) if options.seed is None else options.seed,
            device=resolve_device(options.device),
            notices=tuple(Notice(text) for text in notices),
            progress=progress,
            prove=prover.judge,
        )


def _validate(options: Options) -> None:
    if not 0 < options.timeout <= 3600:
        raise UsageError(f"--timeout {options.timeout:g}: choose a number of seconds between 0 and 3600.")
    if options.seed is not None and not 0 <= options.seed < 1 << 63:
        raise UsageError(f"--seed {options.seed}: choose a whole number from 0 to 2^63 - 1.")


def _may_use_gpu(device: str) -> bool:
    return device == "cuda" or (device == "auto" and Path("/dev/nvidiactl").exists())
