"""Why a graph can't be interpreted, named by cause; the messages go on "can't be compared symbolically: …"."""

from __future__ import annotations


class InterpretationError(Exception):
    """The graph was not turned into expressions."""


class Unsupported(InterpretationError):
    """It uses an operation that has no expression, or not for symbolic values."""


class DrawsRandomNumbers(InterpretationError):
    """Its values are not determined by its inputs."""


class NotFinite(InterpretationError):
    """A result is NaN or infinite, or may be, where a number is needed."""


class Malformed(InterpretationError):
    """An operation got arguments that don't fit it: only a forged graph, or a bug of ours, does that."""


class TooLarge(InterpretationError):
    """It takes more memory or time than a graph at a small shape needs."""


def order_dependent(operation: str) -> Unsupported:
    """For what is sorted, and for what picks the position of an extreme value."""
    return Unsupported(f"it uses `{operation}`, whose result depends on the order of symbolic values")


def only_for_numbers(operation: str) -> Unsupported:
    """For what has an exact result for numbers but no useful expression: rounding, remainders, bits."""
    return Unsupported(f"it uses `{operation}` on symbolic values, which has no smooth formula")


def depends_on_values(operation: str) -> Unsupported:
    """For what makes the course of the program depend on values."""
    return Unsupported(f"what it does next depends on a symbolic value (`{operation}`)")
