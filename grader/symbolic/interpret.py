"""A graph of ATen operations as arrays of SymPy expressions.

Each operation is carried out over a NumPy array of expressions, in the order of the graph. A view is a NumPy view, so
that what is written through it reaches its base, as in PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from grader.model.formula import Expressions
from grader.model.graph import CONSTANT, Argument, Graph, Node, Ref
from grader.symbolic.ops import find
from grader.symbolic.ops.arrays import UNDEFINED, as_array, as_entry, filled, limited_work
from grader.symbolic.refusals import InterpretationError, Malformed, NotFinite, TooLarge, Unsupported
from grader.symbolic.scalars import NAN, SPECIAL, UNKNOWN, Scalar
from grader.symbolic.sizes import Sizes

MOST_NODES = 5_000

ILL_FITTING = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError)
"""What NumPy, SymPy and Python raise where the arguments of an operation don't fit."""

NAMED = {
    NAN: "it is NaN (0/0, 0 · ∞ or ∞ − ∞)",
    UNKNOWN: "it has a quotient by zero, or an infinity whose sign or place is not known",
    sympy.oo: "there is an ∞ in it",
    -sympy.oo: "there is a −∞ in it",
}

Constant = Callable[[float], sympy.Expr]


def interpret(graph: Graph, inputs: Mapping[str, Expressions], constant: Constant) -> tuple[Expressions | None, ...]:
    """What a graph gives for these inputs: an array of dtype object for each of its outputs, None for None.

    Entries are expressions, SymPy Booleans where the output is a bool tensor, or ±∞. `constant` gives the exact number
    that a float stands for.

    Raises:
        Unsupported: if an operation has no expression, or its result depends on the order of symbolic values.
        DrawsRandomNumbers: if it does.
        NotFinite: if an output may be NaN, or infinite with a sign that isn't known.
        TooLarge: if it takes more memory or work than a graph at a small shape needs.
        Malformed: if an operation can't be carried out on its arguments.
    """
    if len(graph.nodes) > MOST_NODES:
        raise TooLarge(f"it has more than {MOST_NODES:,} operations")
    steps: list[Any] = [inputs[name].copy() for name in graph.inputs]
    resolver, sizes = Resolver(steps, constant), Sizes()
    with limited_work():
        for node in graph.nodes:
            steps.append(carried_out(node, resolver))
            sizes.check(entries_of(steps[-1]))
        outputs = tuple(output_of(output, resolver) for output in graph.outputs)
    for array in outputs:
        require_finite(array)
    return outputs


def entries_of(given: Any) -> Iterator[Scalar]:
    """The entries of what an operation gave: an array, several of them, or something else."""
    for part in given if isinstance(given, (tuple, list)) else (given,):
        if isinstance(part, np.ndarray):
            yield from part.flat


def output_of(output: Argument, resolver: Resolver) -> Expressions | None:
    """What a graph returns at one place, in memory of its own."""
    if output is None:
        return None
    try:
        return as_array(resolver.resolved(output)).copy()
    except ILL_FITTING as error:
        raise Malformed(f"a result of it is neither a tensor nor a number: {type(output).__name__}") from error


def carried_out(node: Node, resolver: Resolver) -> Any:
    """The result of one operation."""
    try:
        if node.operation == CONSTANT:
            return resolver.contents(*node.arguments)
        handler = find(node.operation)
        arguments = [resolver.resolved(argument) for argument in node.arguments]
        keywords = {name: resolver.resolved(value) for name, value in node.keywords.items()}
        return handler(*arguments, **keywords)
    except InterpretationError:
        raise
    except RecursionError as error:
        raise TooLarge(f"an expression in it is nested too deeply (at `{node.operation}`)") from error
    except ILL_FITTING as error:
        raise Malformed(f"the operation `{node.operation}` can't be carried out on these arguments") from error


@dataclass(frozen=True, slots=True)
class Resolver:
    """Puts the results of earlier steps, and exact numbers, in the place of what stands for them."""

    steps: Sequence[Any]
    constant: Constant

    def resolved(self, argument: Argument) -> Any:
        """An array for a Ref and an expression for a float; the rest as it stands."""
        if isinstance(argument, Ref):
            return self.result(argument)
        if isinstance(argument, tuple):
            return tuple(self.resolved(item) for item in argument)
        return self.exact(argument) if isinstance(argument, float) else argument

    def result(self, ref: Ref) -> Any:
        """What an earlier step gave."""
        if not 0 <= ref.step < len(self.steps):
            raise Malformed(f"it refers to step {ref.step} of {len(self.steps)}")
        given = self.steps[ref.step]
        if ref.item is None and isinstance(given, (tuple, list)):
            raise Malformed(f"it refers to step {ref.step} as to a single tensor")
        return given if ref.item is None else given[ref.item]

    def exact(self, value: float) -> Scalar:
        """The number that a float stands for; a NaN harms only where it reaches an output."""
        if math.isnan(value):
            return NAN
        if math.isinf(value):
            return sympy.oo if value > 0 else -sympy.oo
        return self.constant(value)

    def contents(self, shape: Any, values: Any, _dtype: Any = None) -> Expressions:
        """A tensor that the graph holds."""
        return filled(shape, [self.exact(value) if isinstance(value, float) else as_entry(value) for value in values])


def require_finite(array: Expressions | None) -> None:
    """No entry has something in it that is no number; one that is ±∞ as a whole is fine.

    Raises:
        NotFinite: or Unsupported, where memory was never written to.
    """
    entries = [] if array is None else array.reshape(-1).tolist()
    pending: list[Any] = [entry for entry in entries if entry not in (sympy.oo, -sympy.oo)]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if part is UNDEFINED:
            raise Unsupported("a result has an entry that it never writes (`torch.empty`)")
        if type(part) in SPECIAL:
            raise NotFinite(f"a result is not finite: {NAMED[part]}")
        pending.extend(part.args)
