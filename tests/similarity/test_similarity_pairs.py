"""Which answers are listed as alike, and which aren't."""

from __future__ import annotations

import random
import time

import pytest

from grader.intake import read_submission
from grader.similarity import Likeness, similar_pairs
from tests.similarity.disguises import DISGUISES, commented, heavily_disguised, renamed, verbatim
from tests.similarity.samples import honest_answers, notebook, submissions

PROBLEMS = (
    "conjugate_gradient",
    "generalized_advantage_estimate",
    "masked_attention",
    "ppo_loss",
    "relative_attention",
)


def _found(current, problem, **options):
    pairs = similar_pairs(current, problems=[problem], **options)
    return {frozenset((pair.one.student, pair.other.student)): pair for pair in pairs}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_different_right_answers_to_a_small_problem_are_not_listed(problem, tmp_path):
    assert _found(submissions(tmp_path, honest_answers(problem), problem), problem) == {}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_copy_is_found_under_every_disguise(disguise, tmp_path):
    texts = honest_answers("conjugate_gradient")
    original = "as_in_the_textbook"
    copy = DISGUISES[disguise](texts[original], random.Random(1))
    found = _found(submissions(tmp_path, {**texts, "copy": copy}), "conjugate_gradient")
    assert list(found) == [frozenset((original, "copy"))]


def test_verbatim_copies_are_alike_in_wording_and_disguised_ones_in_structure(tmp_path):
    texts = honest_answers("ppo_loss")
    original = min(texts)
    for disguise, likeness in ((verbatim, Likeness.WORDING), (renamed, Likeness.STRUCTURE)):
        copy = disguise(texts[original], random.Random(1))
        (pair,) = _found(submissions(tmp_path / disguise.__name__, {**texts, "copy": copy}), "ppo_loss").values()
        assert pair.likeness is likeness


def test_the_obvious_solution_of_many_is_not_listed_however_equal_its_structure(tmp_path):
    texts = honest_answers("masked_attention")
    obvious = texts["as_printed"]
    written = {f"student{n}": commented(renamed(obvious, random.Random(n)), random.Random(n)) for n in range(12)}
    assert _found(submissions(tmp_path, written), "masked_attention") == {}


def test_comments_give_a_verbatim_copy_away_where_everybody_has_the_obvious_solution(tmp_path):
    obvious = honest_answers("masked_attention")["as_printed"]
    written = {f"student{n}": commented(renamed(obvious, random.Random(n)), random.Random(n)) for n in range(12)}
    found = _found(submissions(tmp_path, {**written, "copy": written["student5"]}), "masked_attention")
    assert list(found) == [frozenset(("student5", "copy"))]


def test_what_the_starter_holds_does_not_count(tmp_path):
    text = min(honest_answers("ppo_loss").values())
    current = submissions(tmp_path, {"one": text, "other": text})
    assert _found(current, "ppo_loss")
    assert _found(current, "ppo_loss", starter={"ppo_loss": text}) == {}


def test_earlier_years_are_compared_with_the_class_and_not_with_one_another(tmp_path):
    texts = honest_answers("ppo_loss")
    name = min(texts)
    copy = heavily_disguised(texts[name], random.Random(1))
    current = submissions(tmp_path / "now", texts)
    earlier = {"2024": submissions(tmp_path / "2024", {"old": copy, "other old": copy})}
    pairs = similar_pairs(current, problems=["ppo_loss"], earlier=earlier)
    assert {(pair.one.student, pair.one.folder) for pair in pairs} == {(name, None)}
    assert {(pair.other.student, pair.other.folder) for pair in pairs} == {("old", "2024"), ("other old", "2024")}


def test_a_notebook_is_compared_with_a_script(tmp_path):
    texts = honest_answers("ppo_loss")
    name = min(texts)
    path = tmp_path / "copy.ipynb"
    imports, _, rest = texts[name].partition("\n\ndef ")
    path.write_text(notebook(imports, f"def {rest}"), encoding="utf-8")
    current = {**submissions(tmp_path / "class", texts), "copy": read_submission(path)}
    (pair,) = _found(current, "ppo_loss").values()
    assert {pair.one.student, pair.other.student} == {name, "copy"}
    assert "copy.ipynb, cell 2" in {piece.place for side in (pair.one, pair.other) for piece in side.pieces}


LONG = """
def answer(x, y):
    total = helper(x) + other_helper(y)
    for step in range(len(x)):
        total = total * step + x[step] ** 2 - y[step].clamp(min=0)
    return total / len(y)


def helper(value):
    return (value.exp() - value.log1p()).cumsum(0).flip(0) @ value.softmax(-1)


def unrelated(value):
    return value


other_helper = helper
"""


