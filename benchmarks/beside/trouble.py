"""What happens in each grader where something goes wrong: bad submissions, a new version of one, a killed run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from beside.course import Answers, broken_notebook, handed_in, right_answers
from beside.environments import Environment
from beside.tools import Grader, Marks, Nbgrader, Otter, Ours

PATIENCE = 60.0
"""Seconds after which a command of otter's is killed: it has no limit of its own."""

UNDERWAY = 1.5
"""Seconds between the moment when a submission is begun and the kill."""

RIGHT = "right"
"""The students whose submissions nothing is wrong with."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A way to be bad, and the points that the two other questions deserve."""

    title: str
    spoil: Callable[[str], str]
    deserved: float = 2.0


def _first(line: str) -> Callable[[str], str]:
    return lambda answer: f"{line}\n{answer}"


BAD: Mapping[str, Bad] = {
    "b_hang": Bad("`while True: pass` in the cell of question 2", _first("while True:\n    pass")),
    "c_exit": Bad("`sys.exit(0)` there", _first("import sys\nsys.exit(0)")),
    "d_syntax": Bad("a syntax error there", lambda answer: answer.replace("):", ")", 1)),
    "e_killed": Bad("`os._exit(0)` there, which ends the process", _first("import os\nos._exit(0)")),
    "f_cut_off": Bad("a file that was cut off in the upload", lambda _: "", 0.0),
}
FIRST, LAST = "a_right", "g_right"


def bad_class(released: Path) -> dict[str, str]:
    """A right submission, one that is bad in each way, and another right one."""
    good = right_answers(0)
    texts = {student: handed_in(released, _spoiled(good, bad)) for student, bad in BAD.items()}
    texts["f_cut_off"] = broken_notebook()
    return {FIRST: handed_in(released, good), **texts, LAST: handed_in(released, right_answers(1))}


def _spoiled(answers: Answers, bad: Bad) -> Answers:
    return {**answers, "categorical_entropy": bad.spoil(answers["categorical_entropy"])}


def marks_of_bad_class(grader: Grader, released: Path) -> tuple[Marks, str]:
    """The marks, and how the commands ended."""
    notebooks = bad_class(released)
    grader.hand_in(notebooks)
    ended = grader.grade(most_seconds=PATIENCE if isinstance(grader, Otter) else 600.0)
    codes = ", ".join("killed by us" if each.stopped else str(each.code) for each in ended)
    seconds = sum(each.cost.wall for each in ended)
    return grader.marks(tuple(notebooks)), f"exit codes {codes}; {seconds:.0f} s"


def marks_after_a_new_version(grader: Grader, released: Path) -> tuple[Marks, Marks]:
    """The marks of a right submission, and after worse ones were handed in in its place and the class graded again.

    The second version has a wrong answer to question 3; the one of the other student ends the process in question 2.
    """
    good = right_answers(0)
    students = ("changed_wrong", "changed_ending")
    grader.hand_in({student: handed_in(released, good) for student in students})
    grader.grade()
    before = grader.marks(students)
    wrong = {**good, "layer_norm": "def layer_norm(x, gamma, beta, eps):\n    return x"}
    grader.hand_in(
        {
            "changed_wrong": handed_in(released, wrong),
            "changed_ending": handed_in(released, _spoiled(good, BAD["e_killed"])),
        }
    )
    grader.grade()
    return before, grader.marks(students)


def marks_after_a_kill(grader: Grader, released: Path) -> tuple[Marks, Marks]:
    """The marks after `kill -9` in the midst of the second of two right submissions, and after the command again."""
    good = right_answers(0)
    slow = {**good, "td_error": f"import time\ntime.sleep(6)\n{good['td_error']}"}
    students = ("a_quick", "b_slow")
    grader.hand_in({"a_quick": handed_in(released, good), "b_slow": handed_in(released, slow)})
    grader.grade(kill_when=_underway(grader, "b_slow"))
    killed = grader.marks(students)
    grader.grade()
    return killed, grader.marks(students)


def _underway(grader: Grader, student: str) -> Callable[[], bool]:
    since: list[float] = []

    def underway() -> bool:
        if not since and grader.is_at(student):
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] > UNDERWAY

    return underway


def print_troubles(folder: Path, otter: Environment, nbgrader: Environment) -> None:
    """Let everything go wrong in each grader, and print a table of the points that come out."""
    released = Nbgrader(nbgrader, _made(folder / "released")).released
    graders: dict[str, Callable[[Path], Grader]] = {
        "`otter run`": lambda where: Otter(otter, where),
        "`nbgrader autograde`": lambda where: Nbgrader(nbgrader, where),
        "`grader batch`": Ours,
    }
    told = {}
    for number, (name, grader) in enumerate(graders.items()):
        folders = (_made(folder / f"{number}-{part}") for part in ("bad", "versions", "killed"))
        told[name] = _rows(*(grader(where) for where in folders), released)
    print("\nPoints of 3 that each grader gives out; — where it gives none.\n")
    print(f"| | deserved | {' | '.join(told)} |")
    print("|---|---|" + "---|" * len(told))
    for row in next(iter(told.values())):
        print(f"| {row} | {' | '.join(cells[row] for cells in told.values())} |")


def _rows(bad: Grader, versions: Grader, killed: Grader, released: Path) -> dict[str, str]:
    """The cells of one grader; keys are the first two cells of the rows."""
    marks, ending = marks_of_bad_class(bad, released)
    rows = {"**bad ones in a class of seven:** the first, a right one | 3": _points(marks[FIRST])}
    rows |= {f"{each.title} | {each.deserved:g}": _points(marks[student]) for student, each in BAD.items()}
    rows |= {"the last, a right one | 3": _points(marks[LAST]), "how the commands ended |": ending}
    first, second = marks_after_a_new_version(versions, released)
    rows["**a new version, and the same command again:** before | 3"] = _points(first["changed_wrong"])
    rows["after question 3 became wrong | 2"] = _points(second["changed_wrong"])
    rows["after question 2 came to end the process | 2"] = _points(second["changed_ending"])
    at_once, again = marks_after_a_kill(killed, released)
    rows["**`kill -9` in the midst of the second of two right ones:** the first, at once | 3"] = _points(
        at_once["a_quick"]
    )
    rows["the second, at once | —"] = _points(at_once["b_slow"])
    rows["the second, after the same command again | 3"] = _points(again["b_slow"])
    return rows


def _points(mark: float | None) -> str:
    return "—" if mark is None else f"{mark:g}"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
