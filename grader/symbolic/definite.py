"""Signs of polynomials that are the same everywhere, or follow from what is assumed about other polynomials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flint import fmpq, fmpq_mat

from grader.symbolic.evaluate import Evaluation, UnclearError, UndefinedError, sign
from grader.symbolic.generators import Generator, Root, Variable, inside, monomial_of, used_in
from grader.symbolic.numbers import Numbers
from grader.symbolic.polynomials import Polynomial

MOST_COMBINED = 3
"""Assumed signs that are combined into one: a > b > c > d gives a > d."""

LARGEST_FORM = 12
"""Variables of a quadratic polynomial that is tested for definiteness."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A polynomial is positive (1), negative (−1) or zero (0) in the present case."""

    polynomial: Polynomial
    sign: int


def definite_sign(
    polynomial: Polynomial, generators: Sequence[Generator], assumed: Iterable[Constraint] = ()
) -> int | None:
    """1 where the polynomial is never negative, −1 where it is never positive, None where that can't be told.

    It may be 0 on a set without volume: x² + y² is at the origin.
    """
    own = _own_sign(polynomial, generators)
    return own if own is not None else _implied(polynomial, generators, tuple(assumed))


def is_never_zero(polynomial: Polynomial, generators: Sequence[Generator]) -> bool:
    """Whether all terms have one sign and one of them is never 0."""
    terms = polynomial.to_dict()
    if _one_sign(polynomial, generators) is None:
        return False
    return any(all(_is_above_zero(generators[k], generators) for k, _ in monomial_of(exponents)) for exponents in terms)


def _is_above_zero(generator: Generator, generators: Sequence[Generator]) -> bool:
    """Whether it is positive, and never 0: a root is where its argument is."""
    return is_never_zero(generator.argument, generators) if isinstance(generator, Root) else generator.is_positive


def _own_sign(polynomial: Polynomial, generators: Sequence[Generator]) -> int | None:
    same = _one_sign(polynomial, generators)
    if same is None:
        same = _constant_sign(polynomial, generators)
    return _quadratic_sign(polynomial) if same is None else same


def _one_sign(polynomial: Polynomial, generators: Sequence[Generator]) -> int | None:
    """The sign that all terms have, if they have one."""
    signs = {_sign_of_term(exponents, c, generators) for exponents, c in polynomial.to_dict().items()}
    return signs.pop() if len(signs) == 1 else None


def _sign_of_term(exponents: tuple[int, ...], coefficient: fmpq, generators: Sequence[Generator]) -> int | None:
    for number, exponent in monomial_of(exponents):
        if exponent % 2 and not generators[number].is_positive:
            return None
    return 1 if coefficient > 0 else -1


def _constant_sign(polynomial: Polynomial, generators: Sequence[Generator]) -> int | None:
    """The sign of a number such as log 3 − log 5; it can't be 0, as such numbers are independent."""
    if not all(_is_constant(number, generators) for number in used_in(polynomial)):
        return None
    try:
        return sign(Numbers(generators, Evaluation({})).polynomial(polynomial))
    except (UnclearError, UndefinedError):
        return None


def _is_constant(number: int, generators: Sequence[Generator]) -> bool:
    generator = generators[number]
    if isinstance(generator, Variable):
        return not generator.symbol.is_Symbol
    return all(_is_constant(k, generators) for k in inside(generator))


def _quadratic_sign(polynomial: Polynomial) -> int | None:
    """The sign of a polynomial of degree 2 whose matrix, made homogeneous, is definite."""
    if polynomial.total_degree() != 2:
        return None
    used = used_in(polynomial)
    if len(used) > LARGEST_FORM:
        return None
    place = {number: row for row, number in enumerate(used)}
    form = fmpq_mat(len(used) + 1, len(used) + 1)
    for exponents, coefficient in polynomial.to_dict().items():
        rows = [place[number] for number, exponent in monomial_of(exponents) for _ in range(exponent)]
        a, b = (*rows, len(used), len(used))[:2]
        form[a, b] = form[a, b] + coefficient / 2
        form[b, a] = form[b, a] + coefficient / 2
    for side in (1, -1):
        if _is_semidefinite(form * fmpq(side)):
            return side
    return None


def _is_semidefinite(form: fmpq_mat) -> bool:
    """Whether elimination meets no negative pivot, and none of 0 with something beside it."""
    rows = [[form[i, j] for j in range(form.ncols())] for i in range(form.nrows())]
    while rows:
        first, *others = rows
        if first[0] < 0 or (first[0] == 0 and any(entry != 0 for entry in first)):
            return False
        if first[0] != 0:
            others = [[b - row[0] / first[0] * a for a, b in zip(first, row, strict=True)] for row in others]
        rows = [row[1:] for row in others]
    return True


def _implied(
    polynomial: Polynomial, generators: Sequence[Generator], assumed: Sequence[Constraint], depth: int = MOST_COMBINED
) -> int | None:
    """The sign that follows from f = c g + rest for an assumed sign of g and a rest of the same sign, or of none."""
    for constraint in assumed:
        for factor in _common_multiples(polynomial, constraint.polynomial):
            rest = polynomial - constraint.polynomial * factor
            pulled = constraint.sign * (1 if factor > 0 else -1)
            left = 0 if rest == 0 else _own_sign(rest, generators)
            if left is None and depth > 1 and len(rest) <= len(polynomial):
                left = _implied(rest, generators, assumed, depth - 1)
            if left is not None and (left == 0 or pulled in (0, left)):
                return pulled or left
    return None


def _common_multiples(polynomial: Polynomial, other: Polynomial) -> tuple[fmpq, ...]:
    """Factors c at which some term of f − c g vanishes."""
    theirs = other.to_dict()
    found = (c / theirs[exponents] for exponents, c in polynomial.to_dict().items() if exponents in theirs)
    return tuple(dict.fromkeys(found))
