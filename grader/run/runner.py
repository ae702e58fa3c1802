"""Puts calls to one submission: loads it into a fresh child, and again into another whenever one has ended."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from grader.errors import SandboxError
from grader.guest.frames import MalformedFrameError
from grader.model.exchange import (
    Acting,
    ActingOutcome,
    Call,
    Observation,
    Raised,
    RecallingOutcome,
    Session,
    SessionOutcome,
    Stopped,
    StopReason,
    TimingOutcome,
    Trace,
    Traced,
    Training,
    TrainingOutcome,
    Untraceable,
    Unusable,
)
from grader.model.submission import FileKind, Notice, SourceFile, Submission
from grader.model.timing import Recalling, Spent, Timing
from grader.run.codec import decode_reply, encode_call, text, whole_number
from grader.run.endings import WORDS, stop_reason
from grader.run.gpu import unreachable
from grader.run.graph_codec import decode_trace, encode_trace
from grader.run.limits import Limits
from grader.run.session_codec import decode_session, encode_session
from grader.run.timing_codec import decode_recalling, decode_timing, encode_recalling, encode_timing
from grader.run.training_codec import (
    decode_acting,
    decode_progress,
    decode_training,
    encode_acting,
    encode_training,
)
from grader.run.zygote import Ended, GuestGoneError, ProgressReport, Reply, Slot

KEPT_OUTPUT = 1 << 16
"""Characters of output kept for one problem."""

MOST_NOTICES = 5
"""Errors of one file that are told; the rest follow from them."""

MOST_REPLACEMENTS = 5
"""A submission that has brought down the sandbox itself more often than this isn't called any more."""

MOST_STOPPED_UNITS = 5
"""After this many files or cells that had to be stopped, what follows the last of them is left out as well."""

Answered = TypeVar("Answered")

Watch = Callable[[Training, int, float | None], None]
"""Is told how a training goes: steps taken, and the mean return of the episodes that ended lately."""

FileUnit = tuple[str, int]
"""Path of a source file and the number of the unit in it."""


GPU_FAILED = "gpu_failed"
"""Key of an answer after which the child can't use the GPU any more; says why."""

GPU_SECONDS = 60.0
"""CPU seconds that the first use of the GPU in a process may take, before the submission's clocks run."""

LOADING = frozenset({"lay_out", "execute", "resolve"})
"""Kinds of requests that belong to no problem."""

UNCOUNTED = frozenset({"train", "time", "recall"})
"""Kinds that have a limit of their own, and count against no other."""


@dataclass(slots=True)
class Account:
    """Seconds that were spent."""

    cpu: float = 0.0
    wall: float = 0.0

    def is_over(self, seconds: float, patience: float) -> bool:
        """Whether more CPU seconds were spent than these, or so many wall seconds that sleeping is no way around it."""
        return self.cpu > seconds or self.wall > seconds * patience


@dataclass
class Loaded:
    """What loading the submission showed; filled once, however often it is loaded again."""

    types: Mapping[str, str] = field(default_factory=dict)
    """For every wanted name: `function`, `missing`, or the type of what is there instead."""

    notices: tuple[Notice, ...] = ()


