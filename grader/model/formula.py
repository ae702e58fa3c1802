"""The printed formula of a problem in SymPy, and the small shapes at which functions are compared with it.

A formula is written for a single element of the batch: what its function is handed has the named axes of the signature
and no `...`. It is computed with arrays of SymPy expressions (NumPy arrays of dtype object), exact numbers, and integer
arrays, and knows nothing of PyTorch or of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy

from grader.model.graph import Graph

Shape = tuple[int, ...]
Expressions = Any
"""A NumPy array of dtype object, of SymPy expressions; 0-dimensional for a single one."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A small shape, and the values of every argument that is not symbolic there: numbers, actions, dones, masks."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    """Numbers that are exact as printed (0.75, 1e-5), nested lists for tensors; ±inf is allowed in them."""

    batch: Shape = ()

    def described(self) -> str:
        """`T = 3, γ = 0.75`, as a report names it."""
        sizes = [f"{axis} = {size}" for axis, size in self.sizes.items()]
        batch = [f"batch {self.batch}"] if self.batch else []
        return ", ".join(sizes + batch + [f"{name} = {value}" for name, value in self.values.items()])


@dataclass(frozen=True, slots=True)
class Formula:
    """What is printed in the assignment, as a function over SymPy expressions."""

    latex: str
    """As it is shown to people, without delimiters."""

    values: Callable[..., Any]
    """Takes the signature's arguments, without batch dimensions; gives an expression, nested lists or an array of them
    in the shape of the result (a tuple of these for several results)."""

    instances: tuple[Instance, ...]
    positive: tuple[str, ...] = ()
    """Tensor arguments whose elements are positive: probabilities, standard deviations."""


def every_combination(of: Mapping[str, Iterable[Any]], like: Instance) -> tuple[Instance, ...]:
    """`like` once for each combination of values: how integers and flags, which have few values, are gone through."""
    names = tuple(of)
    return tuple(
        Instance(like.sizes, {**like.values, **dict(zip(names, chosen, strict=True))}, like.batch)
        for chosen in product(*of.values())
    )


def flags(length: int) -> Iterable[list[float]]:
    """Every vector of zeros and ones of this length."""
    return ([float(bit) for bit in bits] for bits in product((0, 1), repeat=length))


def exact(value: float) -> sympy.Expr:
    """A number as it is printed: 0.1 is 1/10, and not the binary number next to it."""
    if value in (float("inf"), float("-inf")):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Rational(Fraction(repr(value)) if isinstance(value, float) else value)


def symbols(name: str, shape: Shape, *, positive: bool = False) -> Expressions:
    """An array of symbols `x_{0,1}`; a 0-dimensional one holds the plain name."""
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        label = f"{name}_{{{','.join(map(str, index))}}}" if index else name
        array[index] = sympy.Symbol(label, positive=True) if positive else sympy.Symbol(label, real=True)
    return array


class Constant(sympy.Function):  # type: ignore[misc]  # SymPy has no types
    """A value that is not differentiated: what `detach()` gives. Everywhere else it is what stands in it."""

    nargs = 1

    @classmethod
    def eval(cls, argument: sympy.Expr) -> sympy.Expr | None:
        """A number is a constant anyway."""
        return argument if argument.is_number or isinstance(argument, cls) else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:  # noqa: ARG002 -- as SymPy calls it
        """No gradient flows through it."""
        return sympy.S.Zero

    def _eval_is_extended_real(self) -> bool | None:
        known: bool | None = self.args[0].is_extended_real
        return known

    def _eval_is_finite(self) -> bool | None:
        known: bool | None = self.args[0].is_finite
        return known

    def _eval_is_extended_positive(self) -> bool | None:
        known: bool | None = self.args[0].is_extended_positive
        return known

    def _eval_is_extended_negative(self) -> bool | None:
        known: bool | None = self.args[0].is_extended_negative
        return known

    def _sympystr(self, printer: Any) -> str:
        return self._shown(printer._print(self.args[0]), "({})")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = self._shown(printer._print(self.args[0]), r"\left({}\right)")
        return text if exp is None else f"{{{text}}}^{{{exp}}}"

    def _pretty(self, printer: Any) -> Any:
        return printer._print(self.args[0])

    def _shown(self, text: str, in_parentheses: str) -> str:
        """A function's name is never put in parentheses, and a sum needs them."""
        return text if self.args[0].is_Atom or self.args[0].is_Function else in_parentheses.format(text)


def constant(values: Any) -> Any:
    """An expression, or each of an array, that counts as a constant where the formula is differentiated: sg(δ)."""
    array = np.array(values, dtype=object)
    made = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        made[index] = Constant(sympy.sympify(array[index]))
    return made if array.shape else made[()]


@dataclass(frozen=True, slots=True)
class Claim:
    """To be decided: does the graph compute the same as the expressions, or as the other graph?"""

    graph: Graph
    inputs: Mapping[str, Expressions]
    """Symbols for the graph's inputs."""

    wanted: tuple[Expressions, ...] | Graph
    points: tuple[Mapping[str, Any], ...] = ()
    """Nested lists of numbers for the inputs, at which the graph is replayed."""

    almost_everywhere: bool = False
    """Leaves open what happens right where a condition changes: a subgradient."""
