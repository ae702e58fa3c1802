"""The host's end of a zygote: starts it, spawns children, exchanges frames, and notices every way it can end."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.guest import frames
from grader.guest.removal import remove_tree
from grader.run.backend import Backend, GuestProcess, Isolation, Room
from grader.run.folders import Folder
from grader.run.gpu import VISIBLE, Gpus, gpus_here
from grader.run.library import build_library, guest_command, system_paths
from grader.run.limits import Limits
from grader.run.plain import Bubblewrap, Plain
from grader.run.sandlock import Sandlock

START_SECONDS = 120.0
"""How long importing torch may take: slow disks and cold caches included."""

GRACE = 10.0
"""Seconds beyond a call's wall limit after which the zygote itself is taken to hang."""

BACKENDS: dict[Isolation, Backend] = {
    Isolation.SANDLOCK: Sandlock(),
    Isolation.BUBBLEWRAP: Bubblewrap(),
    Isolation.NONE: Plain(),
}

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Ended:
    """The child has ended: for a limit that it reached, or by itself with an exit status (negative: a signal)."""

    ended_for: str | None
    code: int


MOST_REPORTS = 200
"""Of progress during one request; what comes after them counts as the answer, and is none."""

Reply = tuple[dict[str, Any], bytes]

ProgressReport = Callable[[dict[str, Any]], None]
"""Is told what a child says before it answers."""


PREFERRED = "GRADER_SANDBOX"
"""The environment variable that names the sandbox to try first: `bubblewrap` starts two seconds earlier than sandlock,
which watches every file that PyTorch's import opens."""


class GuestGoneError(SandboxError):
    """The zygote has ended or hangs."""


def choose_backend(wanted: Isolation) -> tuple[Backend, tuple[str, ...]]:
    """The backend to use, with notices about what that means.

    Raises:
        SandboxError: a particular isolation was asked for and can't run here.
    """
    if wanted is not Isolation.AUTO:
        backend = BACKENDS[wanted]
        reason = backend.unavailable()
        if reason is not None:
            raise SandboxError(f"--isolation {wanted.value} can't be used: {reason}.")
        return backend, backend.notices()
    reasons: list[str] = []
    for backend in _in_order():
        reason = backend.unavailable()
        if reason is None:
            why = (f"No stronger sandbox can run here: {'; '.join(reasons)}.",) if reasons else ()
            return backend, (*backend.notices(), *why)
        reasons.append(reason)
    raise SandboxError(f"Submissions can't be run on this system: {'; '.join(reasons)}.")


def _in_order() -> list[Backend]:
    """The strongest first, or the sandbox that the environment prefers; no sandbox always comes last."""
    preferred = os.environ.get(PREFERRED)
    *sandboxes, none = BACKENDS.values()
    return [*sorted(sandboxes, key=lambda backend: backend.isolation.value != preferred), none]


