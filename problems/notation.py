"""The notation of the printed formulas, over NumPy arrays of SymPy expressions.

The arrays do the rest themselves: `+`, `*`, `@`, `.T`, `.sum(axis=-1)`, indexing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

Expressions = Any
"""A NumPy array of dtype object that holds SymPy expressions, or a single expression."""

exp = np.frompyfunc(sympy.exp, 1, 1)
log = np.frompyfunc(sympy.log, 1, 1)
sqrt = np.frompyfunc(sympy.sqrt, 1, 1)
tanh = np.frompyfunc(sympy.tanh, 1, 1)

# unevaluated: whether one is always the larger takes SymPy long to find out, and it is no part of the formula
minimum = np.frompyfunc(lambda a, b: sympy.Min(a, b, evaluate=False), 2, 1)
maximum = np.frompyfunc(lambda a, b: sympy.Max(a, b, evaluate=False), 2, 1)


def clip(x: Expressions, low: Expressions, high: Expressions) -> Expressions:
    """`x`, where it lies between the two."""
    return minimum(maximum(x, low), high)


def mean(x: Expressions) -> Expressions:
    """1/n Σ x_i, over all elements."""
    return x.sum() / x.size


def softmax(z: Expressions) -> Expressions:
    """e^{z_a} / Σ_b e^{z_b}, over the last axis."""
    return exp(z) / exp(z).sum(axis=-1, keepdims=True)