class Runner:
    """One submission in the sandbox."""

    def __init__(
        self,
        slot: Slot,
        submission: Submission,
        answers: Mapping[str, SourceFile],
        device: str = "cpu",
        *,
        in_step: bool = True,
    ) -> None:
        """For `cuda` the slot has to show the GPUs; `in_step` has operations on them end before the next line runs."""
        self._slot = slot
        self._laying_out = {"kind": "lay_out", "device": device, "in_step": in_step}
        self._submission = submission
        self._answers = answers
        self._stopped_units: dict[FileUnit, Stopped] = {}
        self._killed_units: set[FileUnit] = set()
        self._alive = False
        self._number = 0
        self._printed = ""
        self._replacements = 0
        self._whole = Account()
        self._problem = Account()
        self._latest = Account()

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._slot.limits

    def load(self) -> Loaded:
        """Execute the files that hold answers; a unit that ends the child is left out and the rest loaded anew.

        Raises:
            SandboxError: the sandbox can't even hold the files.
        """
        while True:
            self._end_child()
            notices = self._try_loading()
            if notices is not None:
                break
        types = self._resolved()
        return Loaded({name: types.get(name, "missing") for name in self._answers}, (*notices, *self._unit_notices()))

    def _resolved(self) -> dict[str, str]:
        """What the wanted names are bound to, as far as the child says so in the way it should."""
        wanted = {name: source.path for name, source in self._answers.items()}
        reply = self._exchange({"kind": "resolve", "names": wanted}, b"", self.limits.load_seconds)
        types = None if isinstance(reply, Ended | MalformedFrameError) else reply[0].get("types")
        if not isinstance(types, dict):
            return {}
        return {name: text(kind) or "missing" for name, kind in types.items()}

    def _try_loading(self) -> list[Notice] | None:
        """Load everything but the units known to end the child; None when another one did."""
        self._spawn()
        notices: dict[str, list[Notice]] = {}
        for source, number in self._units():
            if (source.path, number) in self._stopped_units:
                continue
            most = self.limits.submission_seconds
            if self._whole.is_over(most, self.limits.patience):
                text = f"Loading this submission took longer than {most:g} s; the rest was left out."
                notices.setdefault(source.path, []).insert(0, Notice(text, source.path))
                break
            reply = self._execute(source, number)
            if _was_killed(reply) and (source.path, number) not in self._killed_units:
                self._killed_units.add((source.path, number))
                return None
            if isinstance(reply, Ended | MalformedFrameError):
                self._stopped_units[(source.path, number)] = self._stopped(reply, self.limits.load_seconds)
                return None
            if GPU_FAILED in reply[0]:
                self._stopped_units[(source.path, number)] = _stopped_by_gpu(reply[0])
                return None
            told = _trouble_notices(reply[0].get("problems"), source.path, source.units[number].label)
            notices.setdefault(source.path, []).extend(told)
        return [notice for of_file in notices.values() for notice in of_file[:MOST_NOTICES]]

    def _units(self) -> list[tuple[SourceFile, int]]:
        """What to execute, in order: the files that hold answers, up to where loading was given up."""
        wanted = {source.path for source in self._answers.values()}
        sources = [source for source in self._submission.sources if source.path in wanted]
        units = [(source, number) for source in sources for number in range(len(source.units))]
        if len(self._stopped_units) < MOST_STOPPED_UNITS:
            return units
        last = max(k for k, (source, number) in enumerate(units) if (source.path, number) in self._stopped_units)
        return units[:last]

    def _spawn(self) -> None:
        root = self._submission.root
        table = json.dumps([[f"{root}/{file.path}", len(file.content)] for file in self._submission.files]).encode()
        payload = table + b"".join(file.content for file in self._submission.files)
        reply: Reply | Ended | MalformedFrameError | None = None
        seconds = max(self.limits.load_seconds, GPU_SECONDS if self._is_on_gpu else 0.0)
        for _ in range(2):  # a zygote that somebody has killed is replaced, once
            try:
                self._slot.zygote.spawn()
            except GuestGoneError:
                if not self._slot.zygote.has_started:
                    raise
                self._replace_zygote()
                continue
            self._alive = True
            reply = self._exchange({**self._laying_out, "table": len(table)}, payload, seconds)
            if not isinstance(reply, Ended | MalformedFrameError):
                self._require_gpu(text(reply[0].get("gpu")))
                return
            self._end_child()
        # none of the submission's code has run yet
        if self._is_on_gpu and isinstance(reply, Ended):
            stopped = self._stopped(reply, seconds)
            self._require_gpu(f"making it ready had to be given up: {WORDS[stopped.reason].format(stopped.detail)}")
        raise SandboxError(f"The sandbox could not be prepared for the submission. {self.take_printed()[-500:]}")

    @property
    def _is_on_gpu(self) -> bool:
        return self._laying_out["device"] == "cuda"

    def _require_gpu(self, trouble: str | None) -> None:
        if trouble is not None:
            raise SandboxError(unreachable(self._slot.backend.isolation.value, trouble))

    def _execute(self, source: SourceFile, number: int) -> Reply | Ended | MalformedFrameError:
        request = {
            "kind": "execute",
            "source": {
                "path": source.path,
                "root": self._submission.root,
                "kind": source.kind.value,
                "import_root": source.import_root,
                "module": source.module,
                "label": source.units[number].label,
                "source": source.units[number].source if source.kind is FileKind.NOTEBOOK else "",
            },
        }
        return self._exchange(request, b"", self.limits.load_seconds)

    def ask(self, call: Call) -> Observation:
        """Carry out one call, in a fresh child if the last one has ended."""
        return self._answered(lambda n: encode_call(call, n), lambda reply, n: decode_reply(*reply, call, n))

    def trace(self, trace: Trace) -> Traced | Untraceable | Raised | Stopped | Unusable:
        """Follow the submission's function once, in a fresh child if the last one has ended."""
        return self._answered(lambda n: encode_trace(trace, n), lambda reply, n: decode_trace(reply[0], trace, n))

    def session(self, session: Session) -> SessionOutcome:
        """Make an object of the submission's class and call its methods, in a fresh child if the last one has ended."""
        return self._answered(lambda n: encode_session(session, n), lambda reply, n: decode_session(*reply, session, n))

    def train(self, training: Training, watch: Watch) -> TrainingOutcome:
        """Have the submission train an agent, in a fresh child if the last has ended; `watch` is told on the way."""

        def progress(header: dict[str, Any]) -> None:
            told = decode_progress(header, training)
            if told is not None:
                watch(training, *told)

        return self._answered(
            lambda n: encode_training(training, n),
            lambda reply, n: decode_training(reply[0], training, n),
            self.limits.training_seconds,
            progress,
        )

    def act(self, acting: Acting) -> ActingOutcome:
        """Ask the policy that was trained last; `Unusable` where the child that held it has ended."""
        return self._answered(lambda n: encode_acting(acting, n), lambda reply, n: decode_acting(reply[0], acting, n))

    def time(self, timing: Timing) -> TimingOutcome:
        """Have calls timed, in a fresh child if the last one has ended."""
        return self._answered(
            lambda n: encode_timing(timing, n),
            lambda reply, n: decode_timing(reply[0], timing, n, self._spent()),
            self.limits.problem_seconds,
        )

    def recall(self, recalling: Recalling) -> RecallingOutcome:
        """Ask for what the timed calls gave; `Unusable` where the child that held it has ended."""
        return self._answered(
            lambda n: encode_recalling(recalling, n),
            lambda reply, n: decode_recalling(*reply, recalling, n, self._spent()),
            self.limits.problem_seconds,
        )

    def _spent(self) -> Spent:
        return Spent(self._latest.wall, self._latest.cpu)

    def _answered(
        self,
        encode: Callable[[int], Reply],
        decode: Callable[[Reply, int], Answered],
        seconds: float | None = None,
        progress: ProgressReport | None = None,
    ) -> Answered | Stopped | Unusable:
        """Put one numbered question to the child; the answer, or why there is none."""
        seconds = seconds or self.limits.call_seconds
        if self._replacements > MOST_REPLACEMENTS:
            return Stopped(StopReason.CRASHED, "the sandbox, again and again")
        over = self._over_budget()
        if over is not None:
            return over
        reply = self._asked(encode, seconds, progress)
        if _was_killed(reply):
            reply = self._asked(encode, seconds, progress)
        if isinstance(reply, Ended):
            return self._stopped(reply, seconds)
        if isinstance(reply, MalformedFrameError):
            self._end_child()
            return Unusable(str(reply))
        try:
            answered = decode(reply, self._number)
        except MalformedFrameError as error:
            self._end_child()
            return Unusable(str(error))
        if GPU_FAILED in reply[0]:
            self._end_child()  # whatever it is asked next would fail as well
        return answered

    def _asked(
        self, encode: Callable[[int], Reply], seconds: float, progress: ProgressReport | None
    ) -> Reply | Ended | MalformedFrameError:
        if not self._alive:
            printed = self._printed
            self.load()
            self._printed = printed  # what loading prints was shown when the submission was loaded first
        return self._exchange(*encode(self._number + 1), seconds, progress)

    def next_problem(self) -> None:
        """What comes next concerns another problem, with a budget of its own."""
        self._problem = Account()

    def _over_budget(self) -> Stopped | None:
        """Why nothing more is asked: each call was within its limit, but all of them together are not."""
        limits = self.limits
        if self._problem.is_over(limits.problem_seconds, limits.patience):
            return Stopped(StopReason.CPU, f"{limits.problem_seconds:g} s in all calls for this problem together")
        if self._whole.is_over(limits.submission_seconds, limits.patience):
            return Stopped(StopReason.CPU, f"{limits.submission_seconds:g} s in all that this submission does")
        return None

    def _exchange(
        self, header: dict[str, Any], payload: bytes, seconds: float, progress: ProgressReport | None = None
    ) -> Reply | Ended | MalformedFrameError:
        self._number += 1
        started, before = time.monotonic(), self._slot.zygote.spent
        try:
            reply = self._slot.zygote.exchange({**header, "id": self._number}, payload, seconds, progress)
        except MalformedFrameError as error:
            return error
        except GuestGoneError:
            self._replace_zygote()
            return Ended("sandbox", 0)
        finally:
            self._note(header["kind"], time.monotonic() - started, self._slot.zygote.spent - before)
        self._printed = (self._printed + self._slot.zygote.take_printed().decode(errors="replace"))[:KEPT_OUTPUT]
        if isinstance(reply, Ended):
            self._alive = False
        return reply

    def _note(self, kind: str, wall: float, cpu: float) -> None:
        self._latest = Account(max(0.0, cpu), wall)
        accounts = () if kind in UNCOUNTED else (self._whole,) if kind in LOADING else (self._whole, self._problem)
        for account in accounts:
            account.wall += wall
            account.cpu += max(0.0, cpu)

    def _replace_zygote(self) -> None:
        """The zygote itself is gone: whatever did that is treated as the end of the child."""
        self._alive = False
        self._replacements += 1
        self._slot.replace()

    def _stopped(self, ended: Ended | MalformedFrameError, seconds: float) -> Stopped:
        if isinstance(ended, MalformedFrameError):
            self._end_child()
            return Stopped(StopReason.CRASHED, str(ended))
        return stop_reason(ended, self.limits, seconds)

    def _unit_notices(self) -> list[Notice]:
        notices = []
        if len(self._stopped_units) >= MOST_STOPPED_UNITS:
            text = (
                f"{MOST_STOPPED_UNITS} parts of this submission had to be stopped; what comes after them was left out."
            )
            notices.append(Notice(text))
        for (path, number), stopped in self._stopped_units.items():
            (label,) = (s.units[number].label for s in self._submission.sources if s.path == path)
            what = f"{label} of this notebook" if label else "this file"
            notices.append(Notice(f"Running {what} was stopped: {WORDS[stopped.reason].format(stopped.detail)}. "
                                  "It was left out.", path))  # fmt: skip
        return notices

    def take_printed(self) -> str:
        """What the submission has printed since the last time, capped."""
        printed, self._printed = self._printed, ""
        return printed

    def _end_child(self) -> None:
        if not self._alive:
            return
        self._alive = False
        try:
            self._slot.zygote.end_child()
        except GuestGoneError:
            self._replace_zygote()

    def end(self) -> None:
        """End the child and all it left behind; the next call, if there is one, finds a fresh one."""
        self._end_child()


