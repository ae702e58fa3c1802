"""Reads `assignment.toml`: every key is known and has its type, or one message says what is wrong, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from grader.assignment.model import AssignedLimits, Assignment, Band, Late, Override
from grader.assignment.source import Key, Source
from grader.errors import UsageError

LARGEST = 1 << 20
"""Bytes of a file that is taken for an assignment."""

LARGEST_NUMBER = 1 << 63
"""TOML's own bound; tomllib reads integers of any size."""

DEVICES = ("auto", "cpu", "cuda")
MOST_SECONDS = 3600
MOST_GIGABYTES = 1024
LEAST_POINTS = 0.01
YEARS = range(1970, 3000)
MOST_GRACE = 60 * 24 * 366
"""Minutes: a year."""

Reader = Callable[[Source, Key, Any], Any]
"""Turns a value into what the model holds, or raises a UsageError about its key."""


def read_assignment(path: Path) -> Assignment:
    """Read a file. Whether problems, checks and calls of these names exist is for `choose` and `apply` to say.

    Raises:
        UsageError: there is no such file, it is not TOML, or a key is unknown, missing, or not what it has to be.
    """
    source = Source(path, _text_of(path))
    assignment = Assignment(**_fields(source, (), source.tables(), ASSIGNMENT, needed=("title",)), source=source)
    if assignment.late is not None and assignment.due is None:
        raise source.refused(("late",), "there is no `due`, so nothing can be late. Add the date, or leave this out.")
    return assignment


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is no assignment file: it is larger than a megabyte.")
        return path.read_text(encoding="utf-8-sig")  # some editors put a mark before the first character
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} can't be read: TOML is UTF-8, and byte {error.start} is not.") from error
    except OSError as error:
        raise UsageError(f"The assignment file {path} can't be read: {error.strerror}.") from error


def _fields(
    source: Source, key: Key, table: Any, readers: Mapping[str, Reader], needed: Iterable[str] = ()
) -> dict[str, Any]:
    """The values of a table whose keys are known."""
    if not isinstance(table, dict):
        raise source.refused(key, f"expected a table, and found {_found(table)}.")
    for name in table:
        if name not in readers:
            raise source.refused((*key, name), f"there is no such key.{_meant(name, readers)}")
    for name in needed:
        if name not in table:
            raise source.refused((*key, name), "this key is missing.")
    return {name: readers[name](source, (*key, name), value) for name, value in table.items()}


