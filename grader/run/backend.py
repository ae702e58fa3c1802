"""Sandbox backends: how a zygote is started so that what it runs can't read, harm or reach anything.

sandlock (Landlock and seccomp) is the default on Linux; bubblewrap (namespaces) where that can't run; a plain process
with resource limits where neither can.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from grader.run.gpu import Gpus
from grader.run.limits import Limits


class Isolation(Enum):
    """Which backend to use; AUTO takes the strongest that works here."""

    AUTO = "auto"
    SANDLOCK = "sandlock"
    BUBBLEWRAP = "bubblewrap"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Room:
    """Where one zygote lives: the folder it may write to, and what it may read."""

    scratch: Path
    library: Path
    readable: tuple[str, ...]
    limits: Limits
    gpus: Gpus | None = None
    """What is shown of the GPUs; none of them where None."""


class GuestProcess(Protocol):
    """A started zygote: descriptors of its pipes, and its end."""

    @property
    def to_guest(self) -> int:
        """Descriptor to write messages to."""

    @property
    def from_guest(self) -> int:
        """Descriptor to read messages from."""

    def end(self, *, at_once: bool) -> None:
        """End it and everything in it, and free what it held; a second call does nothing.

        A zygote that serves gets two seconds to end its child; one that is only starting is killed `at_once`.
        """

    def last_words(self) -> str:
        """What it wrote to stderr, for the message when it failed to start."""


class Backend(Protocol):
    """One way to confine a zygote."""

    @property
    def isolation(self) -> Isolation:
        """Which of the isolations this is."""

    @property
    def confines_children(self) -> bool:
        """Whether each child puts itself into a Landlock domain of its own."""

    def unavailable(self) -> str | None:
        """Why it can't run here, or None where it can."""

    def notices(self) -> tuple[str, ...]:
        """What it does not enforce here, for the report."""

    def start(self, command: list[str], environment: dict[str, str], room: Room) -> GuestProcess:
        """Start the zygote.

        Raises:
            SandboxError: it could not be started.
        """