def _was_killed(reply: Reply | Ended | MalformedFrameError) -> bool:
    """Whether the child, or the zygote with it, was killed, and not by the zygote for a limit.

    The submission may have done that, or the system for want of memory, or anybody else: once is no evidence.
    """
    if not isinstance(reply, Ended):
        return False
    return reply.ended_for == "sandbox" or (reply.ended_for is None and reply.code == -signal.SIGKILL)


def _stopped_by_gpu(header: dict[str, Any]) -> Stopped:
    return Stopped(StopReason.GPU, text(header.get(GPU_FAILED)) or "it does not say why")


def _trouble_notices(problems: Any, path: str, label: str) -> list[Notice]:
    """Notices about statements that raised while loading; whatever is not built as it should be is left out."""
    if not isinstance(problems, list):
        return []
    return [_trouble_notice(problem, path, label) for problem in problems if isinstance(problem, dict)]


def _trouble_notice(problem: dict[str, Any], path: str, label: str) -> Notice:
    line = whole_number(problem.get("line"))
    shown = (text(problem.get("path")) or path)[:200]
    missing = text(problem.get("missing"))
    where = shown if not label or label in shown else f"{shown}, {label}"
    if missing is not None:
        name = re.sub(r"[^\w.]", "?", missing)
        return Notice(f"`{name}` is not installed here; the code ran without it.", where, line)
    kind, message = text(problem.get("type")) or "an exception", (text(problem.get("message")) or "")[:300]
    after = "the rest of the cell was skipped, later cells ran" if label else "the statements after it still ran"
    return Notice(f"{kind}: {message} ({after})", where, line)
