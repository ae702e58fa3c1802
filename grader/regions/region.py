"""What a region is: a part of the inputs that cases may lie in or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the inputs, with how to tell whether a case or a sequence of calls lies in it."""

    name: str
    """As a report calls it: `N = 1`, `dones: all are 1`."""

    holds: Callable[[Any], bool]
    """Of a Case for a function, of a Session for a class."""

    is_demanded: bool = False
    """Whether some case has to lie in it; else it is only reported."""


def is_the_choice(value: object, choice: object) -> bool:
    """Whether a number was given as this choice: True is not 1."""
    return type(value) is type(choice) and value == choice
