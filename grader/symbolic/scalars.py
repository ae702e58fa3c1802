"""Arithmetic on single entries: exact, in the real numbers, with ±∞ as PyTorch has it.

SymPy's own treatment of infinities asks for the sign of whole expressions, which is slow. Here an expression stands for
a finite real number, and ±∞ and NaN only ever stand alone, as an entry of their own. `sympy.nan` is a NaN; `UNKNOWN` is
a value that depends on the sign of a zero or of a symbolic expression: harmless where it is masked out later on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy
from sympy.functions.elementary.piecewise import ExprCondPair

from grader.symbolic.refusals import TooLarge

Scalar = Any
"""A SymPy Expr, or a SymPy Boolean as an entry of a bool tensor."""

INFINITY = sympy.oo
NAN = sympy.nan
UNKNOWN = sympy.zoo
SPECIAL = frozenset(type(value) for value in (sympy.oo, -sympy.oo, NAN, UNKNOWN))
ZERO, ONE, HALF = sympy.S.Zero, sympy.S.One, sympy.S.Half
LARGEST_EXPONENT = 1_000
LARGEST_NUMBER_BITS = 4_096


def number(value: Scalar) -> Scalar:
    """An entry as a number: true is 1, and a condition c is the function that is 1 where c holds."""
    if isinstance(value, sympy.Expr):
        return value
    if value is sympy.true:
        return ONE
    return ZERO if value is sympy.false else choice(value, ONE, ZERO)


def choice(condition: Scalar, then: Scalar, otherwise: Scalar) -> Scalar:
    """A piecewise expression, as it stands.

    `sympy.Piecewise(…, evaluate=False)` still searches the condition and folds the piecewise expressions in it, which
    takes time exponential in their number.
    """
    pairs = ((then, condition), (otherwise, sympy.true))
    return sympy.Basic.__new__(sympy.Piecewise, *(sympy.Tuple.__new__(ExprCondPair, *pair) for pair in pairs))


def is_special(value: Scalar) -> bool:
    """Whether it is ±∞, NaN or unknown."""
    return type(value) in SPECIAL


def bounded(value: Scalar) -> Scalar:
    """The value, unless a number or an exponent in it is beyond all use.

    Raises:
        TooLarge: because evaluating it would take forever.
    """
    for factor in value.args if value.is_Mul else (value,):
        if factor.is_Rational and max(abs(factor.p), factor.q).bit_length() > LARGEST_NUMBER_BITS:
            raise TooLarge(f"a number in it has more than {LARGEST_NUMBER_BITS} bits")
        if factor.is_Pow and factor.exp.is_Rational and abs(factor.exp) > LARGEST_EXPONENT:
            raise TooLarge(f"a power in it has an exponent beyond {LARGEST_EXPONENT}")
    return value


def add(*terms: Scalar) -> Scalar:
    """The sum."""
    numbers = [number(term) for term in terms]
    specials = {term for term in numbers if type(term) in SPECIAL}
    if not specials:
        return sympy.Add(*numbers)
    if UNKNOWN in specials:
        return UNKNOWN
    return specials.pop() if len(specials) == 1 else NAN


def negative(value: Scalar) -> Scalar:
    """−x"""
    return -number(value)


def subtract(left: Scalar, right: Scalar) -> Scalar:
    """x − y"""
    return add(left, negative(right))


def multiply(*factors: Scalar) -> Scalar:
    """The product; 0 · ∞ is NaN."""
    numbers = [number(factor) for factor in factors]
    if not any(type(factor) in SPECIAL for factor in numbers):
        return bounded(sympy.Mul(*numbers))
    if NAN in numbers:
        return NAN
    signs = [sign_by_structure(factor) for factor in numbers]
    if 0 in signs:
        return UNKNOWN if UNKNOWN in numbers else NAN
    if None in signs:
        return UNKNOWN
    return -INFINITY if signs.count(-1) % 2 else INFINITY


def sign_by_structure(value: Scalar) -> int | None:
    """1, −1 or 0 where it shows without calculation, else None."""
    if value is UNKNOWN or value is NAN:
        return None
    if value.is_Rational or type(value) in SPECIAL:
        return 0 if value is ZERO else (1 if value > 0 else -1)
    if isinstance(value, sympy.exp) or (value.is_Symbol and value.is_positive):
        return 1
    if value.is_Pow and sign_by_structure(value.base) == 1:
        return 1
    if not (value.is_Add or value.is_Mul):
        return None
    signs = [sign_by_structure(part) for part in value.args]
    if value.is_Add:
        return signs[0] if len(set(signs)) == 1 else None
    return None if None in signs else (-1) ** signs.count(-1)


def divide(left: Scalar, right: Scalar) -> Scalar:
    """x / y; x / 0 is not known, because a zero has a sign in PyTorch."""
    dividend, divisor = number(left), number(right)
    if dividend is NAN or divisor is NAN:
        return NAN
    if dividend is UNKNOWN or divisor is UNKNOWN:
        return UNKNOWN
    if divisor is ZERO:
        return NAN if dividend is ZERO else UNKNOWN
    if type(divisor) in SPECIAL:
        return NAN if type(dividend) in SPECIAL else ZERO
    return multiply(dividend, sympy.Pow(divisor, -1))


def power(base: Scalar, exponent: Scalar) -> Scalar:
    """x ** y; a fractional power of a negative number is NaN."""
    base, exponent = number(base), number(exponent)
    if exponent is ZERO:
        return ONE
    if NAN in (base, exponent):
        return NAN
    if base is UNKNOWN or type(exponent) in SPECIAL:
        return UNKNOWN
    if type(base) in SPECIAL:
        return power_of_infinity(base, exponent)
    if base is ZERO and not (exponent.is_Rational and exponent > 0):
        return UNKNOWN
    if base.is_Rational and base < 0 and exponent.is_Rational and not exponent.is_Integer:
        return NAN
    return bounded(finite_power(base, exponent))


def finite_power(base: Scalar, exponent: Scalar) -> Scalar:
    """x ** y, without the search for squares under a root, in which SymPy asks for the sign of every factor."""
    if exponent.is_Rational and abs(exponent) > LARGEST_EXPONENT:
        raise TooLarge(f"a power in it has an exponent beyond {LARGEST_EXPONENT}")
    if isinstance(base, sympy.exp):
        return exponential(base.args[0] * exponent)
    composite = base.is_Mul or (base.is_Pow and not base.base.is_Symbol)
    return sympy.Pow(base, exponent, evaluate=not composite or bool(exponent.is_Integer) or base.is_number)


def power_of_infinity(base: Scalar, exponent: Scalar) -> Scalar:
    """(±∞) ** y"""
    if not exponent.is_Rational:
        return UNKNOWN
    if exponent < 0:
        return ZERO
    return -INFINITY if base is not INFINITY and exponent.is_Integer and exponent % 2 else INFINITY


def square_root(value: Scalar) -> Scalar:
    """√x"""
    return power(value, HALF)


def function(of: Callable[[Scalar], Scalar], at_infinity: Scalar, at_minus_infinity: Scalar) -> Callable[..., Scalar]:
    """A SymPy function with its limits at ±∞ put in."""

    def extended(value: Scalar) -> Scalar:
        argument = number(value)
        if type(argument) not in SPECIAL:
            return of(argument)
        if argument is INFINITY:
            return at_infinity
        return argument if argument is NAN or argument is UNKNOWN else at_minus_infinity

    return extended


def applied(of: Any, argument: Scalar) -> Scalar:
    """A function as it stands, because SymPy's search for a simpler form is slow; evaluated only for numbers."""
    return of(argument, evaluate=bool(argument.is_Rational))


