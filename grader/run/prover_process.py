"""The prover: decides claims one after the other in a process of its own, within bounds on time and memory.

Stdin is a socket: pickled claims come in from the host, which is trusted, and decisions go out as JSON. A claim that
takes too long or needs too much ends the process, and the host can tell by how it ended. Nothing here imports torch.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from sympy.core.cache import clear_cache

from grader.guest.frames import LARGEST_MESSAGE, MESSAGE, message
from grader.model.proof import Judged, Undecided
from grader.run.proof_codec import encode_explanation, encode_judged
from grader.run.prover import ANSWER, CLAIM, LONGEST_STDERR, OUT_OF_MEMORY, READY
from grader.symbolic.explanation import explain
from grader.symbolic.judge import judge
from grader.symbolic.refusals import InterpretationError

STACK = 512 << 20
"""Bytes: expressions are as deep as a graph is long, and SymPy's recursion passes through C."""

LONG = 0.5
"""CPU seconds. With SymPy's cache emptied after every claim, ordinary ones take twice the time."""

LONGEST_DETAIL = 300


def main() -> None:
    """Decide claims until the host hangs up, each within `seconds` of CPU time; `memory` bytes are for all together."""
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    threading.stack_size(STACK)
    thread = threading.Thread(target=_serve, args=(socket.socket(fileno=0), seconds, memory))
    thread.start()
    thread.join()


def _serve(host: socket.socket, seconds: float, memory: int) -> None:
    _limit(memory)
    with host, host.makefile("rb") as stream:
        host.sendall(message(READY))
        while (request := _next_request(stream)) is not None:
            signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends the process
            answer = _answer(*request)
            left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
            host.sendall(message(ANSWER, answer))
            if seconds - left > LONG:
                clear_cache()  # large expressions in it would take memory from the claims that follow


def _next_request(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    head = stream.read(MESSAGE.size)
    if len(head) < MESSAGE.size:
        return None
    kind, length = MESSAGE.unpack(head)
    body = stream.read(length)
    return (kind, body) if len(body) == length else None


def _answer(kind: bytes, body: bytes) -> bytes:
    undecided = _undecided if kind == CLAIM else _not_written
    try:
        request = pickle.loads(body)  # noqa: S301 -- the host wrote it
        answer = encode_judged(judge(request)) if kind == CLAIM else encode_explanation(explain(*request))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except InterpretationError as error:
        return undecided(str(error))
    except Exception as error:  # noqa: BLE001 -- a bug of ours must not look like a long proof
        return undecided(f"the prover itself failed ({type(error).__name__}: {str(error)[:LONGEST_DETAIL]})")
    return answer if len(answer) <= LARGEST_MESSAGE else undecided("the answer is too long to be told")


def _undecided(reason: str) -> bytes:
    return encode_judged(Judged(Undecided(reason)))


def _not_written(reason: str) -> bytes:
    return encode_explanation(Undecided(reason))


def _limit(memory: int) -> None:
    for name, value in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", LONGEST_STDERR),
        ("RLIMIT_AS", memory + _virtual_size()),
    ):
        # a system may lack a limit or refuse to lower it (macOS has no working RLIMIT_AS)
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (value, value))


def _virtual_size() -> int:
    """Bytes of address space in use now: the interpreter, the libraries and the stack."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 33


if __name__ == "__main__":
    main()
