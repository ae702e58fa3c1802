"""The host's end of the prover: starts its process, sends claims, and notices every way it can end.

Graphs come from an untrusted guest, and a proof may take long or much memory in places where nothing interrupts it. So
claims are decided in a process of their own. One that brings it down is undecided, and the next gets a fresh one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from grader.guest.frames import MalformedFrameError, message, read_message
from grader.guest.processes import cpu_seconds
from grader.model.explanation import Explanation, Notation
from grader.model.graph import Graph
from grader.model.proof import Judged, Undecided
from grader.run.library import PROJECT
from grader.run.limits import GB, MB
from grader.run.proof_codec import decode_explanation, decode_judged

if TYPE_CHECKING:
    from grader.model.formula import Claim  # imports SymPy, which a host that only waits for the sandbox can do later

READY = b"R"
"""Prover to host: everything is imported."""
CLAIM = b"C"
"""Host to prover: a pickled claim, of any length."""
WRITE = b"W"
"""Host to prover: a pickled graph, its inputs, its formula and the notation to write both in."""
ANSWER = b"A"
"""Prover to host: the decision or the explanation as JSON."""

OUT_OF_MEMORY = 12
"""Exit status; the number of ENOMEM."""

START_SECONDS = 60.0
"""How long importing SymPy may take: slow disks and cold caches included. It takes 0.4 s."""

PATIENCE = 3.0
"""Wall time is limited to this many times the CPU time, and again to as much for as long as the process gets on."""

GETTING_ON = 1 / 30
"""Share of the CPU time that has to be used in each such span; a process that uses less stands still.

