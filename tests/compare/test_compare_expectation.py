"""An allowance lets in what another right program computes, and nothing else."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.compare.difference import difference
from grader.compare.evaluate import gradient_of, in_precision, leaves, one_thread, value_of
from grader.compare.expectation import Leaf, expect
from grader.model.case import Case, rng_for
from grader.model.exchange import Call, Precision
from grader.model.sampling import Flags, Normal, Uniform

BOTH = pytest.mark.parametrize("precision", list(Precision), ids=lambda p: p.value)
SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=3).map(tuple)
SEEDS = st.integers(0, 1 << 30)
MANY = settings(max_examples=120, deadline=None, derandomize=True)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


def case_of(**inputs):
    return Case("a case", inputs, {})


def drawn(shape, seed, values=Normal()):  # noqa: B008 -- frozen
    return values.draw(shape, {}, {}, rng_for("test", seed))


def disagreement(reference, answer, case, precision):
    """How the answer, computed in the precision of the call, differs from what is expected."""
    leaf = expect(value_of(reference), case, precision).leaves[0]
    return difference(answer(**in_precision(case.inputs, precision)), leaf)


def mean(x):
    return x.mean()


def total(x):
    return x.sum()


def added_one_by_one(x):
    so_far = torch.zeros((), dtype=x.dtype)
    for value in x:
        so_far = so_far + value
    return so_far


def added_backwards(x):
    return added_one_by_one(x.flip(0))


def added_in_halves(x):
    return x if x.dim() == 0 else x[0] if len(x) == 1 else added_in_halves(x[::2]) + added_in_halves(x[1::2])


@BOTH
@pytest.mark.parametrize("order", [added_one_by_one, added_backwards, added_in_halves])
@pytest.mark.parametrize(
    "values",
    [Normal(), Normal(0.0, 100.0), Uniform(0.5, 2.0), Uniform(0.0, 1e-3)],
    ids=["mixed", "large", "positive", "tiny"],
)
@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_a_thousand_terms_is_right(precision, order, values, seed):
    case = case_of(x=drawn((1000,), seed, values))
    assert disagreement(total, order, case, precision) is None
    assert disagreement(mean, lambda x: order(x) / 1000, case, precision) is None


@BOTH
@pytest.mark.parametrize("seed", range(20))
def test_a_sequential_recursion_of_a_thousand_steps_is_right(precision, seed):
    def weighted(x):
        return (x * 0.99 ** torch.arange(1000, dtype=x.dtype)).sum()

    def horner(x):
        following = torch.zeros((), dtype=x.dtype)
        for value in x.flip(0):
            following = value + 0.99 * following
        return following

    assert disagreement(weighted, horner, case_of(x=drawn((1000,), seed)), precision) is None


def stable_softmax(x):
    shifted = torch.exp(x - x.amax(-1, keepdim=True))
    return shifted / shifted.sum(-1, keepdim=True)


def unstable_softmax(x):
    return torch.exp(x) / torch.exp(x).sum(-1, keepdim=True)


def softmax_through_logsumexp(x):
    return torch.exp(x - torch.logsumexp(x, -1, keepdim=True))


@BOTH
@pytest.mark.parametrize("form", [stable_softmax, unstable_softmax, softmax_through_logsumexp])
@pytest.mark.parametrize("seed", range(10))
def test_any_form_of_the_softmax_is_right_at_moderate_logits(precision, form, seed):
    case = case_of(x=drawn((5, 101), seed, Normal(0.0, 4.0)))
    assert disagreement(lambda x: torch.softmax(x, -1), form, case, precision) is None
    assert disagreement(lambda x: torch.log_softmax(x, -1), lambda x: form(x).log(), case, precision) is None


WELL_CONDITIONED = {
    "sum of positive": (total, Uniform(0.5, 2.0)),
    "square": (torch.square, Normal()),
    "softmax": (lambda x: torch.softmax(x, -1), Normal()),
    "entropy": (lambda x: -(torch.softmax(x, -1) * torch.log_softmax(x, -1)).sum(-1), Normal()),
    "exp": (torch.exp, Normal()),
    "tiny": (lambda x: 1e-6 * x, Uniform(0.5, 2.0)),
    "huge": (lambda x: 1e6 * x, Uniform(0.5, 2.0)),
    "of tiny inputs": (lambda x: 3 * x, Uniform(1e-7, 2e-7)),
}


@pytest.mark.parametrize("name", WELL_CONDITIONED)
@pytest.mark.parametrize(("precision", "slip"), [(Precision.SINGLE, 1e-4), (Precision.DOUBLE, 1e-9)])
@pytest.mark.parametrize("seed", range(5))
def test_a_small_relative_slip_never_passes(name, precision, slip, seed):
    function, values = WELL_CONDITIONED[name]
    case = case_of(x=drawn((7, 5), seed, values))
    assert disagreement(function, function, case, precision) is None
    assert disagreement(function, lambda x: function(x) * (1 + slip), case, precision) is not None
    assert disagreement(function, lambda x: function(x) * (1 - slip), case, precision) is not None


@BOTH
@pytest.mark.parametrize("name", WELL_CONDITIONED)
@pytest.mark.parametrize("seed", range(5))
def test_zeros_and_constants_never_pass(precision, name, seed):
    function, values = WELL_CONDITIONED[name]
    case = case_of(x=drawn((7, 5), seed, values))
    right = function(case.inputs["x"])
    assert disagreement(function, lambda x: torch.zeros_like(function(x)), case, precision) is not None
    if right.numel() > 1:
        constant = float(right.mean())
        assert disagreement(function, lambda x: torch.full_like(function(x), constant), case, precision) is not None


@BOTH
@pytest.mark.parametrize("expected", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("got", [math.inf, -math.inf, math.nan, 0.0, 1e30])
def test_what_is_not_finite_must_match_exactly(precision, expected, got):
    case = case_of(x=torch.tensor([1.0, 2.0], dtype=torch.float64))
    same = (math.isnan(expected) and math.isnan(got)) or expected == got

    def reference(x):
        return torch.cat((x, torch.full((1,), expected, dtype=x.dtype)))

    def answer(x):
        return torch.cat((x, torch.full((1,), got, dtype=x.dtype)))

    assert (disagreement(reference, answer, case, precision) is None) is same


@BOTH
def test_a_finite_value_must_not_become_infinite(precision):
    case = case_of(x=torch.tensor([1.0, 2.0], dtype=torch.float64))
    found = disagreement(lambda x: x, lambda x: x * math.inf, case, precision)
    assert found is not None
    assert found.differing == 2
    assert math.isinf(found.got)


@BOTH
def test_an_infinite_expectation_elsewhere_does_not_widen_the_allowance(precision):
    case = case_of(x=drawn((6,), 0))

    def reference(x):
        return torch.cat((x, x[:1] / 0))

    assert disagreement(reference, lambda x: reference(x * (1 + 1e-3)), case, precision) is not None


@BOTH
def test_where_zero_is_expected_a_few_ulps_of_the_inputs_pass_and_no_more(precision):
    case = case_of(x=drawn((9,), 0, Normal(0.0, 50.0)))
    eps = torch.finfo(precision.dtype).eps

    def nothing(x):
        return x * 0

    assert disagreement(nothing, lambda x: nothing(x) + 4 * eps, case, precision) is None
    assert disagreement(nothing, lambda x: x * eps, case, precision) is None
    assert disagreement(nothing, lambda x: nothing(x) + 1e5 * eps, case, precision) is not None


@BOTH
@pytest.mark.parametrize("large", [3, (1 << 53) + 1, -(1 << 62) - 1])
def test_integers_are_exact(precision, large):
    case = case_of(x=torch.zeros(2, dtype=torch.float64))

    def reference(x):
        return torch.tensor([large, 0])

    assert disagreement(reference, reference, case, precision) is None
    assert disagreement(reference, lambda x: torch.tensor([large + 1, 0]), case, precision) is not None
    assert disagreement(reference, lambda x: torch.tensor([large - 1, 0]), case, precision) is not None
    assert disagreement(reference, lambda x: torch.tensor([float(large), 0.4]), case, precision) is not None


def test_booleans_are_compared_as_integers():
    leaf = Leaf(torch.tensor([True, False]), 0.0)
    assert difference(torch.tensor([True, False]), leaf) is None
    assert difference(torch.tensor([1, 0]), leaf) is None
    assert difference(torch.tensor([1, 2]), leaf) is not None


@BOTH
def test_results_without_axes(precision):
    case = case_of(x=drawn((5,), 0))
    assert disagreement(total, total, case, precision) is None
    found = disagreement(total, lambda x: total(x) + 1, case, precision)
    assert found is not None
    assert (found.index, found.total, found.differing) == ((), 1, 1)


@BOTH
def test_python_numbers_are_results(precision):
    case = case_of(x=drawn((5,), 0), scale=2.5)

    def scaled(x, scale):
        return scale * 2

    leaf = expect(value_of(scaled), case, precision).leaves[0]
    assert difference(torch.tensor(5.0, dtype=torch.float64), leaf) is None
    assert difference(torch.tensor(5.1, dtype=torch.float64), leaf) is not None


@BOTH
def test_empty_results_agree(precision):
    case = case_of(x=torch.zeros((0, 3), dtype=torch.float64))
    assert disagreement(torch.square, torch.square, case, precision) is None


def test_several_results_have_their_own_allowances():
    case = case_of(x=drawn((5,), 0))
    expectation = expect(value_of(lambda x: (1e6 * x, x)), case, Precision.DOUBLE)
    large, small = (leaf.allowance for leaf in expectation.leaves)
    assert large > 1e3 * small
    assert [len(e) for e in expectation.evaluations] == [2] * len(expectation.evaluations)


def test_the_worst_element_is_reported():
    leaf = Leaf(torch.zeros((2, 3), dtype=torch.float64), 0.1)
    found = difference(torch.tensor([[0.0, 0.05, 1.0], [0.0, -7.0, 0.2]]), leaf)
    assert found is not None
    assert (found.index, found.got, found.expected, found.differing, found.total) == ((1, 1), -7.0, 0.0, 3, 6)


def test_leaves_flatten_tuples_and_numbers():
    assert [leaf.shape for leaf in leaves((torch.zeros(2), (1.0, [torch.zeros(1, 1)])))] == [(2,), (), (1, 1)]


@BOTH
def test_flags_and_masks_survive_the_ulps(precision):
    dones = Flags(0.5).draw((31,), {}, {}, rng_for("flags"))
    mask = torch.where(dones > 0, -math.inf, 0.0)
    case = case_of(x=drawn((31,), 0), dones=dones, mask=mask)

    def masked(x, dones, mask):
        return torch.softmax(x + mask, -1) * (1 - dones)

    assert disagreement(masked, masked, case, precision) is None
    assert expect(value_of(masked), case, precision).leaves[0].allowance < 1e-4


# Rewrites that are exact in real arithmetic, at shapes and values that nobody chose.
REWRITES = {
    "mean": (lambda x: x.mean(-1), lambda x: (x / x.shape[-1]).sum(-1)),
    "variance": (
        lambda x: x.var(-1, correction=0),
        lambda x: (x - x.mean(-1, keepdim=True)).pow(2).sum(-1) / x.shape[-1],
    ),
    "normalise": (
        lambda x: (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, correction=0, keepdim=True) + 1e-5),
        lambda x: torch.nn.functional.layer_norm(x, x.shape[-1:]),
    ),
    "softmax": (lambda x: torch.softmax(x, -1), unstable_softmax),
    "log softmax": (
        lambda x: torch.log_softmax(x, -1),
        lambda x: x - x.exp().sum(-1, keepdim=True).log(),
    ),
    "norm": (lambda x: x.norm(dim=-1), lambda x: (x * x).sum(-1) ** 0.5),
    "gram": (lambda x: x.unsqueeze(-1) * x.unsqueeze(-2), lambda x: torch.einsum("...i,...j->...ij", x, x)),
    "cumulative": (lambda x: x.cumsum(-1), lambda x: x @ torch.ones(x.shape[-1], x.shape[-1], dtype=x.dtype).triu()),
    "logistic": (torch.sigmoid, lambda x: 0.5 * (1 + torch.tanh(x / 2))),
    "square of a gap": (lambda x: (x - 0.3) ** 2, lambda x: x * x - 0.6 * x + 0.09),
}


@BOTH
@pytest.mark.parametrize("name", REWRITES)
@MANY
@given(shape=SIZES, seed=SEEDS, std=st.sampled_from((0.1, 1.0, 3.0)))
def test_a_correct_rewrite_is_never_refused(precision, name, shape, seed, std):
    reference, rewritten = REWRITES[name]
    case = case_of(x=drawn(shape, seed, Normal(0.0, std)))
    assert disagreement(reference, rewritten, case, precision) is None


@pytest.mark.parametrize("name", REWRITES)
@MANY
@given(shape=SIZES, seed=SEEDS, slip=st.sampled_from((1e-6, -1e-6)))
def test_a_scaled_answer_is_always_refused_in_float64(name, shape, seed, slip):
    reference, rewritten = REWRITES[name]
    case = case_of(x=drawn(shape, seed))
    right = reference(case.inputs["x"])
    found = disagreement(reference, lambda x: rewritten(x) * (1 + slip), case, Precision.DOUBLE)
    assert found is not None or float(right.abs().max()) < 1e-9  # one feature: nothing is left to scale


@MANY
@given(shape=SIZES, seed=SEEDS)
def test_a_gradient_by_another_way_is_never_refused_and_a_scaled_one_is(shape, seed):
    x = drawn(shape, seed)
    call = Call("f", case_of(x=x), Precision.DOUBLE, differentiate=("x",), cotangent=torch.ones(shape[:-1]).double())
    leaf = expect(gradient_of(lambda x: torch.logsumexp(x, -1), call), call.case, call.precision).leaves[0]
    (other,) = gradient_of(lambda x: x.exp().sum(-1).log(), call)(call.case.inputs, Precision.DOUBLE)
    assert difference(other, leaf) is None
    assert difference(other * (1 + 1e-6), leaf) is not None
