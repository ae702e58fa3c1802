"""The zygote: imports torch once, then forks a confined child for each submission and relays its frames to the host.

It watches the child's clocks, its processes and its output, ends it and all it started, and says why it ended. It never
looks into the frames it relays.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from typing import Any

from . import frames
from .disk import Disk
from .pace import Pace
from .processes import (
    become_subreaper,
    cpu_seconds,
    descendants,
    forbid_inspection,
    kill_all,
    memory_of,
    waited_seconds,
)
from .removal import remove_tree

TICK = 0.02
"""Seconds between two looks at the child's clocks while a call is running."""

CHUNK = 1 << 16
KEPT_OUTPUT = 1 << 16
"""Bytes of output kept between two calls."""

DRIVER_MEMORY = 1 << 30
"""Bytes of host memory that the driver of a GPU may come to hold in a child after it was made ready there."""


def main() -> None:
    """Import the libraries, report readiness, and serve until the host closes the pipe."""
    settings = json.loads(sys.argv[1])
    host_in, host_out = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which process 1 of a namespace doesn't get from what it forks
    become_subreaper()
    forbid_inspection()
    _import_libraries(settings["confine"])
    if settings["many"]:
        _import_what_some_need()
    gc.collect()
    gc.freeze()  # the collector of a child doesn't touch, and so doesn't copy, the libraries' pages
    _write_all(host_out, frames.message(frames.READY, json.dumps(_versions()).encode()))
    zygote = Zygote(host_in, host_out, settings)
    while zygote.serve_one():
        pass


def _private_pipes() -> tuple[int, int]:
    """Move the pipes to the host away from descriptors 0 and 1, where a stray print would corrupt them."""
    host_in, host_out = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return host_in, host_out


def _import_libraries(confine: bool) -> None:
    """Pay for the imports once. No operation is run that would start a thread pool: threads do not survive a fork."""
    import gymnasium  # noqa: F401 -- imported for the children
    import numpy.random  # noqa: F401 -- likewise
    import safetensors.torch  # noqa: F401 -- likewise
    import torch

    torch.set_num_threads(1)
    from . import child  # noqa: F401 -- likewise

    if confine:
        import sandlock  # noqa: F401 -- likewise


def _import_what_some_need() -> None:
    """What PyTorch imports on the way to following some operations, SymPy among it: a second in half of the children.

    A single check does without: most submissions to a few problems never need it.
    """
    import torch._dynamo
    import torch.fx.experimental.symbolic_shapes  # noqa: F401 -- imported for the children

    from .operations import decompositions

    decompositions()


def _versions() -> dict[str, str]:
    import torch

    return {"python": sys.version.split()[0], "torch": torch.__version__}


HELD = frozenset({"disk", "memory", "processes"})
"""What a child that has answered may be found to hold too much of; of its time no more is counted by then."""


class Zygote:
    """One worker slot: at most one child at a time."""

    def __init__(self, host_in: int, host_out: int, settings: dict[str, Any]) -> None:
        self.host_in, self.host_out = host_in, host_out
        self.settings = settings
        self.spawned = 0
        self.counting = Pace()
        """Of the looks at what a child's processes hold."""

        self.memory = memory_of(os.getpid())
        """That every child has from the start."""

    def serve_one(self) -> bool:
        """Wait for a SPAWN and see that child through to its end; False when the host has gone."""
        received = _read_message(self.host_in)
        if received is None:
            return False
        kind, body = received
        if kind != frames.SPAWN:
            return True  # a message for a child that has ended in the meantime
        self.spawned += 1
        scratch = os.path.join(self.settings["scratch"], f"child-{self.spawned}")
        os.mkdir(scratch)
        return Relay(self, json.loads(body), scratch).run()


