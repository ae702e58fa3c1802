"""What docs/grading.md says of outcomes, checks and allowances is what the code has."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from grader import checks
from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.checks.evaluation import ROUNDS, SIZE
from grader.checks.training import ATTEMPTS
from grader.compare.expectation import EVALUATIONS, ROUNDING, SLACK, SMALL
from grader.diagnose.match import CLOSER
from grader.grading import EARNS
from grader.model.exchange import Precision
from grader.model.verdict import Outcome

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`.*?) \| .* \| (all|none) \|$", PAGE, re.MULTILINE)
COUNTS = {4: "four times"}


def test_every_outcome_is_told_with_what_it_earns() -> None:
    assert dict(ROWS) == {f"`{outcome.value}`": "all" if outcome in EARNS else "none" for outcome in Outcome}


def test_every_kind_of_check_is_told() -> None:
    kinds = [name for name in checks.__all__ if hasattr(getattr(checks, name), "examine")]
    table = PAGE.split("\n## Checks\n")[1].split("\n## ")[0]
    assert [name for name in (*kinds, "full_precision") if f"`{name}`" not in table] == []


def test_the_table_of_agents_has_the_numbers_of_the_problem() -> None:
    courses = [check.course for check in load(bundled().choose(("train",))[0]).problem.checks]
    (cartpole,) = (course for course in courses if course.environment == "CartPole-v1")
    assert f"no more than the floor on average (CartPole: {cartpole.floor})" in PAGE
    assert f"the target or more on average (CartPole: {cartpole.target})" in PAGE
    assert "`Trains`" in PAGE


@pytest.mark.parametrize(("kind", "name"), re.findall(r"`(\w+)`, named `(\w+)`", PAGE))
def test_names_of_checks_are_those_in_reports(kind: str, name: str) -> None:
    made = getattr(checks, kind)
    arguments = {"points": 1, "forbidden": ()}
    wanted = {key: value for key, value in arguments.items() if key in inspect.signature(made).parameters}
    assert made(**wanted).name == name


def test_the_numbers_are_those_of_the_code() -> None:
    assert rf"\le {SLACK:g} \cdot" in PAGE
    assert rf"{ROUNDING:g} \cdot \mathrm{{eps}}" in PAGE
    assert SMALL == {Precision.SINGLE: 5e-5, Precision.DOUBLE: 5e-10}
    assert r"5 \cdot 10^{-5}" in PAGE
    assert "5·10⁻¹⁰ in place of 5·10⁻⁵" in PAGE
    assert f"in float32 {COUNTS[EVALUATIONS]}" in PAGE
    assert f"up to {sum(ROUNDS):,}, and stops" in PAGE
    assert f"plays {ROUNDS[0]} episodes side by side, then {ROUNDS[1]} more" in PAGE
    assert (SIZE, ATTEMPTS) == (1e-6, 3)
    assert f"at least {COUNTS[round(1 / CLOSER)]} closer" in PAGE