def exponential_of_finite(value: Scalar) -> Scalar:
    """exp x, where exp(x − log y) is exp(x) / y."""
    powers, rest = [], []
    for term in sympy.Add.make_args(value):
        coefficient, core = term.as_coeff_Mul()
        if isinstance(core, sympy.log):
            powers.append(finite_power(core.args[0], coefficient))
        else:
            rest.append(term)
    if not powers:
        return applied(sympy.exp, value)
    return multiply(applied(sympy.exp, sympy.Add(*rest)), *powers)


def logarithm_of_finite(value: Scalar) -> Scalar:
    """log x; log 0 is −∞, and that of a negative number NaN."""
    if value.is_Rational and value <= 0:
        return -INFINITY if value is ZERO else NAN
    return value.args[0] if isinstance(value, sympy.exp) else applied(sympy.log, value)


def sigmoid_of_finite(value: Scalar) -> Scalar:
    """1 / (1 + exp(−x))"""
    return divide(ONE, add(ONE, exponential(-value)))


def absolute_of_finite(value: Scalar) -> Scalar:
    """|x|"""
    return abs(value) if value.is_Rational else sympy.Abs(value, evaluate=False)


exponential = function(exponential_of_finite, INFINITY, ZERO)
logarithm = function(logarithm_of_finite, INFINITY, NAN)
sigmoid = function(sigmoid_of_finite, ONE, ZERO)
tanh = function(partial(applied, sympy.tanh), ONE, -ONE)
erf = function(partial(applied, sympy.erf), ONE, -ONE)
sine = function(partial(applied, sympy.sin), NAN, NAN)
cosine = function(partial(applied, sympy.cos), NAN, NAN)
arctangent = function(partial(applied, sympy.atan), sympy.pi / 2, -sympy.pi / 2)
absolute = function(absolute_of_finite, INFINITY, INFINITY)


def log_sum_exp(entries: list[Scalar]) -> Scalar:
    """log Σ exp x; entries of −∞ drop out."""
    return logarithm(add(*(exponential(entry) for entry in entries)))
