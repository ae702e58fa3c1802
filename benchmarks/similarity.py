"""How often copies are found, and how often different right answers are taken for copies.

    python benchmarks/similarity.py [--students N] [--problems N]

The answers are those of `tests/problems/honest` and `tests/submissions`; the disguises are those of
`tests/similarity/disguises.py`. First every answer is one student's, and one of them is copied at a time. Then a class
of N is drawn: the first way of answering is twice as common as the second, three times as common as the third, and so
on, and everybody has written it down in words of their own.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from grader.similarity.answers import answer_of_text  # noqa: E402 -- the line above finds it
from grader.similarity.fragments import fragments  # noqa: E402
from grader.similarity.model import Likeness  # noqa: E402
from grader.similarity.pairs import Owned, pairs_of  # noqa: E402
from tests.similarity.disguises import DISGUISES, disguised, heavily_disguised, renamed  # noqa: E402
from tests.similarity.samples import answered, honest_answers  # noqa: E402

SMALL = 25
"""Nodes of a syntax tree below which an answer is told of apart."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--problems", type=int, default=len(answered()))
    given = parser.parse_args()
    problems = answered()[: given.problems]
    everybody_differs(problems)
    a_class(problems, given.students)


def everybody_differs(problems: tuple[str, ...]) -> None:
    """Print how many pairs of different answers are listed, and how many copies, by disguise and size."""
    listed = compared = 0
    found: Counter[tuple[str, bool]] = Counter()
    tried: Counter[tuple[str, bool]] = Counter()
    for problem in problems:
        texts = _texts(problem)
        listed += len(_pairs(problem, texts))
        compared += len(texts) * (len(texts) - 1) // 2
        for name, text in texts.items():
            is_small = _nodes(problem, text) < SMALL
            for disguise, disguise_text in DISGUISES.items():
                copy = disguise_text(text, random.Random(f"{problem} {name}"))
                tried[disguise, is_small] += 1
                found[disguise, is_small] += {name, "copy"} in _pairs(problem, {**texts, "copy": copy})
    print(f"Different right answers to {len(problems)} problems: {listed} of {compared} pairs are listed.")
    for disguise in DISGUISES:
        larger, smaller = (f"{found[disguise, small]} of {tried[disguise, small]}" for small in (False, True))
        print(f"Copies found, {disguise}: {larger}; of answers under {SMALL} nodes {smaller}")


def a_class(problems: tuple[str, ...], students: int) -> None:
    """Print how many pairs are listed in a class in which many answer alike."""
    listed = 0
    for problem in problems:
        rng = random.Random(f"{problem} {students}")
        texts = list(_texts(problem).values())
        rng.shuffle(texts)
        chosen = rng.choices(texts, [1 / (rank + 1) for rank in range(len(texts))], k=students)
        written = {
            f"s{number}": rng.choice((renamed, disguised, heavily_disguised))(text, rng)
            for number, text in enumerate(chosen)
        }
        listed += len(_pairs(problem, written))
    print(f"Classes of {students} that copied nothing: {listed / len(problems):.1f} pairs are listed for each problem.")


def _pairs(problem: str, texts: Mapping[str, str]) -> list[set[str]]:
    answers = ((student, answer_of_text("answer.py", text, problem)) for student, text in texts.items())
    owned = [Owned(student, None, answer) for student, answer in answers if answer is not None]
    return [{pair.one.student, pair.other.student} for pair in pairs_of({problem: owned}, {})]


def _nodes(problem: str, text: str) -> int:
    answer = answer_of_text("answer.py", text, problem)
    return 0 if answer is None else len(fragments(answer, Likeness.STRUCTURE))


def _texts(problem: str) -> dict[str, str]:
    """Everybody's file, by what it is called."""
    texts = honest_answers(problem)
    for path in sorted((PROJECT / "tests" / "submissions").glob("*/*.py")):
        text = path.read_text(encoding="utf-8")
        if any(isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == problem for n in ast.parse(text).body):
            texts[path.parent.name] = text
    return texts


if __name__ == "__main__":
    main()
