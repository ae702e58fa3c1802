"""The text of an assignment file, and errors that say where in it something is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from grader.errors import UsageError

MOST_PARSED = 1 << 22
"""Characters that are parsed to find a line: beginnings of the file, each one longer than the one before."""

Key = tuple[str | int, ...]
"""The way to a value: names of keys, and positions in arrays, which count from 0."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read."""

    path: Path
    text: str

    def refused(self, key: Key, said: str) -> UsageError:
        """The error to raise about a key: the file, its line where it is known, the key, and what is wrong."""
        ways = (key[:length] for length in range(len(key), 0, -1))  # a key that is missing lies in a table
        line = next((line for line in (line_of(self.text, way) for way in ways) if line is not None), None)
        where = f"{self.path}, line {line}" if line is not None else str(self.path)
        return UsageError(f"{where}, `{written(key)}`: {said}")

    def tables(self) -> dict[str, Any]:
        """What the file holds.

        Raises:
            UsageError: it is not TOML; the message names line and column.
        """
        try:
            return tomllib.loads(self.text)
        except RecursionError as error:
            raise UsageError(f"{self.path} can't be read: it is nested too deeply.") from error
        except ValueError as error:  # not all that tomllib raises are errors of its own
            raise UsageError(f"{self.path} can't be read as TOML: {error}.") from error


def written(key: Key) -> str:
    """`problem.layer_norm.forbidden[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")


def line_of(text: str, key: Key) -> int | None:
    """The line where the statement begins that brings a key in, counted from 1; None for a key that is not there.

    None, too, in a file so long that the search would take minutes.

    TOML's parser tells no positions. A file that is cut off after a statement is a valid file, so the statement looked
    for begins where the longest such beginning without the key ends.
    """
    lines = StringIO(text).readlines()  # TOML knows fewer ends of lines than Python does
    if len(lines) * len(text) > 2 * MOST_PARSED:
        return None
    begins = 1
    for end in range(1, len(lines) + 1):
        try:
            parsed = tomllib.loads("".join(lines[:end]))
        except (ValueError, RecursionError):
            continue
        if _holds(parsed, key):
            return begins
        begins = end + 1
    return None


def _holds(value: Any, key: Key) -> bool:
    for part in key:
        match value, part:
            case dict(), str() if part in value:
                value = value[part]
            case list(), int() if part < len(value):
                value = value[part]
            case _:
                return False
    return True
