"""The sandlock backend: Landlock and seccomp, without root and without a container."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import Any

from grader.errors import SandboxError
from grader.run.backend import Isolation, Room
from grader.run.gpu import Gpus
from grader.run.library import hidden_paths, system_paths
from grader.run.limits import GB

LEAST_ABI = 1
"""Oldest Landlock that confines the file system at all."""

SPARE_PROCESSES = 48
"""The zygote counts processes itself and says so kindly; this is the wall behind that."""

SPARE_MEMORY = 8 * GB
"""Likewise for memory: the libraries, the zygote, and several processes of one submission. It counts address space that
can be written to, of which CUDA may take far more than there is memory: with a GPU the zygote's count stands alone."""

_ABI_OF = {"FS_REFER": 2, "FS_TRUNCATE": 3, "NET_TCP": 4, "FS_IOCTL_DEV": 5, "SIGNAL_SCOPE": 6}
_MEANING = {
    "FS_TRUNCATE": "truncating files",
    "NET_TCP": "TCP ports (network access is still refused by seccomp)",
    "FS_IOCTL_DEV": "device ioctls",
    "SIGNAL_SCOPE": "signals to processes outside the sandbox",
    "ABSTRACT_UNIX_SOCKET_SCOPE": "abstract Unix sockets",
}


class SandlockProcess:
    """A zygote under sandlock, with its message pipes."""

    def __init__(self, sandbox: Any, command: list[str]) -> None:
        from sandlock import StdioMode  # noqa: PLC0415 -- Linux only, and only where this backend is used

        try:
            self._process = sandbox.popen(
                command, stdin=StdioMode.PIPED, stdout=StdioMode.PIPED, stderr=StdioMode.PIPED
            )
        except Exception as error:
            raise SandboxError(f"sandlock can't start a process: {error}") from error
        self._ended = False

    @property
    def to_guest(self) -> int:
        """Descriptor to write messages to."""
        return int(self._process.stdin.fileno())

    @property
    def from_guest(self) -> int:
        """Descriptor to read messages from."""
        return int(self._process.stdout.fileno())

    def end(self, *, at_once: bool) -> None:
        """Close the pipes, at which the zygote ends its child; sandlock kills what is left after two seconds."""
        if self._ended:
            return
        self._ended = True
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        if at_once:
            self._process.kill()
        self._process.wait(timeout=2)
        self._process.stderr.close()

    def last_words(self) -> str:
        """The end of its stderr, as far as it has come."""
        descriptor = self._process.stderr.fileno()
        os.set_blocking(descriptor, False)
        try:
            return os.read(descriptor, 1 << 16)[-2000:].decode(errors="replace").strip()
        except BlockingIOError:
            return ""


@dataclass(frozen=True, slots=True)
class Sandlock:
    """Landlock and seccomp around the zygote, and a Landlock domain of its own around every child."""

    isolation: Isolation = Isolation.SANDLOCK
    confines_children: bool = True

    def unavailable(self) -> str | None:
        """Why sandlock can't run here."""
        if sys.platform != "linux":
            return "sandlock runs on Linux only"
        try:
            import sandlock  # noqa: PLC0415 -- absent where it has no wheel
        except (ImportError, OSError) as error:
            return f"sandlock can't be imported: {error}"
        if sandlock.landlock_abi_version() < LEAST_ABI:
            return "this kernel has no Landlock"
        return self._failed_probe()

    def _failed_probe(self) -> str | None:
        """Why a process that does nothing can't be run: containers may forbid what sandlock asks of the kernel."""
        from sandlock import Protection, Sandbox  # noqa: PLC0415 -- Linux only

        degraded = [Protection[name] for name in self._missing()]
        try:
            tried = Sandbox(fs_readable=system_paths(), allow_degraded=degraded).run(["true"], timeout=20)
        except Exception as error:  # noqa: BLE001 -- whatever it raises, it can't be used here
            return f"sandlock can't run a process here: {error}"
        return None if tried.success else f"sandlock can't run a process here: {tried.error or tried.exit_code}"

    def notices(self) -> tuple[str, ...]:
        """What this kernel's Landlock can't enforce."""
        missing = [_MEANING[name] for name in self._missing() if name in _MEANING]
        if not missing:
            return ()
        return (f"This kernel's Landlock is older than the sandbox needs; not enforced: {', '.join(missing)}.",)

    def _missing(self) -> list[str]:
        import sandlock  # noqa: PLC0415 -- Linux only

        abi = sandlock.landlock_abi_version()
        floors = {**_ABI_OF, "ABSTRACT_UNIX_SOCKET_SCOPE": 6}
        return [name for name, floor in floors.items() if abi < floor]

    def start(self, command: list[str], environment: dict[str, str], room: Room) -> SandlockProcess:
        """Start the command in a sandbox that can write to the scratch folder and its GPUs only and has no network."""
        from sandlock import Protection, Sandbox  # noqa: PLC0415 -- Linux only

        gpus = room.gpus or Gpus()
        sandbox = Sandbox(
            fs_readable=[*system_paths(), *room.readable, *gpus.readable],
            fs_writable=[str(room.scratch), os.devnull, *gpus.devices],
            fs_denied=hidden_paths(),
            max_processes=room.limits.processes + SPARE_PROCESSES,
            max_memory=None if room.gpus else room.limits.memory + SPARE_MEMORY,
            clean_env=True,
            env=environment,
            cwd=str(room.scratch),
            no_coredump=True,
            allow_degraded=[Protection[name] for name in self._missing()],
        )
        return SandlockProcess(sandbox, command)