def test_what_an_answer_uses_belongs_to_it_and_nothing_else_does(tmp_path):
    current = submissions(tmp_path, {"one": LONG, "other": "import torch\n\n" + LONG})
    (pair,) = similar_pairs(current, problems=["answer"])
    first_lines = [piece.source.split("\n")[0] for piece in pair.one.pieces]
    assert first_lines == ["def answer(x, y):", "def helper(value):", "other_helper = helper"]


def test_lines_are_those_of_each_file(tmp_path):
    current = submissions(tmp_path, {"one": LONG, "other": "import torch\n\n" + LONG})
    (pair,) = similar_pairs(current, problems=["answer"])
    shared = {side.student: [piece.shared for piece in side.pieces] for side in (pair.one, pair.other)}
    assert shared["one"][:2] == [((2, 6),), ((9, 10),)]
    assert shared["other"][:2] == [((4, 8),), ((11, 12),)]


def test_only_what_hardly_anybody_else_wrote_is_marked(tmp_path):
    common = "    first = x.mean(-1, keepdim=True) / (y.var(-1, unbiased=False) + 1e-5).sqrt()\n"
    rare = "    return first.flip(0).cumsum(-1).roll(3, 1).logsumexp(0) ** 2 - y.triu(1).diagonal().prod()\n"
    texts = {f"s{n}": f"def answer(x, y):\n{common}    return first.argmin() + {n}.5\n" for n in range(8)}
    texts |= {"one": f"def answer(x, y):\n{common}{rare}", "other": f"def answer(x, y):\n{common}{rare}"}
    pair = _found(submissions(tmp_path, texts), "answer")[frozenset(("one", "other"))]
    assert {line for piece in pair.one.pieces for first, last in piece.shared for line in range(first, last + 1)} <= {
        2,
        3,
    }
    assert pair.one.pieces[0].shared[-1][1] == 3


def test_the_highest_score_comes_first(tmp_path):
    texts = honest_answers("ppo_loss")
    texts |= {f"copy of {name}": heavily_disguised(text, random.Random(1)) for name, text in sorted(texts.items())[:3]}
    scores = [pair.score for pair in similar_pairs(submissions(tmp_path, texts), problems=["ppo_loss"])]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)


def test_the_order_in_which_students_come_changes_no_pair(tmp_path):
    texts = honest_answers("ppo_loss")
    texts |= {f"copy of {name}": heavily_disguised(text, random.Random(1)) for name, text in sorted(texts.items())[:3]}
    current = submissions(tmp_path, texts)
    turned = dict(reversed(current.items()))
    assert set(_found(current, "ppo_loss")) == set(_found(turned, "ppo_loss"))


@pytest.mark.parametrize("texts", [{}, {"one": LONG}, {"one": "import torch\n", "other": "from lib import answer\n"}])
def test_where_there_is_nothing_to_compare_nothing_is_listed(texts, tmp_path):
    assert similar_pairs(submissions(tmp_path, texts), problems=["answer", "another"]) == ()


LONG_NUMBERS = (
    "def answer(x):\n" + "".join(f"    x = x {sign} 0x{'f' * 5000}\n" for sign in "+-*/%|&^") + "    return x\n"
)
"""Python refuses to write such numbers out in decimal."""

CHAIN = "def answer(x):\n    if x == 0:\n        return 0\n" + "".join(
    f"    elif x == {n}:\n        return {n}\n" for n in range(1, 60)
)


@pytest.mark.parametrize("text", [LONG_NUMBERS, CHAIN], ids=["long numbers", "a chain of branches"])
def test_answers_of_unusual_shape_are_compared(text, tmp_path):
    assert len(similar_pairs(submissions(tmp_path, {"one": text, "other": text}), problems=["answer"])) == 1


NAMES = [f"n{number}" for number in range(13_000)]


@pytest.mark.parametrize(
    "bound",
    ["\n".join(f"{name} = 0" for name in NAMES), " = ".join([*NAMES, "0"]), f"import {', '.join(NAMES)}"],
    ids=["each on a line", "in one statement", "imported"],
)
def test_many_names_in_one_file_take_no_longer_than_their_text(bound, tmp_path):
    text = f"{bound}\n\ndef answer(x):\n    return [{', '.join(NAMES)}]\n"
    current = submissions(tmp_path, {"one": text})
    began = time.process_time()
    similar_pairs(current, problems=["answer"])
    assert time.process_time() - began < 15
