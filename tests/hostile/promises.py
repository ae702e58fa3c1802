"""What is promised whatever a submission does, and how it is seen whether that was kept."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import psutil

from grader.catalog.find import bundled
from grader.compare.remembering import new_memory, remembering
from grader.errors import NothingToGrade
from grader.intake import read_submission
from grader.marking import mark
from grader.model.verdict import Outcome, ProblemReport, Report
from grader.run.backend import Isolation
from grader.run.zygote import Slot, Zygote
from grader.symbolic.judge import judge
from tests.hostile.attacks import Attack
from tests.run.submissions import layer_norm, named, td_error

TARGET = "layer_norm"
OTHER = "td_error"
SEED = 1

MEMORY = new_memory()
"""What the references give: the same for every attack, as in a class."""

MARK = "pwned"
"""Part of the name of everything that an attack leaves behind."""

KEY = 0x50574E44
"""Of what attacks leave in System V's shared memory, semaphores and queues."""

LONGEST = 120.0
"""Seconds that grading an attack may take, on a busy machine."""

LOOKS = 40
"""After the first, half a second apart: whatever else runs here is gone by then."""

PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", str(Path.home()), ".", "/", "/run")


def broken_promises(attack: Attack, slot: Slot, folder: Path) -> list[str]:
    """Grade the attack and an honest submission after it; what was promised and not kept."""
    expected = _expected(slot, folder)
    handed_in = folder / "attack"
    handed_in.mkdir()
    path = attack.lay_out(handed_in)
    zygote = slot.zygote
    running = running_in(zygote)
    started = time.monotonic()
    broken: list[str] = []
    try:
        report = graded(path, slot)
    except NothingToGrade as error:
        told = str(error)
    else:
        told = everything_told(report)
        broken += _points(attack, report, expected)
    seconds = time.monotonic() - started
    if seconds > LONGEST:
        broken.append(f"it took {seconds:.0f} s")
    if attack.outcome is not None and not re.search(attack.outcome, told):
        broken.append(f"nothing says {attack.outcome!r} but: {told[:2000]}")
    after = graded(honest(folder / "after"), slot, TARGET)
    if _comparable(after) != _comparable(expected)[-1:]:
        broken.append(f"the submission after it was graded otherwise: {after.score} of {after.max_score}")
    return broken + left_behind(zygote, running if slot.zygote is zygote else {})


def left_behind(zygote: Zygote, before: Mapping[int, str]) -> list[str]:
    """What is left of an attack's making; what disappears by itself is another's, who tests beside this one."""
    left = seen_of_it(zygote, before)
    looks = 0
    while left and looks < LOOKS:
        time.sleep(0.5)
        looks += 1
        still = seen_of_it(zygote, before)
        left = [each for each in left if each in still]
    return left


_HONEST: dict[Isolation, Report] = {}
"""What an honest submission gets in a slot that nothing has attacked yet."""


def _expected(slot: Slot, folder: Path) -> Report:
    isolation = slot.backend.isolation
    if isolation not in _HONEST:
        _HONEST[isolation] = graded(honest(folder / "before"), slot)
    return _HONEST[isolation]


def _points(attack: Attack, report: Report, expected: Report) -> Iterable[str]:
    target = named(report, TARGET)
    if target.score:
        earned = [verdict.check for verdict in target.verdicts if verdict.points]
        yield f"it earned {target.score} points by {', '.join(earned)}"
    if attack.answers and not attack.spoils_itself and named(report, OTHER).score != named(expected, OTHER).score:
        yield f"the right answer beside it lost points: {everything_told(report)[:2000]}"
    verdicts = [verdict for problem in report.problems for verdict in problem.verdicts]
    faults = [verdict.message for verdict in verdicts if verdict.outcome is Outcome.GRADER_ERROR]
    if faults:
        yield f"the grader has a fault: {faults}"


def honest(folder: Path) -> Path:
    """A submission that solves both problems."""
    folder.mkdir()
    (folder / "answers.py").write_text(td_error() + layer_norm())
    return folder


def graded(path: Path, slot: Slot, *problems: str) -> Report:
    """The report on what lies at `path`, for these problems, or both."""
    places = bundled().choose(problems or (OTHER, TARGET))
    submission = read_submission(path)
    with remembering(MEMORY):
        return mark(submission, places, slot, seed=SEED, device="cpu", notices=(), progress=None, prove=judge)


def everything_told(report: Report) -> str:
    """What verdicts and notices say."""
    verdicts = (verdict.message for problem in report.problems for verdict in problem.verdicts)
    return "\n".join([*(notice.message for notice in report.notices), *verdicts])


def _comparable(report: Report) -> list[ProblemReport]:
    return [replace(problem, seconds=0.0) for problem in report.problems]


def seen_of_it(zygote: Zygote, before: Mapping[int, str]) -> list[str]:
    """Processes, files, shared memory and keys of an attack's making; `before` are the processes of the zygote."""
    left = [f"a process is left: {what}" for pid, what in running_in(zygote).items() if pid not in before]
    left += [f"the scratch folder holds {entry}" for entry in (zygote._folder / "scratch").glob("child-*")]
    if not before and zygote._folder.exists():
        left.append("the folder of a sandbox that was replaced is still there")
    for place in dict.fromkeys(PLACES):
        with contextlib.suppress(OSError):
            left += [f"{entry} is left" for entry in Path(place).iterdir() if MARK in entry.name]
    for kind in ("shm", "msg", "sem"):
        with contextlib.suppress(OSError):
            rows = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
            left += [f"System V {kind} is left: {row}" for row in rows if row.split()[0] == str(KEY)]
    with contextlib.suppress(OSError):
        left += [f"a key is left: {row}" for row in Path("/proc/keys").read_text().splitlines() if MARK in row]
    return left


def running_in(zygote: Zygote) -> dict[int, str]:
    """Processes of one sandbox, by their environment, their ancestors, or the mark in their command."""
    found: dict[int, str] = {}
    for process in sorted(psutil.process_iter(), key=lambda each: each.pid):
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            is_inside = process.ppid() in found or process.environ().get("HOME", "").startswith(str(zygote._folder))
            if (is_inside or MARK in command) and process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = f"{process.pid} {command}"[:300]
    return found
