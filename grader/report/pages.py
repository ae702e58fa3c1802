"""Pages for reading problems without running anything: one for each question, and an index, in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from grader.model.problem import CatalogEntry
from grader.model.words import number

INDEX = "README.md"
"""The page that GitHub shows for a folder."""

_ACRONYMS = ("a2c", "a3c", "ppo")


def pages(entries: Iterable[CatalogEntry]) -> Mapping[str, str]:
    """File name to content; `entries` are in order of question."""
    questions = [(topic, tuple(group)) for topic, group in groupby(entries, key=lambda e: (e.question, e.topic))]
    written = {_file(*topic): _page(*topic, group) for topic, group in questions}
    return {INDEX: _index(questions)} | written


def _file(question: int, topic: str) -> str:
    return f"q{question:02d}_{topic}.md"


def _heading(question: int, topic: str) -> str:
    words = " ".join(word.upper() if word in _ACRONYMS else word for word in topic.split("_"))
    return f"Question {question}: {words[0].upper()}{words[1:]}"


def _index(questions: list[tuple[tuple[int, str], tuple[CatalogEntry, ...]]]) -> str:
    every = [entry for _, entries in questions for entry in entries]
    points = number(sum(entry.problem.points for entry in every))
    rows = (
        (f"[{_heading(*topic)}]({_file(*topic)})", _linked(entry, _file(*topic)), number(entry.problem.points))
        for topic, entries in questions
        for entry in entries
    )
    about = (
        f"{len(every)} problems, {points} points altogether, unless an [assignment](../assignment.md) chooses among "
        "them or weighs them otherwise. What the checks look at is told in [how a grade is made](../grading.md). "
        "These pages are generated from the problems themselves."
    )
    return _joined(("# The problems", about, _table(("Question", "Problem", "Points"), rows)))


def _linked(entry: CatalogEntry, file: str) -> str:
    return f"[{_cell(entry.problem.title)}]({file}#{entry.id})"


def _page(question: int, topic: str, entries: tuple[CatalogEntry, ...]) -> str:
    parts = [f"# {_heading(question, topic)}", f"[All questions]({INDEX})"]
    for entry in entries:
        parts += _problem(entry)
    return _joined(parts)


def _problem(entry: CatalogEntry) -> Iterator[str]:
    problem = entry.problem
    yield f'<a id="{entry.id}"></a>\n\n## {problem.title}'
    yield f"`{entry.id}` · {number(problem.points)} points · *{problem.source}*"
    yield problem.statement.strip()
    yield f"$$\n{problem.latex}\n$$"
    yield f"```python\n{problem.signature.header(entry.id)}\n```"
    described = ((_name(name), _cell(kind), _cell(about)) for name, kind, about in problem.signature.describe())
    yield _table(("Argument", "What it is", "About"), described)
    checks = ((f"`{check.name}`", number(check.points), _cell(check.title)) for check in problem.checks)
    yield _table(("Check", "Points", "What it says"), checks)
    yield from _order(entry)


def _order(entry: CatalogEntry) -> Iterator[str]:
    for required in dict.fromkeys(check.requires for check in entry.problem.checks if check.requires):
        names = [f"`{check.name}`" for check in entry.problem.checks if check.requires == required]
        yield f"Looked at once `{required}` passes: {', '.join(names)}."


def _name(name: str) -> str:
    """An argument; that of a method stands below the method, set off."""
    return f"{'· ' if name.startswith(' ') else ''}`{name.strip()}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
