"""What a student handed in, as data: bytes, code units and where each came from. Nothing here runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FileKind(Enum):
    """How a source file is executed: as one module, or cell by cell."""

    SCRIPT = "script"
    NOTEBOOK = "notebook"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know that is not a verdict."""

    message: str
    """One or two sentences in the second person, without internals."""

    path: str | None = None
    """File inside the submission, with forward slashes, if it concerns one."""

    line: int | None = None
    """Line in that file (or in the named cell) if known; counted from 1."""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}: " if self.path and self.line else f"{self.path}: " if self.path else ""
        return where + self.message


@dataclass(frozen=True, slots=True)
class CodeUnit:
    """Code that is executed in one go: a whole `.py` file, or one notebook cell."""

    label: str
    """`""` for a script, `"cell 3"` for the third code cell (counted from 1 as the student sees code cells)."""

    source: str
    """Python source that is known to parse; notebook magics are already neutralised, line numbers kept."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One `.py` file or notebook, ready to be executed in the sandbox."""

    path: str
    """Path inside the submission, with forward slashes: `src/attention.py`."""

    kind: FileKind
    """Module or notebook."""

    import_root: str
    """Folder that goes on `sys.path`, relative to the folder that *contains* the submission's root folder."""

    module: str
    """Dotted name under `import_root`: `attention`, or `answers.attention` inside a package."""

    units: tuple[CodeUnit, ...]
    """What to execute, in order."""

    binds: tuple[str, ...]
    """Names bound at the top level (def, class, assignment, import), in source order, each once."""

    aliases: tuple[str, ...] = ()
    """Those of `binds` that are only imported from elsewhere: another file's definition comes first."""


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """A file's bytes as handed in; laid out in the sandbox so that imports and `open()` find it."""

    path: str
    """Path inside the submission, with forward slashes."""

    content: bytes
    """Exactly what was handed in."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A whole submission, read but not executed."""

    name: str
    """What the report calls it: the last part of the path handed in."""

    root: str
    """Name of the root folder inside the sandbox: always a Python identifier."""

    sources: tuple[SourceFile, ...]
    """Files that can be executed, sorted by path."""

    files: tuple[SubmittedFile, ...]
    """Every file handed in within the bounds, sources included, sorted by path."""

    notices: tuple[Notice, ...]
    """What could not be read, was left out or was neutralised."""

    unread: tuple[str, ...] = ()
    """Python files and folders of it that the system didn't let us read, which is not the student's doing."""