So a busy machine leaves nothing undecided, and at most thirty spans pass: the process ends itself by its CPU time.
"""

LONGEST_STDERR = MB
"""Bytes that the process may print."""

NO_MEMORY = "llocate memory"
"""What FLINT ("Unable to allocate memory") and GMP ("Cannot allocate memory") print before they abort."""

NEEDED = ("sympy", "mpmath", "numpy", "flint")


_STDERR_SHOWN = 2000

T = TypeVar("T")


class NoDecisionError(Exception):
    """There is no answer to a claim; the text says why, as a reason for being undecided."""


class Prover:
    """Decides claims in a process that starts with the first one, or at `start`, and serves until a claim ends it."""

    def __init__(self, seconds: float = 10.0, memory: int = 2 * GB) -> None:
        self._seconds = seconds
        """CPU time of one claim."""

        self._memory = memory
        """Address space on top of what the libraries take, in bytes."""

        self._process: ProverProcess | None = None

    def start(self) -> None:
        """Have a process start, if there is none, without waiting until it is ready."""
        with contextlib.suppress(NoDecisionError):  # the next claim tells why there is none
            self._running()

    def judge(self, claim: Claim) -> Judged:
        """Decide a claim. This comes back within bounds, whatever becomes of the process; at worst it is undecided."""
        try:
            return self._asked(CLAIM, claim, decode_judged)
        except NoDecisionError as error:
            return Judged(Undecided(str(error)))

    def write(
        self, graph: Graph, inputs: Mapping[str, Any], wanted: tuple[Any, ...], notation: Notation
    ) -> Explanation | Undecided:
        """Write a graph and its formula down; or say why not, which comes back within bounds as well."""
        try:
            return self._asked(WRITE, (graph, inputs, wanted, notation), decode_explanation)
        except NoDecisionError as error:
            return Undecided(str(error))

    def _asked(self, kind: bytes, request: object, decode: Callable[[bytes], T]) -> T:
        try:
            answer = self._running().answer(message(kind, pickle.dumps(request)), self._seconds * PATIENCE)
            return decode(answer)
        except RecursionError:
            raise NoDecisionError("the formula is nested too deeply to be handed to the prover") from None
        except MalformedFrameError as error:
            self.close()
            raise NoDecisionError(f"the prover's answer can't be read: {error}") from error
        except BaseException:
            self.close()  # an answer that is still to come would be taken for that to the next request
            raise

    def _running(self) -> ProverProcess:
        if self._process is not None and self._process.has_ended():
            self.close()
        if self._process is None:
            self._process = ProverProcess(self._seconds, self._memory)
        return self._process

    def close(self) -> None:
        """End the process if there is one; a later claim starts another."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def __enter__(self) -> Prover:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class ProverProcess:
    """A started process, in a session of its own: Ctrl-C in the terminal is for the host to handle."""

    def __init__(self, seconds: float, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self._is_ready = False
        try:
            self._socket, theirs = socket.socketpair()
            with theirs, contextlib.ExitStack() as opened:
                opened.enter_context(self._socket)
                self._stderr: IO[bytes] = opened.enter_context(tempfile.TemporaryFile())
                self._process = subprocess.Popen(
                    command(seconds, memory),
                    stdin=theirs.fileno(),
                    stdout=self._stderr,
                    stderr=self._stderr,
                    env=environment(),
                    cwd="/",
                    start_new_session=True,
                )
                opened.pop_all()  # they stay open; end() closes them
        except OSError as error:
            raise NoDecisionError(f"the prover can't be started ({error})") from error

    def answer(self, request: bytes, wall_seconds: float) -> bytes:
        """The answer to a request, as JSON.

        Raises:
            NoDecisionError: none came in time, or the process has ended.
            MalformedFrameError: what came is no answer.
        """
        try:
            self._wait_until_ready()
            patience = _Patience(wall_seconds, self._process.pid, self._seconds * GETTING_ON)
            self._send(request, patience)
            return self._received(ANSWER, patience)
        except TimeoutError:
            raise NoDecisionError(self._late()) from None
        except (EOFError, ConnectionError):
            raise NoDecisionError(self._how_it_ended()) from None

    def _wait_until_ready(self) -> None:
        if self._is_ready:
            return
        try:
            self._received(READY, _Patience(START_SECONDS))
        except TimeoutError:
            raise NoDecisionError(f"the prover did not start within {START_SECONDS:g} s") from None
        self._is_ready = True

    def _send(self, data: bytes, patience: _Patience) -> None:
        view = memoryview(data)
        while view:
            left = patience.left()
            with contextlib.suppress(TimeoutError):
                self._socket.settimeout(left)
                view = view[self._socket.send(view) :]

    def _received(self, expected: bytes, patience: _Patience) -> bytes:
        kind, body = read_message(lambda length: self._read(length, patience))
        if kind != expected:
            raise MalformedFrameError("it came out of turn")
        return body

    def _read(self, length: int, patience: _Patience) -> bytes:
        """Exactly so many bytes; raises EOFError where the process has ended."""
        data = bytearray()
        while len(data) < length:
            left = patience.left()
            with contextlib.suppress(TimeoutError):
                self._socket.settimeout(left)
                part = self._socket.recv(length - len(data))
                if not part:
                    raise EOFError
                data += part
        return bytes(data)

    def has_ended(self) -> bool:
        """Whether the process is no longer there."""
        return self._process.poll() is not None

    def _late(self) -> str:
        return f"it took longer than {self._seconds:g} s to decide"

    def _how_it_ended(self) -> str:
        """Why the process, which has hung up, did so."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        code = self._process.poll()
        if code == -signal.SIGPROF:
            return self._late()
        if code == OUT_OF_MEMORY or NO_MEMORY in self.last_words():  # FLINT and GMP print that, and abort
            return f"it needs more memory than {_size(self._memory)} to decide"
        return f"the prover ended unexpectedly ({_status(code)})"

    def last_words(self) -> str:
        """The end of what it printed; for us, not for students."""
        self._stderr.seek(0)
        return self._stderr.read(LONGEST_STDERR)[-_STDERR_SHOWN:].decode(errors="replace").strip()

    def end(self) -> None:
        """Kill it and whatever it started; it holds nothing that would have to be kept."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._socket.close()
        self._stderr.close()


class _Patience:
    """How long to wait for a process: a span, and another as often as it was getting on in the last."""

    def __init__(self, seconds: float, pid: int | None = None, least: float = 0.0) -> None:
        """`least` is how many CPU seconds a process uses in a span where it gets on; without one there is one span."""
        self._seconds, self._pid, self._least = seconds, pid, least
        self._used = self._now_used()
        self._deadline = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds of this span, more than 0.

        Raises:
            TimeoutError: none are left.
        """
        left = self._deadline - time.monotonic()
        if left > 0:
            return left
        before, self._used = self._used, self._now_used()
        if self._pid is None or self._used - before < self._least:
            raise TimeoutError
        self._deadline = time.monotonic() + self._seconds
        return self._seconds

    def _now_used(self) -> float:
        return 0.0 if self._pid is None else cpu_seconds(self._pid)


def command(seconds: float, memory: int) -> list[str]:
    """The command that starts a prover: nothing is imported from the folder one stands in."""
    return [sys.executable, "-s", "-P", "-m", "grader.run.prover_process", str(seconds), str(memory)]


def environment() -> dict[str, str]:
    """What the process is told: where this `grader` and the libraries lie, one thread, and the same order of sets."""
    pools = ("OMP", "OPENBLAS", "MKL")
    return {
        **{f"{pool}_NUM_THREADS": "1" for pool in pools},
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(PROJECT), *_libraries()])),
        "PYTHONHASHSEED": "0",
    }


def _libraries() -> list[str]:
    specs = (importlib.util.find_spec(name) for name in NEEDED)  # finds a package without importing it
    return [str(Path(spec.origin).resolve().parents[1]) for spec in specs if spec is not None and spec.origin]


def _size(size: int) -> str:
    return f"{size / GB:g} GB" if size >= GB else f"{size / MB:g} MB"


def _status(code: int | None) -> str:
    if code is None:
        return "it hung up"
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"
