"""Reads what a student handed in, whatever its form, into a Submission; nothing of it is executed."""

from __future__ import annotations

import stat
from pathlib import Path

from grader.errors import NothingToGrade, UnreadableSubmission
from grader.intake.archive import read_archive
from grader.intake.bounds import DEFAULT_BOUNDS, Bounds, size_text
from grader.intake.code import Code, no_code
from grader.intake.folder import oversize, read_folder
from grader.intake.gathered import Gathered, own_name, read_at_most, unreadable
from grader.intake.layout import DEFAULT_ROOT, root_name, source_files
from grader.intake.notebook import read_notebook
from grader.intake.paths import NOTEBOOK_SUFFIX, SCRIPT_SUFFIX, is_archive, is_nested_archive, is_source, refusal
from grader.intake.python_source import read_script
from grader.intake.text import enumerated, printable, quoted
from grader.model.submission import FileKind, Notice, Submission, SubmittedFile

ACCEPTED = "a folder, a .py file, a notebook (.ipynb), or a .zip, .tar, .tar.gz or .tgz of these"


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
    gathered = _gathered(path, bounds)
    codes = _codes(gathered.files, bounds)
    notices = gathered.notices + _nested_archives(gathered) + tuple(note for code in codes for note in code.notices)
    readable = [code for code in codes if code.units]
    if not readable:
        raise NothingToGrade(_nothing(path, gathered, notices))
    root = root_name(gathered.folder)
    sources = source_files(root, readable, [file.path for file in gathered.files])
    return Submission(printable(own_name(path)), root, sources, gathered.files, _capped(notices, bounds))


def _gathered(path: Path, bounds: Bounds) -> Gathered:
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        return read_folder(path, bounds)
    if not stat.S_ISREG(mode):
        raise UnreadableSubmission(f"{quoted(path.name)} is not a regular file. Hand in {ACCEPTED}.")
    if is_archive(path.name):
        return read_archive(path, bounds)
    if is_source(path.name):
        return _single_file(path, bounds)
    raise UnreadableSubmission(f"{quoted(path.name)} can't be graded: expected {ACCEPTED}. Hand in one of these.")


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        raise UnreadableSubmission(
            f"{quoted(str(path))} does not exist; expected {ACCEPTED}. Check the path and try again."
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise UnreadableSubmission(f"{quoted(str(path))} can't be the name of a file. Check the path.") from error


def _single_file(path: Path, bounds: Bounds) -> Gathered:
    try:
        content = read_at_most(path, bounds.file_bytes)
    except OSError as error:
        raise unreadable(path, error) from error
    if content is None:
        raise UnreadableSubmission(f"{quoted(path.name)}: {oversize(path.name, bounds)}")
    name = path.name if refusal(path.name) is None else DEFAULT_ROOT + path.suffix
    return Gathered(DEFAULT_ROOT, (SubmittedFile(name, content),), ())


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


def _nothing(path: Path, gathered: Gathered, notices: tuple[Notice, ...]) -> str:
    """Say why there is nothing to grade: no Python file at all, or none that can be read."""
    handed_in = quoted(own_name(path))
    if any(is_source(file.path) for file in gathered.files):
        found = "none of its Python files can be read"
        remedy = "Mend what is named below and hand in again."
    else:
        names = enumerated([quoted(file.path) for file in gathered.files])
        found = f"it has only {names}" if names else "it is empty"
        remedy = f"Hand in your answers as {SCRIPT_SUFFIX} or {NOTEBOOK_SUFFIX} files."
    reasons = [f"  {notice}" for notice in notices[:10]]
    return "\n".join([f"There is nothing to grade in {handed_in}: {found}. {remedy}", *reasons])