class Zygote:
    """A started zygote. It imports torch while the host does other things; `wait_until_ready` ends that."""

    def __init__(self, backend: Backend, limits: Limits, *, gpu: bool = False, many: bool = False) -> None:
        self.limits = limits
        self.backend = backend
        self._place = Folder()
        self._folder = self._place.path
        self._ready = False
        self._has_child = False
        self._buffer = bytearray()
        self._frames = frames.FrameBuffer()
        self._printed = b""
        self.spent = 0.0
        """CPU seconds that the child has used, as far as the zygote has told."""

        try:
            self._process = self._start(gpu, many)
        except BaseException:
            self._place.close()
            raise
        os.set_blocking(self._process.to_guest, False)
        self._readable = selectors.DefaultSelector()
        self._readable.register(self._process.from_guest, selectors.EVENT_READ)

    def _start(self, gpu: bool, many: bool) -> GuestProcess:
        scratch = self._folder / "scratch"
        scratch.mkdir()
        library = self._folder / "library"
        readable = build_library(library)
        gpus = gpus_here(os.environ) if gpu else None
        room = Room(scratch, library, tuple(readable), self.limits, gpus)
        settings = {
            "scratch": str(scratch),
            "confine": self.backend.confines_children,
            "many": many,
            "gpu": gpu,
            "readable": [*system_paths(), *readable, *(gpus.readable if gpus else ())],
            "devices": [*(gpus.devices if gpus else ())],
        }
        return self.backend.start(guest_command(library, json.dumps(settings)), _environment(scratch, gpus), room)

    def wait_until_ready(self) -> None:
        """Wait until the libraries are imported.

        Raises:
            GuestGoneError: it ended or took too long before it was ready.
        """
        if self._ready:
            return
        try:
            kind, _ = self._next_message(time.monotonic() + START_SECONDS)
        except GuestGoneError as gone:
            raise GuestGoneError(f"The sandbox did not start: {self._process.last_words() or gone}") from gone
        if kind != frames.READY:
            raise GuestGoneError("The sandbox did not start: it answered out of turn.")
        self._ready = True

    @property
    def has_started(self) -> bool:
        """Whether it has been ready once."""
        return self._ready

    def spawn(self) -> None:
        """Fork a child for one submission; the one before, if it is still there, is ended."""
        self.wait_until_ready()
        if self._has_child:
            self.end_child()
        self._has_child = True
        with contextlib.suppress(OSError):  # what the zygote may not remove, or lies beside it
            remove_tree(str(self._folder / "scratch"), itself=False)
        self._frames = frames.FrameBuffer()
        self.spent = 0.0
        self._write(frames.message(frames.SPAWN, json.dumps(self.limits.for_guest()).encode()))

    def exchange(
        self, header: dict[str, Any], payload: bytes, seconds: float, progress: ProgressReport | None = None
    ) -> Reply | Ended:
        """Send a request and wait for the reply, or for the child's end.

        `progress` is told what the child says on the way, MOST_REPORTS times at most.

        Raises:
            MalformedFrameError: the child's reply is not a frame within the bounds.
            GuestGoneError: the zygote itself has ended or hangs.
        """
        clocks = self.limits.clocks(seconds)
        start = frames.message(frames.START, json.dumps(clocks).encode())
        self._write(start + frames.data_messages(frames.frame(header, payload)))
        deadline = time.monotonic() + clocks["longest"] + GRACE
        reports = 0
        while True:
            reply = self._frames.take()
            if reply is not None and progress is not None and frames.PROGRESS in reply[0] and reports < MOST_REPORTS:
                reports += 1
                progress(reply[0])
                continue
            if reply is not None:
                ended = self._finish(deadline)
                return reply if ended is None else ended
            kind, body = self._next_message(deadline)
            if kind == frames.DATA:
                self._frames.feed(body)
            elif kind == frames.OUTPUT:
                self._hear(body)
            elif kind == frames.EXITED:
                self._has_child = False
                return _ended(body)

    def _finish(self, deadline: float) -> Ended | None:
        """Stop the clocks and collect what was printed; how the child was ended, if the call went over a limit.

        A child that ends by itself meanwhile is noticed at the next exchange.
        """
        self._write(frames.message(frames.FINISH))
        over = False
        while True:
            kind, body = self._next_message(deadline)
            if kind == frames.OVER:
                over = True
            elif kind == frames.OUTPUT:
                self._hear(body)
                if not over:
                    return None
            elif kind == frames.DATA:
                self._frames.feed(body)
            elif kind == frames.EXITED and over:
                self._has_child = False
                return _ended(body)
            elif kind == frames.EXITED:
                self._buffer = bytearray(frames.message(frames.EXITED, body)) + self._buffer
                return None

    def take_printed(self) -> bytes:
        """What the child has printed since the last time."""
        printed, self._printed = self._printed, b""
        return printed

    def end_child(self) -> None:
        """End the child if there is one, and wait until nothing of it is left.

        Raises:
            GuestGoneError: the zygote itself has ended or hangs.
        """
        self._write(frames.message(frames.KILL))
        deadline = time.monotonic() + GRACE
        while True:
            kind, body = self._next_message(deadline)
            if kind == frames.OUTPUT:
                self._hear(body)
            if kind == frames.EXITED:
                self._has_child = False
                return

    def _hear(self, body: bytes) -> None:
        if len(body) < frames.SPENT.size:
            raise GuestGoneError("The sandbox did not say what its child has used.")
        (self.spent,) = frames.SPENT.unpack_from(body)
        self._printed += body[frames.SPENT.size :]

    def close(self) -> None:
        """End the zygote and remove its folder."""
        self._readable.close()
        self._process.end(at_once=not self._ready)
        self._place.close()

    def _next_message(self, deadline: float) -> tuple[bytes, bytes]:
        while True:
            taken = _take_message(self._buffer)
            if taken is not None:
                return taken
            self._buffer += self._read(deadline)

    def _read(self, deadline: float) -> bytes:
        if not self._readable.select(max(0.0, deadline - time.monotonic())):
            raise GuestGoneError("The sandbox does not answer any more.")
        data = os.read(self._process.from_guest, _CHUNK)
        if not data:
            raise GuestGoneError("The sandbox has ended unexpectedly.")
        return data

    def _write(self, data: bytes) -> None:
        """Write while reading, so that a guest that talks out of turn can't make both sides wait for each other."""
        view = memoryview(data)
        view = view[self._written(view) :]
        if not view:
            return  # as nearly always
        deadline = time.monotonic() + GRACE
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.to_guest, selectors.EVENT_WRITE)
            selector.register(self._process.from_guest, selectors.EVENT_READ)
            while view:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise GuestGoneError("The sandbox does not read any more.")
                for key, _ in ready:
                    if key.fd == self._process.from_guest:
                        self._buffer += self._read(deadline)
                    else:
                        view = view[self._written(view) :]

    def _written(self, view: memoryview) -> int:
        try:
            return os.write(self._process.to_guest, view[:_CHUNK])
        except BlockingIOError:
            return 0
        except BrokenPipeError as error:
            raise GuestGoneError("The sandbox has ended unexpectedly.") from error