def _text(source: Source, key: Key, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise source.refused(key, f"expected a text in quotes, and found {_found(value)}.")
    return value


def _number(source: Source, key: Key, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _fits(value):
        raise source.refused(key, f"expected a number, and found {_found(value)}.")
    return value


def _fits(number: float) -> bool:
    return -LARGEST_NUMBER <= number < LARGEST_NUMBER  # neither infinity does, nor NaN


def _number_up_to(largest: float, unit: str) -> Reader:
    def read(source: Source, key: Key, value: Any) -> float:
        number = _number(source, key, value)
        if not 0 < number <= largest:
            raise source.refused(key, f"choose a number of {unit} above 0 and up to {largest}; {number} is not.")
        return number

    return read


def _from_zero(source: Source, key: Key, value: Any) -> float:
    number = _number(source, key, value)
    if number < 0:
        raise source.refused(key, f"expected 0 or more, and found {number}.")
    return number


def _points(source: Source, key: Key, value: Any) -> float:
    number = _number(source, key, value)
    if number < LEAST_POINTS:
        raise source.refused(key, f"points are more than 0, in hundredths; {number} is not. `choose` leaves one out.")
    return number


def _percent(source: Source, key: Key, value: Any) -> float:
    number = _from_zero(source, key, value)
    if number > 100:
        raise source.refused(key, f"a day can't take more than 100 per cent; {number} is more.")
    return number


def _days(source: Source, key: Key, value: Any) -> int:
    number = _from_zero(source, key, value)
    if not isinstance(number, int):
        raise source.refused(key, f"expected a whole number of days, and found {number}.")
    return number


def _grace(source: Source, key: Key, value: Any) -> float:
    number = _from_zero(source, key, value)
    if number > MOST_GRACE:
        raise source.refused(key, f"expected at most a year, {MOST_GRACE} minutes, and found {number}.")
    return number


def _moment(source: Source, key: Key, value: Any) -> datetime:
    written = "write date, time and offset from UTC, without quotes: 2026-12-01T23:59:00+01:00."
    if not isinstance(value, datetime):
        raise source.refused(key, f"expected a moment, and found {_found(value)}; {written}")
    if value.tzinfo is None:
        raise source.refused(key, f"{value.isoformat()} is another moment in every time zone; {written}")
    if value.year not in YEARS:
        raise source.refused(key, f"expected a year from {YEARS[0]} to {YEARS[-1]}, and found {value.year}.")
    return value


def _device(source: Source, key: Key, value: Any) -> str:
    if value not in DEVICES:
        raise source.refused(key, f"expected one of {', '.join(DEVICES)}, and found {_found(value)}.")
    return str(value)


def _texts(source: Source, key: Key, value: Any) -> tuple[str, ...]:
    texts = tuple(_text(source, (*key, i), item) for i, item in enumerate(_array(source, key, value)))
    for i, text in enumerate(texts):
        if text in texts[:i]:
            raise source.refused((*key, i), f"`{text}` is there twice.")
    return texts


def _names(source: Source, key: Key, value: Any) -> tuple[str, ...]:
    """Names of problems, and questions as `"q2"` or 2."""
    numbers = [str(item) if type(item) is int and _fits(item) else item for item in _array(source, key, value)]
    if not numbers:
        raise source.refused(key, "no problem is named. Leave the key out for every problem there is.")
    return _texts(source, key, numbers)


def _folders(source: Source, key: Key, value: Any) -> tuple[Path, ...]:
    return tuple(source.path.parent / text for text in _texts(source, key, value))


def _array(source: Source, key: Key, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise source.refused(key, f"expected an array, […], and found {_found(value)}.")
    return value


def _late(source: Source, key: Key, value: Any) -> Late:
    return Late(**_fields(source, key, value, LATE, needed=("per_day_percent", "most_days")))


def _limits(source: Source, key: Key, value: Any) -> AssignedLimits:
    return AssignedLimits(**_fields(source, key, value, LIMITS))


def _overrides(source: Source, key: Key, value: Any) -> dict[str, Override]:
    if not isinstance(value, dict):
        raise source.refused(key, f"expected a table for each problem, [problem.NAME], and found {_found(value)}.")
    return {name: _override(source, (*key, name), table) for name, table in value.items()}


def _override(source: Source, key: Key, value: Any) -> Override:
    override = Override(**_fields(source, key, value, OVERRIDE))
    if "forbidden_points" in value and not override.forbidden:
        raise source.refused((*key, "forbidden_points"), "nothing is `forbidden` here.")
    if (
        override.forbidden
        and override.points is not None
        and override.forbidden_points > override.points - LEAST_POINTS
    ):
        said = f"the problem is worth {override.points} altogether, so its own checks would be worth nothing."
        raise source.refused((*key, "forbidden_points"), said)
    return override


def _bands(source: Source, key: Key, value: Any) -> tuple[Band, ...]:
    """From fast to slow: what is slower is worth less."""
    bands: list[Band] = []
    for i, table in enumerate(_array(source, key, value)):
        band = Band(**_fields(source, (*key, i), table, BAND, needed=("at_most", "points")))
        if bands and (band.at_most <= bands[-1].at_most or band.points >= bands[-1].points):
            said = "bands go from fast to slow: each has a larger `at_most` and fewer `points` than the one before."
            raise source.refused((*key, i), said)
        bands.append(band)
    return tuple(bands)


ASSIGNMENT: Mapping[str, Reader] = {
    "title": _text,
    "choose": _names,
    "problems": _folders,
    "due": _moment,
    "late": _late,
    "hidden": _texts,
    "device": _device,
    "limits": _limits,
    "problem": _overrides,
}
LATE: Mapping[str, Reader] = {"per_day_percent": _percent, "most_days": _days, "grace_minutes": _grace}
LIMITS: Mapping[str, Reader] = {
    "timeout": _number_up_to(MOST_SECONDS, "seconds"),
    "training": _number_up_to(MOST_SECONDS, "seconds"),
    "memory": _number_up_to(MOST_GIGABYTES, "gigabytes"),
}
OVERRIDE: Mapping[str, Reader] = {
    "points": _points,
    "hidden": _texts,
    "forbidden": _texts,
    "forbidden_points": _from_zero,
    "speed": _bands,
}
BAND: Mapping[str, Reader] = {"at_most": _number_up_to(1000, "times the reference's time"), "points": _points}


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" Did you mean `{close[0]}`?" if close else f" Known here: {', '.join(known)}."


def _found(value: Any) -> str:
    """A value as a message names it."""
    match value:
        case dict():
            return "a table"
        case list():
            return "an array"
        case str():
            return f'"{value}"' if value else "an empty text"
        case bool():
            return str(value).lower()
        case int() if not _fits(value):
            return "a number of more than 64 bits"
        case _:
            return str(value)
