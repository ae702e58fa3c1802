"""Python numbers that tell how they compare with others: branches on numbers are seen as those on tensors are."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol

from grader.regions.sides import Sides, compared, equated


class Listener(Protocol):
    """Is told of every comparison."""

    def compared(self, operation: str, sides: Sides) -> None:
        """A number was compared with another one, by the code that is being run."""


def watched(value: Any, listener: Listener) -> Any:
    """The number as one that tells `listener`; whatever is no int or float, and truth values, as they are."""
    if type(value) not in (int, float):
        return value
    number = WatchedFloat(value) if type(value) is float else WatchedInt(value)
    number.listener = listener
    return number


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, float) else int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _calculated(calculate: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *others: Any) -> Any:
        if not all(map(_is_number, others)):
            return NotImplemented
        return watched(calculate(_plain(self), *map(_plain, others)), self.listener)

    return method


def _calculated_from_the_right(calculate: Callable[..., Any]) -> Callable[..., Any]:
    return _calculated(lambda right, left: calculate(left, right))


def _compared(name: str, compare: Callable[[Any, Any], bool], tell: Callable[[Any, Any], Sides]) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        if not _is_number(other):
            return NotImplemented
        first, second = _plain(self), _plain(other)
        self.listener.compared(name, tell(first, second))
        return compare(first, second)

    return method


def _methods() -> dict[str, Any]:
    """What a number does, on plain numbers, and the result told or watched."""
    methods: dict[str, Any] = {name: _calculated(getattr(operator, name)) for name in ("__neg__", "__pos__", "__abs__")}
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
        calculate = getattr(operator, name)
        methods[f"__{name}__"] = _calculated(calculate)
        methods[f"__r{name}__"] = _calculated_from_the_right(calculate)
    for name in ("lt", "le", "gt", "ge"):
        methods[f"__{name}__"] = _compared(name, getattr(operator, name), compared)
    for name in ("eq", "ne"):
        methods[f"__{name}__"] = _compared(name, getattr(operator, name), equated)
    return methods


WatchedFloat: Any = type("WatchedFloat", (float,), {**_methods(), "__hash__": float.__hash__})
WatchedInt: Any = type("WatchedInt", (int,), {**_methods(), "__hash__": int.__hash__})
