"""Normal forms of SymPy expressions in a field; shared subexpressions are done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from flint import fmpq
from sympy.core.relational import Relational

from grader.model.formula import Constant
from grader.symbolic.arithmetic import NoNormalFormError, SplitError
from grader.symbolic.boundary import solved
from grader.symbolic.field import Field
from grader.symbolic.polynomials import Polynomial, Quotient

Step = Callable[["NormalForms"], Quotient]
"""Gives the difference of two branches."""

ODD = frozenset({"erf", "sin", "atan", "tan"})
"""Odd functions: f(−a) = −f(a)."""


class NormalForms:
    """The normal forms of expressions under a field's present assumptions."""

    def __init__(self, field: Field, before: NormalForms | None = None, *, opaque: bool = False) -> None:
        self.field = field
        self._opaque = opaque
        """Whether a maximum, an absolute value and the like are taken as unknowns: much smaller, and often enough."""

        self._known: dict[sympy.Basic, Quotient] = {}
        self._before = before
        """Normal forms under fewer assumptions; many are the same."""

        self._bound = set(field.bindings)
        self._boundary = field.boundary()

    def of(self, expression: sympy.Expr) -> Quotient:
        """The normal form of an expression.

        Raises:
            NoNormalFormError: it holds a function that is not covered.
            TooLargeError, MoreGeneratorsError, FinerUnitError, SplitError: see their definitions.
        """
        known = self._known.get(expression)
        if known is None:
            known = self._taken_over(expression) or self._computed(expression)
            self._known[expression] = known
        return known

    def _taken_over(self, expression: sympy.Expr) -> Quotient | None:
        """The normal form under fewer assumptions, where it is the same.

        On a boundary it need not be, as a condition is another one there; only what holds no condition is.
        """
        earlier = self._before
        if earlier is None or (earlier._boundary != self._boundary and self.field.has_conditions(expression)):
            return None
        found = earlier.known(expression)
        return found if found is not None and self.field.still_holds(found, self._bound) else None

    def known(self, expression: sympy.Expr) -> Quotient | None:
        """A normal form that was made already, under these or fewer assumptions."""
        return self._known.get(expression) or self._taken_over(expression)

    def forget_conditions(self) -> None:
        """Drop what holds a condition, so that it is made again, and where it changes noted again."""
        self._known = {each: form for each, form in self._known.items() if not self.field.has_conditions(each)}

    def _computed(self, expression: sympy.Expr) -> Quotient:
        if self._opaque and isinstance(expression, _NOT_SMOOTH):
            return self.field.variable(expression)
        handler = _HANDLERS.get(expression.func)
        if handler is not None:
            return handler(self, *expression.args)
        if expression.is_Symbol or expression is sympy.pi:
            return self.field.variable(expression)
        if expression.is_Rational:
            return self.field.rational(fmpq(int(expression.p), int(expression.q)))
        if expression is sympy.E:
            return self.field.exponential(self.field.rational(1))
        if expression in (sympy.oo, -sympy.oo):
            raise InfiniteError
        raise NoNormalFormError(f"it holds `{expression.func.__name__}`, for which no rules are known")

    def indicator(self, condition: sympy.Basic) -> Quotient:
        """1 where a condition holds and 0 where it does not."""
        one = self.field.rational(1)
        match condition:
            case sympy.And():
                result = one
                for part in condition.args:
                    result = self.field.multiply(result, self.indicator(part))
                return result
            case sympy.Or():
                return self._complement(self.indicator(sympy.And(*map(_negated, condition.args), evaluate=False)))
            case sympy.Not():
                return self._complement(self.indicator(condition.args[0]))
            case sympy.ITE():
                first, then, otherwise = map(self.indicator, condition.args)
                return self.field.add(otherwise, self.field.multiply(first, self.field.subtract(then, otherwise)))
            case Relational():
                return self._related(condition)
        if condition in (sympy.true, sympy.false):
            return one if condition == sympy.true else self.field.rational(0)
        raise NoNormalFormError(f"it holds the condition `{condition.func.__name__}`, for which no rules are known")

    def _related(self, condition: Relational) -> Quotient:
        left, right = condition.args
        difference = self._difference(left, right)
        match condition.rel_op:
            case ">":
                return self._is_positive(difference)
            case "<":
                return self._is_positive(self.field.negate(difference))
            case ">=":
                return self._complement(self._is_positive(self.field.negate(difference)))
            case "<=":
                return self._complement(self._is_positive(difference))
            case "==":
                return self._is_zero(difference)
            case _:
                return self._complement(self._is_zero(difference))

    def _is_positive(self, difference: Quotient) -> Quotient:
        """The indicator of difference > 0; right at 0 only on boundaries, which are noted."""
        sign = self.field.sign(difference)
        if sign.is_zero:
            return sign
        return self.field.multiply(self.field.rational(fmpq(1, 2)), self.field.add(sign, self.field.rational(1)))

    def _is_zero(self, difference: Quotient) -> Quotient:
        """The indicator of difference = 0, which is 0 but on boundaries."""
        return self.field.rational(1 if difference.is_zero or self.field.sign(difference).is_zero else 0)

    def _complement(self, indicator: Quotient) -> Quotient:
        return self.field.add(self.field.rational(1), self.field.negate(indicator))

    def _difference(self, a: sympy.Expr, b: sympy.Expr) -> Quotient:
        return self.field.add(self.of(a), self.field.negate(self.of(b)))

    def _sum(self, *terms: sympy.Expr) -> Quotient:
        total = self.field.rational(0)
        for term in terms:
            total = self.field.add(total, self.of(term))
        return total

    def _product(self, *factors: sympy.Expr) -> Quotient:
        total = self.field.rational(1)
        for factor in factors:
            total = self.field.multiply(total, self.of(factor))
        return total

    def _power(self, base: sympy.Expr, exponent: sympy.Expr) -> Quotient:
        if exponent.is_Integer:
            return self.field.power(self.of(base), int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            return self.field.power(self.field.root(self.of(base)), int(exponent.p))
        logarithm = self.field.logarithm(self.of(base))
        return self.field.exponential(self.field.multiply(logarithm, self.of(exponent)))

    def _exponential(self, argument: sympy.Expr) -> Quotient:
        return self.field.exponential(self.of(argument))

    def _logarithm(self, argument: sympy.Expr) -> Quotient:
        return self.field.logarithm(self.of(argument))

    def _largest(self, *arguments: sympy.Expr) -> Quotient:
        return self._extreme(arguments, 1)

    def _smallest(self, *arguments: sympy.Expr) -> Quotient:
        return self._extreme(arguments, -1)

    def _extreme(self, arguments: tuple[sympy.Expr, ...], direction: int) -> Quotient:
        """max(a, b) = (a + b + |a − b|) / 2, and with a minus for min."""
        half, by = self.field.rational(fmpq(1, 2)), self.field.rational(direction)
        first, *others = map(self.of, arguments)
        for other in others:
            gap = self.field.absolute(self.field.add(first, self.field.negate(other)))
            total = self.field.add(self.field.add(first, other), self.field.multiply(by, gap))
            first = self.field.multiply(half, total)
        return first

    def _piecewise(self, *branches: sympy.Tuple) -> Quotient:
        """v + [c] (u − v): linear in the indicators, so that independent cases don't multiply."""
        (value, condition), *others = branches
        holds = self.indicator(condition)
        if not others or condition == sympy.true:
            return self.of(value)
        step: Step = lambda forms: forms.field.subtract(forms.of(value), forms._piecewise(*others))  # noqa: E731 -- named
        if holds.is_zero or holds == self.field.rational(1):
            self._note_boundaries(condition, step, known=True)
            return self._piecewise(*others) if holds.is_zero else self.of(value)
        self._note_boundaries(condition, step)
        try:
            chosen, otherwise = self.of(value), self._piecewise(*others)
        except (InfiniteError, NoNormalFormError):
            raise SplitError(self._sign_in(holds)) from None
        return self.field.add(otherwise, self.field.multiply(holds, self.field.subtract(chosen, otherwise)))

    def _note_boundaries(self, condition: sympy.Basic, step: Step, *, known: bool = False) -> None:
        """Remember where the condition changes, unless it is seen that the branches meet there.

        A comparison that is known by the assumptions of a case was looked at before these were made. One that always
        holds, but for x² > 0 at x = 0, was not, nor was an equation, which holds nowhere but at its boundary.
        """
        for relation in condition.atoms(Relational):
            difference = self._difference(*relation.args)
            if difference.is_zero:
                continue
            by_assumption = relation.rel_op not in ("==", "!=") and not self.field.has_one_sign(difference)
            for factor, exponent in self.field.ring.factors(difference.numerator)[1]:
                if known and by_assumption and exponent % 2 and not self.field.always_signed(factor):
                    continue
                if not self._meets(factor, step):
                    self.field.note_boundary(factor)

    def _meets(self, factor: Polynomial, step: Step) -> bool:
        """Whether the step between two branches is 0 where the factor is."""
        before = self.field.bindings
        try:
            height = step(self)
            if height.numerator % factor == 0 and height.denominator % factor != 0:
                return True
            binding = solved(self.field, factor)
            if binding is None:
                return False
            self.field.bindings = {**before, **binding}
            return step(NormalForms(self.field, self)).is_zero
        except (InfiniteError, NoNormalFormError, SplitError):
            return False
        finally:
            self.field.bindings = before

    def _sign_in(self, indicator: Quotient) -> Polynomial:
        """A polynomial whose sign the indicator depends on, one that depends on no other sign itself."""
        return self.field.undecided(indicator)[0]

    def _step(self, argument: sympy.Expr, *_at_zero: sympy.Expr) -> Quotient:
        sign = self.field.sign(self.of(argument))
        return self.field.multiply(self.field.rational(fmpq(1, 2)), self.field.add(sign, self.field.rational(1)))

    def _hyperbolic_tangent(self, argument: sympy.Expr) -> Quotient:
        """(e²ᵃ − 1) / (e²ᵃ + 1)."""
        square = self.field.power(self.field.exponential(self.of(argument)), 2)
        above = self.field.add(square, self.field.rational(-1))
        return self.field.multiply(above, self.field.invert(self.field.add(square, self.field.rational(1))))

    def _hyperbolic(self, argument: sympy.Expr, direction: int) -> Quotient:
        grown = self.field.exponential(self.of(argument))
        shrunk = self.field.multiply(self.field.rational(direction), self.field.invert(grown))
        return self.field.multiply(self.field.rational(fmpq(1, 2)), self.field.add(grown, shrunk))

    def _applied(self, function: str, argument: sympy.Expr) -> Quotient:
        inner = self.of(argument)
        if inner.is_zero:
            return self.field.rational(1 if function == "cos" else 0)
        mirrored = inner.numerator.leading_coefficient() < 0
        result = self.field.applied(function, self.field.negate(inner) if mirrored else inner)
        return self.field.negate(result) if mirrored and function in ODD else result


class InfiniteError(Exception):
    """An infinity that is not removed by what it stands in."""


def _negated(condition: Any) -> sympy.Basic:
    return sympy.Not(condition, evaluate=False)


def _named(function: str) -> Callable[..., Quotient]:
    return lambda forms, argument: forms._applied(function, argument)


_NOT_SMOOTH = (sympy.Max, sympy.Min, sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Piecewise)

_HANDLERS: dict[type, Callable[..., Quotient]] = {
    sympy.Add: NormalForms._sum,
    sympy.Mul: NormalForms._product,
    sympy.Pow: NormalForms._power,
    sympy.exp: NormalForms._exponential,
    sympy.log: NormalForms._logarithm,
    sympy.Max: NormalForms._largest,
    sympy.Min: NormalForms._smallest,
    sympy.Abs: lambda forms, argument: forms.field.absolute(forms.of(argument)),
    sympy.sign: lambda forms, argument: forms.field.sign(forms.of(argument)),
    sympy.Heaviside: NormalForms._step,
    sympy.Piecewise: NormalForms._piecewise,
    Constant: lambda forms, argument: forms.of(argument),
    sympy.tanh: NormalForms._hyperbolic_tangent,
    sympy.cosh: lambda forms, argument: forms._hyperbolic(argument, 1),
    sympy.sinh: lambda forms, argument: forms._hyperbolic(argument, -1),
    **{getattr(sympy, name): _named(name) for name in ("sin", "cos", "tan", "erf", "atan")},
}
