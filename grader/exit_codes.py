"""What the program's exit status means, for scripts and CI."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit status of every command."""

    PASSED = 0
    """Everything passed (or the command has no notion of passing)."""

    FAILED = 1
    """At least one check lost points."""

    INTERRUPTED = 2
    """Ctrl-C."""

    GRADER_ERROR = 3
    """The grader failed, not the submission; no points are lost by that."""

    USAGE = 4
    """The command line asks for something that does not exist."""

    NOTHING_TO_GRADE = 5
    """No answer could be found or read."""
