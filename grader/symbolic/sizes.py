"""How large expressions are when written out, which is what SymPy's comparisons and traversals of them take.

Expressions share their parts, so that sixty operations can make one whose written form has 2⁶⁰ of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grader.symbolic.refusals import TooLarge

LARGEST_EXPRESSION = 300_000
"""Parts; solutions of assignments have some thousands, three steps of conjugate gradient for 3 unknowns 250,000."""


class Sizes:
    """Measures expressions, each shared part once."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._kept: list[Any] = []
        """Keeps what was measured alive, so that its identity isn't given to something else."""

    def check(self, expressions: Iterable[Any]) -> None:
        """Measure these.

        Raises:
            TooLarge: if one of them is.
        """
        for expression in expressions:
            if self.of(expression) > LARGEST_EXPRESSION:
                raise TooLarge(f"a formula that it computes has more than {LARGEST_EXPRESSION:,} parts")

    def of(self, expression: Any) -> int:
        """The number of parts of an expression, itself included."""
        known = self._known.get(id(expression))
        if known is None:
            known = self._known[id(expression)] = 1 + sum(map(self.of, expression.args))
            self._kept.append(expression)
        return known
