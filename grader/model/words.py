"""Numbers, and text that comes from a submission, as they stand within a sentence."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """A number as short as it can be without losing what matters: 6 significant digits."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.6g}"


def digits(expected: float, got: float) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to tell them apart."""
    for places in (6, 9, 12, 17):
        pair = f"{expected:.{places}g}", f"{got:.{places}g}"
        if pair[0] != pair[1]:
            return pair
    return number(expected), number(got)


def short(text: str, most: int = 300) -> str:
    """A text that comes from a submission, on one line and no longer than a reader needs."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def at_line(path: str | None, line: int | None, code: str | None) -> str:
    """` at answers.py, line 3: `return x``, for the end of a sentence; empty where the place is not known."""
    at = f" at {path}, line {line}" if path and line else ""
    return at + (f": `{short(code, 120)}`" if code else "")


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def your_result(number: int | None) -> str:
    """`your result`, or which of several: `your second result`."""
    if number is None:
        return "your result"
    return f"your {ORDINALS[number]} result" if number < len(ORDINALS) else f"your result number {number + 1}"
