"""Compares the answers of a class, and with those of earlier years, and writes the page and the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.catalog.find import Place, bundled
from grader.catalog.load import load
from grader.classroom.handed_in import read_entry
from grader.classroom.model import Entry
from grader.classroom.read import read_class
from grader.errors import NothingToGrade, UsageError
from grader.intake.text import quoted
from grader.model.visible import visible
from grader.report.starter import starter_script
from grader.similarity.answers import answers_in, unread_files
from grader.similarity.page import similarity_page
from grader.similarity.pairs import Owned, pairs_of
from grader.similarity.table import similarity_csv

PAGE = "similarity.html"
TABLE = "similarity.csv"


def write_similarity(
    entries: Iterable[Entry], folder: Path, earlier: Sequence[Path] = (), *, places: Sequence[Place] | None = None
) -> None:
    """Write `similarity.html` and `similarity.csv` into a folder.

    Args:
        entries: what the class handed in.
        folder: it is made where it doesn't exist.
        earlier: folders of other years' submissions, in any layout that `read_class` knows.
        places: the problems; all bundled ones by default.

    Raises:
        UsageError: the folder can't be written, or one of `earlier` can't be read.
        NothingToGrade: one of `earlier` holds no submissions.
    """
    class_entries = tuple(entries)
    chosen = bundled().places if places is None else tuple(places)
    notes: list[str] = []
    answers: dict[str, list[Owned]] = {place.id: [] for place in chosen}
    for label, of_one_year in ((None, class_entries), *_earlier(earlier)):
        for owned, problem in _answers(label, of_one_year, tuple(answers), notes):
            answers[problem].append(owned)
    pairs = pairs_of(answers, _starters(chosen, answers))
    names = {entry.student.key: entry.student.shown for entry in class_entries}
    compared = {problem: len(owned) for problem, owned in answers.items() if owned}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / PAGE, similarity_page(pairs, names, notes, compared))
        _write(folder / TABLE, similarity_csv(pairs))
    except OSError as error:
        raise UsageError(f"{visible(str(error.filename or folder))} can't be written: {error.strerror}.") from error


def _earlier(folders: Sequence[Path]) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    for folder in folders:
        yield str(folder), read_class(folder).entries


def _answers(
    label: str | None, entries: Iterable[Entry], problems: Sequence[str], notes: list[str]
) -> Iterator[tuple[Owned, str]]:
    """One submission after the other, so that no more than one is held in memory."""
    for entry in entries:
        who = quoted(entry.student.shown) + (f" in {quoted(label)}" if label else "")
        try:
            submission = read_entry(entry)
        except NothingToGrade:
            notes.append(f"What {who} handed in can't be read.")
            continue
        notes += [f"{quoted(path)} of {who} can't be read as Python." for path in unread_files(submission)]
        for problem, answer in answers_in(submission, problems).items():
            yield Owned(entry.student.key, label, answer), problem


def _starters(places: Iterable[Place], answers: Mapping[str, Sequence[Owned]]) -> dict[str, str]:
    """The starters of the problems that anybody answered."""
    return {place.id: starter_script([load(place)]) for place in places if answers[place.id]}


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that nobody reads half a page."""
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