class Slot:
    """One worker's place: a zygote that serves submission after submission, replaced when it is gone.

    The first zygote starts at once, so that its imports run while the caller does other things. Where `many`
    submissions are to come it imports more: also what only some of them need.
    """

    def __init__(self, backend: Backend, limits: Limits, *, gpu: bool = False, many: bool = False) -> None:
        self._gpu = gpu
        self._many = many
        self.backend = backend
        self.limits = limits
        self.zygote = self._new_zygote()

    def replace(self) -> None:
        """Close the zygote, whatever state it is in, and start another."""
        self.zygote.close()
        self.zygote = self._new_zygote()

    def _new_zygote(self) -> Zygote:
        return Zygote(self.backend, self.limits, gpu=self._gpu, many=self._many)

    def close(self) -> None:
        """End the zygote."""
        self.zygote.close()

    def __enter__(self) -> Slot:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _take_message(buffer: bytearray) -> tuple[bytes, bytes] | None:
    if len(buffer) < frames.MESSAGE.size:
        return None
    kind, length = frames.MESSAGE.unpack(buffer[: frames.MESSAGE.size])
    if length > frames.LARGEST_MESSAGE:
        raise GuestGoneError("The sandbox sent a message longer than any it should send.")
    end = frames.MESSAGE.size + length
    if len(buffer) < end:
        return None
    body = bytes(buffer[frames.MESSAGE.size : end])
    del buffer[:end]
    return kind, body


def _ended(body: bytes) -> Ended:
    status = frames.parse_header(body)
    return Ended(status["ended_for"], int(status["code"]))


def _environment(scratch: Path, gpus: Gpus | None) -> dict[str, str]:
    """The variables of a zygote: nothing of ours but those that say which GPUs there are, or that there is none."""
    pools = ("OMP", "MKL", "OPENBLAS", "NUMEXPR")
    return {
        **{f"{pool}_NUM_THREADS": "1" for pool in pools},
        "PATH": "/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "USER": "student",
        "LANG": "C.UTF-8",
        "TORCHINDUCTOR_CACHE_DIR": str(scratch),
        **({VISIBLE: ""} if gpus is None else gpus.environment),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS; without it a fork after importing torch may abort
    }
