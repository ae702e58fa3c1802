"""The child: a forked, confined process that holds one submission and answers the host's requests about it."""

from __future__ import annotations

import builtins
import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from . import frames, gpu
from .call import carry_out
from .load import Workspace
from .placeholders import Placeholder
from .powers import give_them_up
from .processes import allow_inspection, die_with
from .sessions import carry_out_session
from .timing import carry_out_recalling, carry_out_timing
from .trace import carry_out_trace
from .training import carry_out_acting, carry_out_training

Request = dict[str, Any]

PIECE = 1 << 20


def live(channel: socket.socket, output: int, scratch: str, limits: dict[str, Any], settings: dict[str, Any]) -> None:
    """Confine this process, then answer requests until the host closes the channel or the zygote ends."""
    zygote = os.getppid()
    os.setsid()
    channel = _keep_only(channel, output)
    allow_inspection()
    _prepare_environment(scratch)
    if settings["confine"]:
        _confine(settings["readable"], [scratch, os.devnull, *settings["devices"]])
    _limit(limits, bounded=not settings["gpu"])
    give_them_up()
    die_with(zygote)
    _serve(channel, Workspace(scratch), limits)
    os._exit(0)


def _keep_only(channel: socket.socket, output: int) -> socket.socket:
    """Point 1 and 2 at the captured output, and close every other descriptor, the host's pipes above all."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    kept = os.dup2(channel.fileno(), 3) if channel.fileno() != 3 else 3
    if kept != channel.fileno():
        channel.close()
    else:
        channel.detach()
    os.closerange(4, 1 << 16)
    return socket.socket(fileno=kept)


def _prepare_environment(scratch: str) -> None:
    os.chdir(scratch)
    folders = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR", *gpu.CACHES), scratch)
    os.environ.update(folders, MPLBACKEND="Agg", USER="student", LOGNAME="student")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    builtins.get_ipython = Placeholder("get_ipython")  # type: ignore[attr-defined]  # notebooks exported to .py call it
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115 -- stays open
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115 -- stays open


def _confine(readable: list[str], writable: list[str]) -> None:
    """A Landlock domain of its own: only the scratch folder and devices are writable, the zygote can't be signalled."""
    from sandlock import Sandbox, confine  # noqa: PLC0415 -- Linux only; the zygote has imported it already

    confine(Sandbox(fs_readable=readable, fs_writable=writable))


def _limit(limits: dict[str, Any], *, bounded: bool) -> None:
    """CUDA reserves more address space than any limit leaves; with a GPU the zygote's count of memory is the bound."""
    for name, value in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", limits["open_files"]),
        ("RLIMIT_FSIZE", limits["file_size"]),
        ("RLIMIT_CPU", limits["lifetime"]),
        *((("RLIMIT_AS", limits["memory"] + _virtual_size()),) if bounded else ()),
    ):
        # a system may lack a limit or refuse to lower it (macOS has no working RLIMIT_AS); the backend says what holds
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), (value, value))


def _virtual_size() -> int:
    """Bytes of address space in use now: the libraries, which don't count against the submission."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 33


def _serve(channel: socket.socket, workspace: Workspace, limits: dict[str, Any]) -> None:
    while True:
        try:
            request, payload = frames.read_frame(lambda n: _receive(channel, n))
        except EOFError:
            return
        answer, tensors = _answer(workspace, request, payload, limits, partial(_tell, channel))
        failed = gpu.failure()
        if failed is not None:
            answer["gpu_failed"] = failed
        _flush()
        _send(channel, frames.frame({**answer, "id": request["id"]}, tensors))


def _tell(channel: socket.socket, progress: dict[str, Any]) -> None:
    """Say how far a request is, before it is answered."""
    _send(channel, frames.frame({frames.PROGRESS: progress}))


def _send(channel: socket.socket, data: bytes) -> None:
    """Send it piece by piece: sandlock refuses to pass on more than 64 MB at once."""
    view = memoryview(data)
    for start in range(0, len(view), PIECE):
        channel.sendall(view[start : start + PIECE])


def _answer(
    workspace: Workspace,
    request: Request,
    payload: bytes,
    limits: dict[str, Any],
    tell: Callable[[dict[str, Any]], None],
) -> tuple[dict[str, Any], bytes]:
    match request["kind"]:
        case "lay_out":
            workspace.lay_out(request["table"], payload)
            trouble = _prepared(request, limits)
            return {"gpu": trouble}, b""
        case "execute":
            return {"problems": workspace.execute(request["source"])}, b""
        case "resolve":
            return {"types": workspace.resolve(request["names"])}, b""
        case "call":
            return carry_out(workspace, request, payload)
        case "trace":
            return carry_out_trace(workspace, request, payload)
        case "session":
            return carry_out_session(workspace, request, payload)
        case "train":
            return carry_out_training(workspace, request, tell)
        case "act":
            return carry_out_acting(workspace, request, payload)
        case "time":
            return carry_out_timing(workspace, request)
        case "recall":
            return carry_out_recalling(workspace, request)
        case other:
            raise ValueError(f"unknown request {other!r}")


def _prepared(request: Request, limits: dict[str, Any]) -> str | None:
    """Make the GPU ready, where there is to be one, before the submission's clocks run; why that can't be, or None."""
    if request["device"] != "cuda":
        return None
    return gpu.prepare(limits["gpu_memory"], in_step=request["in_step"])


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        # a student may have closed or replaced the streams; what can't be flushed is lost, and nothing else
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]  # may be None or anything a student put there


def _receive(channel: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = channel.recv(min(count, PIECE))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
