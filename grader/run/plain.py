"""Starts a zygote as a process of its own session: with bubblewrap around it, or with nothing but resource limits."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO

from grader.errors import SandboxError
from grader.run.backend import Isolation, Room
from grader.run.gpu import Gpus
from grader.run.library import hidden_paths, system_paths

SPECIAL = ("/proc", "/dev")
"""bubblewrap makes these itself."""

PROBE_SECONDS = 20.0
"""How long it may take to show that it works."""


class PlainProcess:
    """A subprocess whose stdin and stdout are the message pipes."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: str) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in end()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
        except OSError as error:
            self._stderr.close()
            raise SandboxError(f"{command[0]} can't be started: {error}") from error

    @property
    def to_guest(self) -> int:
        """Descriptor to write messages to."""
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    @property
    def from_guest(self) -> int:
        """Descriptor to read messages from."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def end(self, *, at_once: bool) -> None:
        """Close the pipes, at which the zygote ends its child; then kill what is left of its session."""
        if self._process.returncode is not None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both were opened as pipes
        try:
            self._process.wait(timeout=0 if at_once else 2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._stderr.close()

    def last_words(self) -> str:
        """The end of its stderr."""
        self._stderr.seek(0)
        return self._stderr.read()[-2000:].decode(errors="replace").strip()


@dataclass(frozen=True, slots=True)
class Plain:
    """No confinement beyond resource limits."""

    isolation: Isolation = Isolation.NONE
    confines_children: bool = False

    def unavailable(self) -> str | None:
        """It runs wherever processes fork."""
        return None if hasattr(os, "fork") else "it needs Linux or macOS (on Windows: WSL)"

    def notices(self) -> tuple[str, ...]:
        """That nothing is confined."""
        text = (
            "No sandbox: the submission ran as a plain process with time and size limits. It could read and write "
            "whatever you can, and reach the network. Only grade code you trust this way."
        )
        if sys.platform != "linux":
            text += " Memory, CPU time and the number of processes are not limited on this system."
        return (text,)

    def start(self, command: list[str], environment: dict[str, str], room: Room) -> PlainProcess:
        """Start the command as it is."""
        return PlainProcess(command, environment, str(room.scratch))


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """Namespaces made by `bwrap`: own processes, no network, a file system with only what is needed."""

    isolation: Isolation = Isolation.BUBBLEWRAP
    confines_children: bool = False

    def unavailable(self) -> str | None:
        """Why `bwrap` can't make namespaces here."""
        path = shutil.which("bwrap")
        if path is None:
            return "bubblewrap (bwrap) is not installed"
        probe = [path, "--unshare-all", "--ro-bind", "/", "/", "true"]
        try:
            tried = subprocess.run(probe, capture_output=True, timeout=PROBE_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"bwrap can't be run here: {error}"
        if tried.returncode:
            return f"bwrap can't make namespaces here: {tried.stderr.decode(errors='replace').strip()[:200]}"
        return None

    def notices(self) -> tuple[str, ...]:
        """Everything it promises, it enforces."""
        return ()

    def start(self, command: list[str], environment: dict[str, str], room: Room) -> PlainProcess:
        """Start the command inside fresh namespaces."""
        return PlainProcess([*_bwrap(room), "--", *command], environment, str(room.scratch))


def _bwrap(room: Room) -> list[str]:
    """The zygote is process 1, which what it forks can't signal, and one mount namespace serves every submission of a
    worker: what one could write to outside its scratch folder, the next would find."""
    program = shutil.which("bwrap") or "bwrap"  # the environment that it is given may have another PATH
    options = [program, "--unshare-all", "--cap-drop", "ALL", "--as-pid-1", "--die-with-parent", "--new-session"]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 -- a mount point inside the namespace
    gpus = room.gpus or Gpus()
    shown = dict.fromkeys([*system_paths(), *room.readable, *gpus.readable])
    readable = [path for path in shown if not path.startswith(SPECIAL)]
    for path in readable:
        options += ["--ro-bind", path, path]
    for path in gpus.devices:
        options += ["--dev-bind", path, path]
    hidden = [path for path in hidden_paths() if any(path.startswith(shown + os.sep) for shown in readable)]
    for path in hidden:
        options += ["--tmpfs", path]
    options += ["--bind", str(room.scratch), str(room.scratch)]
    for path in (*hidden, "/tmp", "/dev", "/proc", "/"):  # noqa: S108 -- likewise
        options += ["--remount-ro", path]
    return [*options, "--chdir", str(room.scratch)]
