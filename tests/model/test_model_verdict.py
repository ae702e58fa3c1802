"""Outcomes can't be mistaken for truth values, and the gravest one speaks for a problem."""

from __future__ import annotations

from itertools import combinations

import pytest
import torch

from grader.checks import Agreement, Contract
from grader.errors import ProblemDefinitionError
from grader.model.exchange import Opaque, Precision
from grader.model.problem import Misconception, Problem
from grader.model.show import SHOWN_ELEMENTS, setting_of, show
from grader.model.signature import Signature, Tensor
from grader.model.submission import Notice
from grader.model.verdict import Finding, Outcome, ProblemReport, Report, Verdict

GRAVEST_FIRST = (
    Outcome.GRADER_ERROR,
    Outcome.SUBMISSION_ERROR,
    Outcome.FAILED,
    Outcome.BLOCKED,
    Outcome.UNDECIDED,
    Outcome.PASSED,
)


def verdict(outcome, points=1.0, most=2.0):
    return Verdict("check", "does it", outcome, points, most)


def report(*outcomes):
    return ProblemReport("p", "P", 1, tuple(map(verdict, outcomes)))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_neither_a_verdict_nor_a_finding_has_a_truth_value(outcome):
    with pytest.raises(TypeError, match="outcome"):
        bool(verdict(outcome))
    with pytest.raises(TypeError, match="outcome"):
        bool(Finding(outcome))


def test_every_outcome_is_ranked():
    assert set(GRAVEST_FIRST) == set(Outcome)


@pytest.mark.parametrize(("graver", "lighter"), list(combinations(GRAVEST_FIRST, 2)), ids=lambda o: o.value)
def test_the_gravest_outcome_speaks_for_a_problem(graver, lighter):
    assert report(lighter, graver, lighter).outcome is graver
    assert report(graver, lighter).outcome is graver


def test_points_add_up():
    one = report(Outcome.PASSED, Outcome.FAILED)
    whole = Report("s", 1, "none", "cpu", (one, one))
    assert (one.score, one.max_score, whole.score, whole.max_score) == (2.0, 4.0, 4.0, 8.0)


@pytest.mark.parametrize(
    ("path", "line", "text"), [(None, None, "Oh."), ("a.py", None, "a.py: Oh."), ("a.py", 3, "a.py:3: Oh.")]
)
def test_a_notice_says_where(path, line, text):
    assert str(Notice("Oh.", path, line)) == text


def documented(x):
    """You do it wrong."""
    return x


def problem(**changes):
    parts = {
        "title": "P",
        "source": "",
        "statement": "",
        "formula": "",
        "signature": Signature({"x": Tensor("N", "x")}, "N"),
        "reference": lambda x: x,
        "checks": (Agreement(1), Contract(1)),
        "misconceptions": (documented,),
    }
    return Problem(**{**parts, **changes})


def test_a_misconception_has_the_name_and_words_of_its_function():
    assert problem().named_misconceptions() == (Misconception("documented", "You do it wrong.", documented),)
    assert problem().points == 2


def test_a_misconception_without_feedback_is_refused():
    with pytest.raises(ProblemDefinitionError, match="no docstring"):
        problem(misconceptions=(lambda x: x,))


def test_a_numerical_misconception_has_to_be_among_them():
    assert problem(numerical=(documented,)).numerical == (documented,)
    with pytest.raises(ProblemDefinitionError, match="`documented` is numerical, but not among the misconceptions"):
        problem(misconceptions=(), numerical=(documented,))


def test_two_checks_of_one_name_are_refused():
    with pytest.raises(ProblemDefinitionError, match="two checks are named `agreement`"):
        problem(checks=(Agreement(1), Agreement(2)))


def test_a_check_that_requires_one_which_is_not_there_is_refused():
    with pytest.raises(ProblemDefinitionError, match="`contract` requires `agreement`"):
        problem(checks=(Contract(1),))


def test_small_values_are_shown_and_large_ones_described():
    assert show(torch.arange(SHOWN_ELEMENTS).float()) == list(range(SHOWN_ELEMENTS))
    assert show(torch.zeros(7, 7)) == "tensor of shape (7, 7)"
    assert show((torch.tensor(1.5), 2, Opaque("Thing"))) == (1.5, 2, "a value of type Thing")
    assert Precision.SINGLE.dtype is torch.float32


def test_a_setting_holds_plain_data():
    from grader.model.case import Case

    setting = setting_of(Case("c", {"x": torch.tensor([1.0]), "gamma": 0.9}, {"N": 1}), Precision.DOUBLE)
    assert (setting.case, setting.precision, setting.inputs) == ("c", "float64", {"x": [1.0], "gamma": 0.9})
