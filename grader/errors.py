"""Every exception the grader raises on purpose, named by cause.

    GraderError
    ├── UsageError               what was asked for makes no sense (exit code 4)
    ├── NothingToGrade           the submission holds no answer we can look at (exit code 5)
    │   └── UnreadableSubmission the path, archive or folder itself can't be read
    │       └── InaccessibleSubmission  the system doesn't let us read it, which is not the student's doing
    ├── ProblemDefinitionError   a problem file breaks its own rules (our fault)
    ├── SandboxError             the sandbox, not the submission, failed (our fault)
    └── GradebookError           the gradebook can't be read or written any more, or holds what no grader wrote

A student's mistake is never an exception: it is a verdict or a notice.
"""

from __future__ import annotations


class GraderError(Exception):
    """Base of every error the grader raises on purpose; its text is for people."""


class UsageError(GraderError):
    """The command or its options ask for something that does not exist."""


class NothingToGrade(GraderError):
    """There is no answer in what was handed in."""


class UnreadableSubmission(NothingToGrade):
    """The submission as a whole can't be read: missing, truncated, or unsafe to unpack."""


class InaccessibleSubmission(UnreadableSubmission):
    """The system doesn't let us read what was handed in: it has gone, or lacks our permission, or its disk fails."""


class ProblemDefinitionError(GraderError):
    """A problem file is inconsistent with itself."""


class SandboxError(GraderError):
    """The sandbox failed for a reason that is not the submission's."""


class GradebookError(GraderError):
    """An open gradebook can't be read or written: the disk is full, the server gone, a row damaged."""
