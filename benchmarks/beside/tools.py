"""The three graders: how a class is laid out for each, the command that grades it, and the marks that come out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import nbformat

from beside.course import QUESTIONS, assignment_for_nbgrader, write_otter_tests, write_problems
from beside.environments import Environment
from beside.metering import Cost, Ended, run, succeed
from grader.errors import GraderError
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook

ASSIGNMENT = "ps1"
NOTEBOOK = "answers.ipynb"
BENCHMARKS = Path(__file__).resolve().parents[1]
OWN_VARIABLES = {"PYTHONPATH": f"{BENCHMARKS}{os.pathsep}{BENCHMARKS.parent}"}
"""For our own commands, which import the programs of this folder and this checkout of the grader."""

Class = Mapping[str, str]
"""For each student, the notebook that was handed in."""

Marks = Mapping[str, float | None]
"""For each student, of 3 points, those that the grader gives out; None where there is no mark."""


class Grader(Protocol):
    """A grader and its folder with a class."""

    folder: Path

    def hand_in(self, notebooks: Class) -> None:
        """Put the notebooks where the grader looks for them; later ones of a student replace earlier ones."""

    def grade(self, most_seconds: float = 600.0, kill_when: Callable[[], bool] | None = None) -> list[Ended]:
        """Grade the class: the commands that an instructor gives, in turn, until one is killed on purpose."""

    def marks(self, students: tuple[str, ...]) -> Marks:
        """What an instructor gets now."""

    def is_at(self, student: str) -> bool:
        """Whether the student's notebook is being executed, or was."""


def whole(ended: list[Ended]) -> Cost:
    """Of all commands together."""
    return Cost(sum(each.cost.wall for each in ended), sum(each.cost.cpu for each in ended))


@dataclass
class Otter:
    """`otter run`, which grades one notebook without a container. `otter grade` needs Docker."""

    environment: Environment
    folder: Path

    @cached_property
    def autograder(self) -> Path:
        """What `otter generate` makes of the tests."""
        write_otter_tests(self.folder / "tests")
        options = ("--no-config", "--no-requirements", "--no-environment", "-t", "tests", "-o", "autograder.zip")
        succeed([self.environment.command("otter"), "generate", *options], self.folder, self.variables)
        return self.folder / "autograder.zip"

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of its processes."""
        return self.environment.variables(self.folder)

    def hand_in(self, notebooks: Class) -> None:
        _write(self.folder / "submissions", {f"{student}.ipynb": text for student, text in notebooks.items()})

    def grade(self, most_seconds: float = 600.0, kill_when: Callable[[], bool] | None = None) -> list[Ended]:
        ended = []
        for notebook in sorted((self.folder / "submissions").glob("*.ipynb")):
            ended.append(
                run(self.command(notebook), self.folder, self.variables, most_seconds=most_seconds, kill_when=kill_when)
            )
            if ended[-1].stopped and kill_when is not None:
                break
        return ended

    def command(self, notebook: Path) -> list[str | Path]:
        """That grades one notebook."""
        results = self.folder / "results" / notebook.stem
        results.mkdir(parents=True, exist_ok=True)
        (results / "begun").touch()
        run_it = (self.environment.command("otter"), "run", "--no-logo", "-a", self.autograder)
        return [*run_it, "-o", results, notebook]

    def in_one_process(self) -> list[str | Path]:
        """A program that grades all notebooks with otter's Python interface."""
        program = (
            "import sys, time, json, resource; from otter.api import grade_submission\n"
            "def used():\n"
            "    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
            "    return sum(each.ru_utime + each.ru_stime for each in both)\n"
            "cpu, wall = used(), time.perf_counter()\n"
            "totals = [grade_submission(path, sys.argv[1], quiet=True).total for path in sys.argv[2:]]\n"
            "print(json.dumps({'wall': time.perf_counter() - wall, 'cpu': used() - cpu, 'totals': totals}))\n"
        )
        notebooks = sorted((self.folder / "submissions").glob("*.ipynb"))
        return [self.environment.python, "-c", program, self.autograder, *notebooks]

    def marks(self, students: tuple[str, ...]) -> Marks:
        return {student: self._mark(student) for student in students}

    def _mark(self, student: str) -> float | None:
        results = self.folder / "results" / student / "results.json"
        if not results.exists():
            return None
        return sum(test.get("score", 0.0) for test in json.loads(results.read_text(encoding="utf-8"))["tests"])

    def is_at(self, student: str) -> bool:
        return (self.folder / "results" / student / "begun").exists()


