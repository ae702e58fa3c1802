"""Describes an exception of the submission as plain, bounded data: type, message, and the student's own line."""

from __future__ import annotations

import builtins
import errno
import json
import linecache
import os
import traceback
from typing import Any

Trouble = dict[str, Any]
LONGEST = 1000
OUT_OF_MEMORY = ("can't allocate memory", "CUDA out of memory")
"""In PyTorch's messages about memory of either kind."""

HIDDEN = "(its message can't be shown)"


def described(error: BaseException, folder: str) -> Trouble:
    """Type, message, and the innermost line of the student's code; `folder` is where the submission lies.

    All of a hostile exception may raise, or be something else than what it should be.
    """
    try:
        told = {"type": _type_name(error), "message": _message(error), **_innermost(error, folder)}
        told["kinds"] = _kinds(error)
        json.dumps(told)
    except BaseException:
        return {"type": "Exception", "message": HIDDEN, "path": None, "line": None, "code": None, "kinds": []}
    return told


def _type_name(error: BaseException) -> str:
    if any(sign in _message(error) for sign in OUT_OF_MEMORY):
        return "MemoryError"
    if isinstance(error, OSError) and _was_one_too_many(error):
        return "OSError"
    return type(error).__name__[:100]


def _kinds(error: BaseException) -> list[str]:
    """Python's own exceptions among the classes that it is an instance of."""
    real: Any = type.__dict__["__mro__"]  # a metaclass of the student's own may pretend to have another
    classes: tuple[type, ...] = real.__get__(type(error))
    return [kind.__name__ for kind in classes if vars(builtins).get(kind.__name__) is kind]


def _message(error: BaseException) -> str:
    """What str() gives, as an ordinary string: of a class of the student's own that may be, and do, anything."""
    if isinstance(error, OSError) and _was_one_too_many(error):
        return "too many open files"
    try:
        return str.__getitem__(str(error), slice(LONGEST))
    except BaseException:
        return HIDDEN


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
    real: Any = BaseException.__dict__["__traceback__"]  # a class of the student's own may pretend to have another
    for frame, line in traceback.walk_tb(real.__get__(error)):
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
