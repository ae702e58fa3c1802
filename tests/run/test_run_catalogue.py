"""The whole catalogue through the real sandbox: honest variants, misconceptions, no answers at all.

That whole submissions get all points is in `tests/test_submissions.py`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from grader.catalog.find import Place, bundled
from grader.catalog.load import load
from grader.run.zygote import Slot
from tests.problems.core import CORE, TRAINED
from tests.run.submissions import Grade

PLACES = {place.id: place for place in bundled().places}
ROOT = Path(__file__).resolve().parents[2]
HONEST = ROOT / "tests" / "problems" / "honest"
REFERENCES = {f"reference/{path.name}": path.read_text() for path in (ROOT / "reference").glob("*.py")}


def _public_functions(path: Path) -> list[str]:
    return re.findall(r"^(?:def|class) ([a-zA-Z]\w*)\b", path.read_text(), re.MULTILINE)


@cache
def _misconceptions(place: Place) -> list[str]:
    return [misconception.name for misconception in load(place).problem.named_misconceptions()]


MOST = 3
"""Variants and misconceptions of each core problem: `grader verify` and `tests/problems` go through all of them."""


@pytest.mark.parametrize(
    ("name", "variant"),
    [(name, variant) for name in sorted(CORE) for variant in _public_functions(HONEST / f"{name}.py")[:MOST]],
)
def test_an_honest_variant_gets_full_marks(name: str, variant: str, sandlock: Slot, grade: Grade) -> None:
    source = (HONEST / f"{name}.py").read_text() + f"\n{name} = {variant}\n"
    (problem,) = grade(sandlock, source, name).problems
    assert [(v.check, v.message) for v in problem.verdicts if v.points < v.max_points] == []


def _without_the_grader(place: Place) -> str:
    """A problem's file up to its declaration, without what a submission can't import."""
    source = place.path.read_text().partition("\nPROBLEM = ")[0]
    return re.sub(r"^from (grader|problems)\b[^(\n]*(\([^)]*\))?\n", "", source, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "misconception"),
    [(name, m) for name in sorted({*CORE, *TRAINED}) for m in _misconceptions(PLACES[name])[:MOST]],
)
def test_a_misconception_loses_points_and_is_named(name: str, misconception: str, sandlock: Slot, grade: Grade) -> None:
    answer = f"import wrong\n\n{name} = wrong.{misconception}\n"
    files = {"answers.py": answer, "wrong.py": _without_the_grader(PLACES[name]), **REFERENCES}
    (problem,) = grade(sandlock, files, name).problems
    assert problem.score < problem.max_score
    assert {v.misconception for v in problem.verdicts} - {None} == {misconception}


NO_ANSWERS = {
    "zeros": "torch.zeros_like(arguments[0])",
    "its input": "arguments[0]",
    "a constant": "torch.ones(())",
    "a number": "1.0",
    "NaN": "arguments[0] * float('nan')",
    "an exception": "1 / 0",
    "nothing": "None",
}


EVERYWHERE = frozenset({"zeros", "an exception", "nothing"})
"""Given to every problem; `grader verify` gives them constants and copies of their inputs too, outside the sandbox."""


@pytest.mark.parametrize("what", NO_ANSWERS)
def test_an_answer_that_is_none_scores_zero(what: str, sandlock: Slot, grade: Grade) -> None:
    names = sorted(PLACES if what in EVERYWHERE else CORE)
    functions = [f"def {name}(*arguments):\n    return {NO_ANSWERS[what]}\n" for name in names]
    report = grade(sandlock, "import torch\n\n" + "\n".join(functions), *names)
    assert {problem.id: problem.score for problem in report.problems} == dict.fromkeys(names, 0.0)


def test_the_submissions_of_this_module_hold_what_they_should() -> None:
    for name, place in PLACES.items():
        assert name in TRAINED or len(_public_functions(HONEST / f"{name}.py")) >= 5
        assert not re.search(r"^(from|import) (grader|problems)\b", _without_the_grader(place), re.MULTILINE)
        for misconception in _misconceptions(place):
            assert re.search(rf"^(def|class) {misconception}\b", _without_the_grader(place), re.MULTILINE)
