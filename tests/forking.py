"""Commands in processes of their own that start at once: forked from one that has imported PyTorch already.

Importing it takes most of the time that `grader` takes on a small submission, and the tests give hundreds of commands.
What runs is `grader/__main__.py`, or pytest's, with a folder, an environment, streams and an exit code of its own; a
test of how a process starts has to start one.
"""

# ruff: noqa: SIM115 -- streams of a process are open until it ends

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT = 120.0
"""Seconds that a command may take."""


def completed(
    *arguments: object, cwd: Path, env: Mapping[str, str], timeout: float = TIMEOUT, program: str = "grader"
) -> subprocess.CompletedProcess[str]:
    """`grader ARGUMENT…`, or another program, as `python -m` starts it; what it printed, and its exit code.

    Raises:
        subprocess.TimeoutExpired: it takes longer; it has been killed.
    """
    command = [str(argument) for argument in arguments]
    request = {"program": program, "arguments": command, "cwd": str(cwd), "env": dict(env)}
    with tempfile.TemporaryDirectory() as streams:
        out, err = Path(streams) / "out", Path(streams) / "err"
        code = _server().run(request, out, err, timeout)
        said, told = (path.read_bytes().decode("utf-8") for path in (out, err))
    return subprocess.CompletedProcess([program, *command], code, said, told)


class _Server:
    """The process that forks, from this one's side."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._replies: IO[bytes] = self._process.stdout

    def run(self, request: dict[str, Any], out: Path, err: Path, timeout: float) -> int:
        self._requests.write(json.dumps({**request, "out": str(out), "err": str(err)}).encode() + b"\n")
        self._requests.flush()
        pid = self._reply()
        if not select.select([self._replies], [], [], timeout)[0]:
            os.kill(pid, signal.SIGKILL)
            self._reply()
            raise subprocess.TimeoutExpired(request["arguments"], timeout)
        return self._reply()

    def _reply(self) -> int:
        return int(self._replies.readline())

    def end(self) -> None:
        self._requests.close()
        self._process.wait()


@cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.end)
    return server


def _serve() -> None:
    """Fork for every request, one after the other; in the child this raises SystemExit when the command has ended."""
    import grader.assignment.apply
    import grader.commands.check
    import grader.marking
    import grader.report.render  # noqa: F401 -- all that they import is what costs time

    gc.collect()
    gc.freeze()  # what is never collected is never touched, and so not copied for every child
    requests, replies = open(os.dup(0), "rb"), os.dup(1)
    for line in iter(requests.readline, b""):
        pid = os.fork()
        if not pid:
            requests.close()
            os.close(replies)
            _become(json.loads(line))
        os.write(replies, b"%d\n" % pid)
        os.write(replies, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become(request: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    written = os.O_WRONLY | os.O_CREAT
    streams = ((os.devnull, os.O_RDONLY), (request["out"], written), (request["err"], written))
    for number, (path, flags) in enumerate(streams):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), encoding="utf-8", line_buffering=True)
    sys.argv = [request["program"], *request["arguments"]]
    sys.path[0] = request["cwd"]
    runpy.run_module(request["program"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve()