class Relay:
    """One child: its socket, its output, its clocks."""

    def __init__(self, zygote: Zygote, limits: dict[str, Any], scratch: str) -> None:
        self.zygote, self.limits, self.scratch = zygote, limits, scratch
        self.socket, theirs = socket.socketpair()
        self.output, output_end = os.pipe()
        self.pid = self._fork(theirs, output_end, scratch)
        theirs.close()
        os.close(output_end)
        self.to_child = bytearray()
        self.printed = bytearray()
        self.printed_total = 0
        self.deadline: dict[str, float] | None = None
        self.ended_for: str | None = None
        self.spent = 0.0
        self.status: int | None = None
        self.next_look = 0.0
        self.waited: float | None = None
        self.disk = Disk(scratch, limits["disk"], limits["files"])
        zygote.counting.wait()
        self.memory = zygote.memory
        self.is_ready = False

    def _fork(self, theirs: socket.socket, output_end: int, scratch: str) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            from .child import live

            live(theirs, output_end, scratch, self.limits, self.zygote.settings)
        finally:
            os._exit(70)

    def run(self) -> bool:
        """Relay until the child has ended; False when the host has gone."""
        self.socket.setblocking(False)
        os.set_blocking(self.output, False)
        with selectors.DefaultSelector() as selector:
            selector.register(self.zygote.host_in, selectors.EVENT_READ)
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self.output, selectors.EVENT_READ)
            host_is_there = self._relay(selector)
        self._end(host_is_there)
        return host_is_there

    def _relay(self, selector: selectors.BaseSelector) -> bool:
        watched = selectors.EVENT_READ
        while True:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.to_child else 0)
            if events != watched and self.socket in selector.get_map():
                selector.modify(self.socket, events)
                watched = events
            for key, mask in selector.select(TICK if self.deadline else 10 * TICK):
                if key.fileobj == self.zygote.host_in:
                    if not self._from_host():
                        return False
                elif key.fileobj == self.output:
                    self._read_output(selector)
                else:
                    self._socket_ready(selector, mask)
            if self.ended_for is None:
                self.ended_for = self._limit_reached()
            if self.ended_for is not None or self._has_exited():
                return True

    def _from_host(self) -> bool:
        received = _read_message(self.zygote.host_in)
        if received is None:
            self.ended_for = "host"
            return False
        kind, body = received
        if kind == frames.DATA:
            self.to_child += body
            self._pass_on()
        elif kind == frames.START:
            self._start_clocks(json.loads(body))
        elif kind == frames.FINISH:
            self.deadline = None
            is_theirs = self.is_ready  # the first request lays out what was handed in
            self._note_memory()
            if is_theirs and self.disk.is_over_now():  # a call may be shorter than the time from one look to the next
                self.ended_for = "disk"
            else:
                self._send_output()
        elif kind == frames.KILL:
            self.ended_for = "host"
        return True

    def _note_memory(self) -> None:
        """After the first request, in which none of the submission's code ran, what a GPU's driver holds is known."""
        if self.zygote.settings["gpu"] and not self.is_ready:
            self.memory = max(self.memory, memory_of(self.pid)) + DRIVER_MEMORY
        self.is_ready = True

    def _start_clocks(self, limits: dict[str, float]) -> None:
        now = time.monotonic()
        self.next_look = now + TICK
        self.waited = None
        self.deadline = {
            "cpu": cpu_seconds(self.pid) + limits["cpu"],
            "wall": now + limits["wall"],
            "longest": now + limits["longest"],
        }

    def _limit_reached(self) -> str | None:
        if self.printed_total > self.limits["output"]:
            return "output"
        now = time.monotonic()
        if self.zygote.counting.is_due(now):  # between two calls as well
            held = self._holds_too_much()
            self.zygote.counting.looked(now, time.monotonic())
            if held is not None:
                return held
        if self.deadline is None or now < self.next_look:
            return None
        self.next_look = now + TICK
        if self.waited is None:
            self.waited = waited_seconds(self.pid)  # not before, for most calls have ended by now
        if cpu_seconds(self.pid) > self.deadline["cpu"]:
            return "cpu"
        if now > self.deadline["longest"]:
            return "wall"
        if now <= self.deadline["wall"]:
            return None
        return "wall" if now - (waited_seconds(self.pid) - self.waited) > self.deadline["wall"] else None

    def _pass_on(self) -> None:
        """Send the child what it has room for; that it has gone is noticed when its socket is read."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            sent = self.socket.send(self.to_child[:CHUNK])
            del self.to_child[:sent]

    def _holds_too_much(self) -> str | None:
        """Processes, memory and disk, of everything that was started; orphans come to this process.

        What is handed in is within the bounds of what may be: too deep a folder is found once it is the submission's.
        """
        running = descendants(os.getpid())
        if len(running) > self.limits["processes"] + 1:
            return "processes"
        if (self.is_ready or not self.zygote.settings["gpu"]) and self._held(running) > self.limits["memory"]:
            return "memory"
        return "disk" if self.is_ready and self.disk.is_over(running) else None

    def _held(self, running: list[int]) -> int:
        """Bytes that the child and what it started hold on top of what it had from the start."""
        had = {self.pid: self.memory}
        return sum(max(0, memory_of(pid) - had.get(pid, self.zygote.memory)) for pid in running)

    def _socket_ready(self, selector: selectors.BaseSelector, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._pass_on()
        try:
            if mask & selectors.EVENT_READ:
                data = self.socket.recv(CHUNK)
                if not data:
                    raise ConnectionResetError
                _write_all(self.zygote.host_out, frames.message(frames.DATA, data))
        except BlockingIOError:
            return
        except ConnectionError:
            self.to_child.clear()
            selector.unregister(self.socket)

    def _read_output(self, selector: selectors.BaseSelector | None = None) -> None:
        while True:
            try:
                data = os.read(self.output, CHUNK)
            except BlockingIOError:
                return
            if not data:
                if selector is not None:
                    selector.unregister(self.output)
                return
            self.printed_total += len(data)
            self.printed += data[: KEPT_OUTPUT - len(self.printed)]
            if self.printed_total > self.limits["output"]:
                return

    def _send_output(self) -> None:
        self._read_output()
        self.spent = max(self.spent, cpu_seconds(self.pid))  # of a child that has ended none is told any more
        body = frames.SPENT.pack(self.spent) + bytes(self.printed)
        _write_all(self.zygote.host_out, frames.message(frames.OUTPUT, body))
        self.printed.clear()
        self.printed_total = 0

    def _has_exited(self) -> bool:
        pid, status, used = os.wait4(self.pid, os.WNOHANG)
        if pid:
            self._note_end(status, used)
        return self.status is not None

    def _note_end(self, status: int, used: resource.struct_rusage) -> None:
        self.status = status
        self.spent = max(self.spent, used.ru_utime + used.ru_stime)

    def _end(self, host_is_there: bool) -> None:
        """Leave nothing of the child behind, then tell the host why it ended."""
        status = self._reap()
        kill_all()
        with contextlib.suppress(OSError):  # what resists is removed by the host, which the sandbox doesn't hold back
            remove_tree(self.scratch)
        try:
            if host_is_there:
                self._drain_socket()
                if self.ended_for in HELD:
                    _write_all(self.zygote.host_out, frames.message(frames.OVER))
                self._send_output()
                _write_all(self.zygote.host_out, frames.message(frames.EXITED, json.dumps(status).encode()))
        finally:
            self.socket.close()
            os.close(self.output)

    def _drain_socket(self) -> None:
        """Relay an answer that was complete before the child ended."""
        while True:
            try:
                data = self.socket.recv(CHUNK)
            except OSError:
                return
            if not data:
                return
            _write_all(self.zygote.host_out, frames.message(frames.DATA, data))

    def _reap(self) -> dict[str, Any]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # the child leads a session of its own; this takes its group along
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self._note_end(*os.wait4(self.pid, 0)[1:])
        assert self.status is not None
        return {"ended_for": self.ended_for, "code": os.waitstatus_to_exitcode(self.status)}


def _read_message(fd: int) -> tuple[bytes, bytes] | None:
    try:
        return frames.read_message(lambda n: _read_exactly(fd, n))
    except EOFError:
        return None


def _read_exactly(fd: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = os.read(fd, count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
