"""Decisions on the identities that answers rest on, and on what only looks like one."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from flint import arb
from sympy import Abs, Gt, Max, Min, Piecewise, Rational, erf, exp, log, pi, root, sign, sqrt, tanh

from grader.model.proof import Method, Proved, Refuted, Undecided
from grader.symbolic.equality import decide

X, Y, Z, W = sympy.symbols("x y z w", real=True)
P, Q = sympy.symbols("p q", positive=True)
SYMBOLS = (X, Y, Z, W, P, Q)
LOGITS = (X, Y, Z)
EPSILON = Rational(1, 4)


def _decided(given: object, wanted: object, **options: object):
    pair = sympy.sympify(given), sympy.sympify(wanted)
    used = [symbol for symbol in SYMBOLS if any(symbol in side.free_symbols for side in pair)]
    return decide([pair], used, **options)[0]


def _normaliser(shift: object = 0) -> sympy.Expr:
    return sympy.Add(*(exp(logit - shift) for logit in LOGITS))


def _max(*entries: object) -> sympy.Expr:
    return Max(*entries, evaluate=False)


HIGHEST = _max(_max(X, Y), Z)
MEAN = (X + Y + Z) / 3
VARIANCE = sum((each - MEAN) ** 2 for each in LOGITS) / 3
RATIO = exp(X) / exp(Y)


def _objective(ratio: sympy.Expr, advantage: sympy.Expr) -> sympy.Expr:
    clipped = Min(Max(ratio, 1 - EPSILON), 1 + EPSILON)
    return Min(ratio * advantage, clipped * advantage)


def _objective_by_cases(ratio: sympy.Expr, advantage: sympy.Expr) -> sympy.Expr:
    return Piecewise((Min(ratio, 1 + EPSILON) * advantage, advantage > 0), (Max(ratio, 1 - EPSILON) * advantage, True))


IDENTITIES = {
    "softmax with the maximum subtracted": (exp(X - HIGHEST) / _normaliser(HIGHEST), exp(X) / _normaliser()),
    "logsumexp with the maximum subtracted": (HIGHEST + log(_normaliser(HIGHEST)), log(_normaliser())),
    "log of a softmax": (log(exp(X) / _normaliser()), X - log(_normaliser())),
    "variance as E[x²] − μ²": (VARIANCE, sum(each**2 for each in LOGITS) / 3 - MEAN**2),
    "layer norm by rsqrt": (
        (X - MEAN) * (VARIANCE + Rational(1, 10**5)) ** Rational(-1, 2),
        (X - MEAN) / sqrt(sum(each**2 for each in LOGITS) / 3 - MEAN**2 + Rational(1, 10**5)),
    ),
    "a root of a product": (sqrt((X**2 + 1) * (Y**2 + 2)), sqrt(X**2 + 1) * sqrt(Y**2 + 2)),
    "a nested root": (sqrt(sqrt(X**4 + 1)) ** 4, X**4 + 1),
    "fourth roots": ((root(2, 4) * X + root(6, 4)) ** 2, sqrt(2) * (X**2 + 2 * root(3, 4) * X + sqrt(3))),
    "a fourth root in an exponent": (exp((X / root(2, 4) + 1) * Y), exp(2 ** Rational(3, 4) / 2 * X * Y) * exp(Y)),
    "a root in a denominator": (1 / (1 + sqrt(X**2 + 2)), (sqrt(X**2 + 2) - 1) / (X**2 + 1)),
    "tanh by exponentials": (tanh(X), (exp(X) - exp(-X)) / (exp(X) + exp(-X))),
    "sigmoid by tanh": (1 / (1 + exp(-X)), (1 + tanh(X / 2)) / 2),
    "log of 1 − tanh²": (log(1 - tanh(X) ** 2), 2 * (log(2) - X - log(1 + exp(-2 * X)))),
    "the log-density of a Gaussian": (
        log(exp(-((X - Y) ** 2) / (2 * P**2)) / sqrt(2 * pi * P**2)),
        -(((X - Y) / P) ** 2) / 2 - log(P) - log(2 * pi) / 2,
    ),
    "erf is odd": (erf(Y - X), -erf(X - Y)),
    "a power of a power": (exp(log(P) * X / 2) ** 2, P**X),
    "the clipped objective by the sign of the advantage": (_objective_by_cases(RATIO, Z), _objective(exp(X - Y), Z)),
    "min by max": (-_max(-X, -Y), Min(X, Y)),
    "abs by max": (_max(X, -X), Abs(X)),
    "abs by a root": (sqrt(X**2), Abs(X)),
    "the maximum in another order": (_max(_max(Z, X), Y), _max(_max(X, Y), Z)),
    "a clip from the other side": (Min(Max(X, -1), 1), Max(Min(X, 1), -1)),
    "elu by parts": (Max(X, 0) + Min(exp(X) - 1, 0), Piecewise((X, X > 0), (exp(X) - 1, True))),
    "a number with its sign": (X * sign(X), Abs(X)),
    "comparisons of exponentials": (Piecewise((1, exp(X) > exp(Y)), (0, True)), Piecewise((1, X > Y), (0, True))),
    "a condition met twice": (Piecewise((Piecewise((1, X > 0), (2, True)), X > 1), (3, True)),
                              Piecewise((1, X > 1), (3, True))),
    "either of two conditions": (
        Piecewise((1, sympy.Or(X > 1, X < -1)), (0, True)), Piecewise((1, X**2 > 1), (0, True)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_is_proved_exactly_in_both_directions(name: str) -> None:
    given, wanted = IDENTITIES[name]
    assert _decided(given, wanted) == Proved(Method.EXACT)
    assert _decided(wanted, given) == Proved(Method.EXACT)


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_with_a_factor_of_one_and_a_trillionth_is_refuted(name: str) -> None:
    given, wanted = IDENTITIES[name]
    assert isinstance(_decided(given * (1 + Rational(1, 10**12)), wanted), Refuted)


SEVENTH = Rational(1, 7)


def _unless_positive(entry: sympy.Expr) -> sympy.Expr:
    """x, but where something that is never negative is 0."""
    return Piecewise((X, Gt(entry, 0, evaluate=False)), (X + 5, True), evaluate=False)


WRONG = {
    "ε outside the root": ((X - MEAN) / (sqrt(VARIANCE) + Rational(1, 10**5)),
                           (X - MEAN) / sqrt(VARIANCE + Rational(1, 10**5))),
    "ε off by one part in ten million": ((X - MEAN) / sqrt(VARIANCE + Rational("1.0000001e-5")),
                                         (X - MEAN) / sqrt(VARIANCE + Rational(1, 10**5))),
    "n − 1 for n": (VARIANCE * Rational(3, 2), VARIANCE),
    "clipped on one side": (Min(RATIO, 1 + EPSILON) * Z, _objective(RATIO, Z)),
    "max for min": (_max(RATIO * Z, Min(Max(RATIO, 1 - EPSILON), 1 + EPSILON) * Z), _objective(RATIO, Z)),
    "entropy in bits": (-sum(exp(a) / _normaliser() * log(exp(a) / _normaliser()) for a in LOGITS) / log(2),
                        -sum(exp(a) / _normaliser() * log(exp(a) / _normaliser()) for a in LOGITS)),
    "different right at a boundary": (Piecewise((1, Gt(X, 0)), (0, True)), Piecewise((1, X >= 0), (0, True))),
    "different at a point that no sample meets": (
        Piecewise((1, sympy.Eq(X, Rational(355, 113))), (0, True)), sympy.S.Zero,
    ),
    "different at the zero of a square": (_unless_positive((X - SEVENTH) ** 2), X),
    "different at the zero of a square with a factor": (_unless_positive((X - SEVENTH) ** 2 * P), X),
    "different at the zero of an absolute value": (_unless_positive(Abs(X - SEVENTH)), X),
    "different at the zero of a length": (_unless_positive(sqrt((X - SEVENTH) ** 2 + (Y - SEVENTH) ** 2)), X),
    "different in a region that few samples meet": (
        Piecewise((X, sympy.And(Gt(X, Rational(7, 2)), Gt(Y, Rational(7, 2)))), (0, True)), sympy.S.Zero,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_only_looks_equal_is_never_proved(name: str) -> None:
    assert not isinstance(_decided(*WRONG[name]), Proved)


SOUGHT = [name for name in WRONG if "few samples" not in name and "a length" not in name]
"""Those whose region a search comes to."""


@pytest.mark.parametrize("name", SOUGHT)
def test_what_only_looks_equal_is_refuted_at_a_point_that_one_can_put_in(name: str) -> None:
    given, wanted = WRONG[name]
    decision = _decided(given, wanted)
    assert isinstance(decision, Refuted)
    point = {sympy.Symbol(n, real=True): Rational(Fraction(text)) for n, text in decision.point.items()}
    values = [side.subs(point).evalf(40) for side in (given, wanted)]
    assert abs(values[0] - values[1]) > Rational(1, 10**20)
    assert values[0] == pytest.approx(decision.got_value, rel=1e-12)
    assert values[1] == pytest.approx(decision.expected_value, rel=1e-12)


def test_a_boundary_that_one_result_has_met_is_looked_at_in_the_next_one_too() -> None:
    above, from_there_on = Piecewise((1, Gt(X, SEVENTH)), (0, True)), Piecewise((1, X >= SEVENTH), (0, True))
    same_there = 2 * X + (from_there_on - above) * (X - SEVENTH), 2 * X
    decision, pair = decide([same_there, (above, from_there_on)], [X])
    assert isinstance(decision, Refuted)
    assert pair == 1


def test_what_holds_in_one_case_of_a_sign_is_not_carried_over_to_the_other() -> None:
    """Where x > 0 no z lies in the region, which follows from x; where x < 0 some do, too far away for a search."""
    split_by_x = _indicator(Gt(X, 0), Piecewise((sympy.oo, sympy.Lt(X, 0)), (0, True), evaluate=False))
    in_the_region = _indicator(Gt(Z - 1000, 0)) * _indicator(sympy.Lt(Z - 1000 + X, 0))
    never = [_indicator(Gt(each, 2)) * _indicator(sympy.Lt(each, 1)) for each in (W, Q)]
    given = sympy.Add(split_by_x, in_the_region, *never, Y, evaluate=False)
    assert not isinstance(_decided(given, Y, almost_everywhere=True), Proved)


def _indicator(condition: object, value: object = 1) -> sympy.Expr:
    return Piecewise((sympy.sympify(value), condition), (0, True), evaluate=False)


def test_subgradients_right_at_a_kink_may_differ() -> None:
    one, other = Piecewise((1, X > 0), (0, True)), Piecewise((1, X >= 0), (0, True))
    assert _decided(one, other, almost_everywhere=True) == Proved(Method.EXACT)
    assert isinstance(_decided(one, 1 - other, almost_everywhere=True), Refuted)


def test_a_value_where_there_should_be_one_but_is_none_is_a_counterexample() -> None:
    decision = _decided(log(X), log(Abs(X)))
    assert isinstance(decision, Refuted)
    assert decision.got == "undefined"


def test_a_function_without_any_value_is_not_proved() -> None:
    assert isinstance(_decided(2 * log(-1 - X**2), log((1 + X**2) ** 2)), Refuted)
    assert isinstance(_decided(log(-1 - X**2) * 2, log(-1 - X**2) + log(-2 - X**2)), Undecided)


def test_an_unknown_function_is_undecided_and_not_refuted() -> None:
    strange = sympy.Function("strange")
    decision = _decided(strange(X), X)
    assert isinstance(decision, Undecided)
    assert "strange" in decision.reason


def test_a_number_of_which_only_a_range_is_known_refutes_only_beyond_that_range() -> None:
    about = sympy.Symbol("about", real=True)
    narrow = {about: arb(1, 1e-15)}
    assert isinstance(_decided(about * X, X, uncertain=narrow), Undecided)
    assert isinstance(_decided(about * X, 2 * X, uncertain=narrow), Refuted)
    assert _decided(about * X - about * X + X, X, uncertain=narrow) == Proved(Method.EXACT)


def test_a_difference_far_below_what_fifty_digits_show_refutes_nothing() -> None:
    masked = exp(X) / (exp(X) + exp(Y - 10**9))
    assert isinstance(_decided(masked, 1), Undecided)


def test_sums_over_many_samples_are_decided_sample_by_sample() -> None:
    samples = [sympy.symbols(f"x{k} y{k} a{k}", real=True) for k in range(4)]
    given = sum(-_max(-exp(x) / exp(y) * a, -Min(Max(exp(x - y), 1 - EPSILON), 1 + EPSILON) * a) for x, y, a in samples)
    wanted = sum(_objective(exp(x - y), a) for x, y, a in samples)
    symbols = [symbol for sample in samples for symbol in sample]
    assert decide([(given, wanted)], symbols)[0] == Proved(Method.EXACT)
