"""Cells of tables: numbers and times as text, and strings that come from students and can do nothing there.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, which can fetch and send data (OWASP,
"CSV Injection"). It may also split a line at another separator than the file's, so what follows one counts as a
beginning, with quotes or without: a quote that a cell holds is written twice, which then reads as an empty string.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from grader.model.visible import visible

DIGITS = 4
"""Decimal places of points."""

_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # also as wide as a Chinese character, which some spreadsheets accept
_BEGINS = re.compile(rf'(^|[;,|])(?=[\s"]*[{_FORMULA}\t\r])')
_TOKEN = re.compile(r"[\w.@+\-]+", re.ASCII)


def guarded(text: str) -> str:
    r"""A string as a cell of a table that people open: nothing in it acts, and it stays on one line.

    >>> guarded("=1+1"), guarded("a;=1+1"), guarded("x = 1"), guarded("\t=1")
    ("'=1+1", "a;'=1+1", 'x = 1', "'\\t=1")
    """
    escaped = visible(_BEGINS.sub(r"\1'", text))
    return _BEGINS.sub(r"\1'", escaped)


def exact(text: str) -> str | None:
    """An identity as a cell that a course's system compares with its own, unchanged; None where that isn't safe.

    It is safe where `guarded` has nothing to change, or where it is one word such as `+anna@uni.edu`: a formula without
    brackets, quotes and bars can call nothing.
    """
    return text if guarded(text) == text or _TOKEN.fullmatch(text) else None


def number(value: float | None) -> str:
    """Points with up to four decimal places, always with a decimal point; empty for None."""
    if value is None:
        return ""
    rounded = round(value, DIGITS) + 0.0
    return f"{rounded:.{DIGITS}f}".rstrip("0").rstrip(".")


def moment(time: datetime | None) -> str:
    """A time as in ISO 8601, to the second, with its offset; empty for None."""
    return "" if time is None else time.isoformat(timespec="seconds")


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV (RFC 4180): commas, quotes where needed, CRLF at the ends of lines."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