@dataclass
class Nbgrader:
    """`nbgrader autograde`, which grades a class; the marks are those that `nbgrader export` writes."""

    environment: Environment
    folder: Path

    @cached_property
    def released(self) -> Path:
        """The notebook that students fill in."""
        (self.folder / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "peers"\n')
        source = self.folder / "source" / ASSIGNMENT
        source.mkdir(parents=True)
        nbformat.write(assignment_for_nbgrader(), source / NOTEBOOK)
        succeed(self._command("generate_assignment", ASSIGNMENT), self.folder, self.variables)
        return self.folder / "release" / ASSIGNMENT / NOTEBOOK

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of its processes."""
        return self.environment.variables(self.folder)

    def _command(self, *words: str) -> list[str | Path]:
        return [self.environment.command("nbgrader"), *words]

    def hand_in(self, notebooks: Class) -> None:
        assert self.released.exists()
        _write(
            self.folder / "submitted",
            {f"{student}/{ASSIGNMENT}/{NOTEBOOK}": text for student, text in notebooks.items()},
        )

    def grade(self, most_seconds: float = 600.0, kill_when: Callable[[], bool] | None = None) -> list[Ended]:
        return [run(self.command(), self.folder, self.variables, most_seconds=most_seconds, kill_when=kill_when)]

    def command(self) -> list[str | Path]:
        """That grades the class."""
        return self._command("autograde", ASSIGNMENT)

    def forget(self) -> None:
        """Have everything graded anew."""
        shutil.rmtree(self.folder / "autograded", ignore_errors=True)

    def marks(self, students: tuple[str, ...]) -> Marks:
        succeed(self._command("export", "--to", "grades.csv"), self.folder, self.variables)
        with (self.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
            scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
        return {student: scores.get(student) for student in students}

    def is_at(self, student: str) -> bool:
        return (self.folder / "autograded" / student).exists()


@dataclass
class Ours:
    """`grader batch`, with problems that make the same assertions and no other checks."""

    folder: Path

    @cached_property
    def catalog(self) -> Path:
        """The problems."""
        write_problems(self.folder / "problems")
        return self.folder / "problems"

    def hand_in(self, notebooks: Class) -> None:
        _write(self.folder, {"assignment.toml": f'title = "Three questions"\nchoose = {json.dumps(QUESTIONS)}\n'})
        _write(self.folder / "submissions", {f"{student}.ipynb": text for student, text in notebooks.items()})

    def grade(self, most_seconds: float = 600.0, kill_when: Callable[[], bool] | None = None) -> list[Ended]:
        return [run(self.command(), self.folder, self.variables, most_seconds=most_seconds, kill_when=kill_when)]

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of its processes."""
        return OWN_VARIABLES

    def command(self) -> list[str | Path]:
        """That grades the class, on one worker."""
        grade_it = (sys.executable, "-m", "grader", "batch", "submissions", "--assignment", "assignment.toml")
        options = ("--problems", self.catalog, "--workers", "1", "--gradebook", "grades.db", "--output", "reports")
        return [*grade_it, *options]

    def worker(self, *, every_check: bool) -> list[str | Path]:
        """A program that grades as one worker of a pool does and prints what one more submission takes."""
        problems = () if every_check else (self.catalog,)
        return [sys.executable, "-m", "beside.worker", self.folder / "submissions", *problems]

    def bare(self) -> list[str | Path]:
        """A program that executes the notebooks and the assertions without a grader."""
        return [sys.executable, "-m", "beside.bare", self.folder / "submissions"]

    def forget(self) -> None:
        """Have everything graded anew."""
        for path in self.folder.glob("grades.db*"):
            path.unlink()
        shutil.rmtree(self.folder / "reports", ignore_errors=True)

    def marks(self, students: tuple[str, ...]) -> Marks:
        if not (self.folder / "grades.db").exists():
            return dict.fromkeys(students)
        with Gradebook.open(str(self.folder / "grades.db"), create=False) as gradebook:
            grades = gradebook.course().grades
        scores = {g.student.key: g.score for g in grades if g.state in (State.GRADED, State.UNREADABLE)}
        return {student: scores.get(student) for student in students}

    def is_at(self, student: str) -> bool:
        """Whether all before it are graded: there is one worker."""
        students = tuple(sorted(path.stem for path in (self.folder / "submissions").iterdir()))
        try:
            marks = self.marks(students)
        except GraderError:  # the gradebook is being made
            return False
        return all(marks[each] is not None for each in students if each < student)


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
