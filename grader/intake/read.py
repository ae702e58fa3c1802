"""Reads what a student handed in, whatever its form, into a Submission; nothing of it is executed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.errors import InaccessibleSubmission, NothingToGrade
from grader.intake.bounds import DEFAULT_BOUNDS, Bounds, size_text
from grader.intake.code import Code, no_code
from grader.intake.gather import gather, gather_together
from grader.intake.gathered import Gathered, own_name
from grader.intake.layout import root_name, source_files
from grader.intake.notebook import read_notebook
from grader.intake.paths import NOTEBOOK_SUFFIX, SCRIPT_SUFFIX, is_nested_archive, is_source
from grader.intake.python_source import read_script
from grader.intake.text import enumerated, printable, quoted
from grader.model.submission import FileKind, Notice, Submission, SubmittedFile


def read_submission(path: Path, *, bounds: Bounds = DEFAULT_BOUNDS) -> Submission:
    """Read a folder, `.py` file, notebook or archive.

    What can't be read inside it is named in the notices; the rest is still read.

    Args:
        path: what was handed in.
        bounds: how much of it is read.

    Raises:
        UnreadableSubmission: the path doesn't exist, can't be opened, or is damaged, unsafe or of another type.
        NothingToGrade: there is no Python code in it that can be read.
    """
    return _submission(own_name(path), gather(path, bounds), bounds)


def read_files(name: str, files: Sequence[tuple[str, Path]], *, bounds: Bounds = DEFAULT_BOUNDS) -> Submission:
    """Read several files that were handed in together as one submission.

    Archives and folders among them are read into folders of their own; a file whose name another one has is read
    under a new name. What can't be read is named in the notices; the rest is still read.

    Args:
        name: what the report calls the submission.
        files: for each the name that the student gave it, and where it lies.
        bounds: how much of all of them is read.

    Raises:
        UnreadableSubmission: there is only one, and it can't be read.
        NothingToGrade: there is no Python code in them that can be read.
    """
    return _submission(name, gather_together(files, bounds), bounds)


def _submission(name: str, gathered: Gathered, bounds: Bounds) -> Submission:
    codes = _codes(gathered.files, bounds)
    notices = gathered.notices + _nested_archives(gathered) + tuple(note for code in codes for note in code.notices)
    readable = [code for code in codes if code.units]
    if not readable:
        raise (InaccessibleSubmission if gathered.unread else NothingToGrade)(_nothing(name, gathered, notices))
    root = root_name(gathered.folder)
    sources = source_files(root, readable, [file.path for file in gathered.files])
    return Submission(printable(name), root, sources, gathered.files, _capped(notices, bounds), gathered.unread)


def _codes(files: tuple[SubmittedFile, ...], bounds: Bounds) -> list[Code]:
    """Read the Python files, shallow ones first, until there is too much code; return them in the files' order."""
    codes: dict[str, Code] = {}
    total = 0
    sources = [file for file in files if is_source(file.path)]
    for file in sorted(sources, key=lambda file: (file.path.count("/"), file.path)):
        if total > bounds.total_code_bytes:
            codes[file.path] = _left_unread(file, bounds)
            continue
        codes[file.path] = _code(file, bounds)
        total += sum(len(unit.source) for unit in codes[file.path].units)
    return [codes[file.path] for file in sources]


def _code(file: SubmittedFile, bounds: Bounds) -> Code:
    return (read_notebook if _kind(file) is FileKind.NOTEBOOK else read_script)(file, bounds)


def _kind(file: SubmittedFile) -> FileKind:
    return FileKind.NOTEBOOK if file.path.lower().endswith(NOTEBOOK_SUFFIX) else FileKind.SCRIPT


def _left_unread(file: SubmittedFile, bounds: Bounds) -> Code:
    message = f"Your submission has more than {size_text(bounds.total_code_bytes)} of code; this file is not read."
    return no_code(file.path, _kind(file), Notice(message, printable(file.path)))


def _nested_archives(gathered: Gathered) -> tuple[Notice, ...]:
    message = (
        "This is an archive inside your submission, and it isn't unpacked. If answers are in it, hand them in directly."
    )
    return tuple(Notice(message, printable(file.path)) for file in gathered.files if is_nested_archive(file.path))


def _capped(notices: tuple[Notice, ...], bounds: Bounds) -> tuple[Notice, ...]:
    if len(notices) <= bounds.notices:
        return notices
    more = Notice(f"There are {len(notices) - bounds.notices:,} more notices like these.")
    return (*notices[: bounds.notices], more)


def _nothing(name: str, gathered: Gathered, notices: tuple[Notice, ...]) -> str:
    """Say why there is nothing to grade: no Python file at all, or none that can be read."""
    handed_in = quoted(name)
    if any(is_source(file.path) for file in gathered.files):
        found = "none of its Python files can be read"
        remedy = "Mend what is named below and hand in again."
    else:
        names = enumerated([quoted(file.path) for file in gathered.files])
        found = f"it has only {names}" if names else "it is empty"
        remedy = f"Hand in your answers as {SCRIPT_SUFFIX} or {NOTEBOOK_SUFFIX} files."
    reasons = [f"  {notice}" for notice in notices[:10]]
    return "\n".join([f"There is nothing to grade in {handed_in}: {found}. {remedy}", *reasons])
