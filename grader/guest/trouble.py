"""Describes an exception of the submission as plain, bounded data: type, message, and the student's own line."""

from __future__ import annotations

import errno
import linecache
import os
import traceback
from typing import Any

Trouble = dict[str, Any]
LONGEST = 1000


def described(error: BaseException, folder: str) -> Trouble:
    """Type, message, and the innermost line of the student's code; `folder` is where the submission lies."""
    place = _innermost(error, folder)
    return {"type": _type_name(error), "message": _message(error), **place}


def _type_name(error: BaseException) -> str:
    if "can't allocate memory" in _message(error):
        return "MemoryError"
    if isinstance(error, OSError) and _was_one_too_many(error):
        return "OSError"
    return type(error).__name__[:100]


def _message(error: BaseException) -> str:
    """str() of a hostile exception may itself raise."""
    if isinstance(error, OSError) and _was_one_too_many(error):
        return "too many open files"
    try:
        return str(error)[:LONGEST]
    except BaseException:
        return "(its message can't be shown)"


def _was_one_too_many(error: OSError) -> bool:
    """Whether a file could not be opened for lack of descriptors only.

    sandlock opens on behalf of the process and then says "permission denied" for that too; by now the descriptors
    are free again, so what was really forbidden still is and what wasn't isn't.
    """
    if error.errno == errno.EMFILE:
        return True
    if error.errno != errno.EACCES or not isinstance(error.filename, str):
        return False
    try:
        os.close(os.open(error.filename, os.O_RDWR))
    except OSError:
        return False
    return True


def _innermost(error: BaseException, folder: str) -> Trouble:
    if isinstance(error, SyntaxError) and error.filename:
        return {"path": _shown(error.filename, folder), "line": error.lineno, "code": (error.text or "").strip()[:200]}
    place: Trouble = {"path": None, "line": None, "code": None}
    for frame, line in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if filename.startswith(folder) or ".ipynb, cell " in filename:
            code = linecache.getline(filename, line).strip()[:200]
            place = {"path": _shown(filename, folder), "line": line, "code": code or None}
    return place


def _shown(filename: str, folder: str) -> str:
    """The path as the student knows it: relative, without the folder the submission was put into."""
    if not filename.startswith(folder):
        return filename[-200:]
    return os.path.relpath(filename, folder).partition(os.sep)[2].replace(os.sep, "/")[-200:]
