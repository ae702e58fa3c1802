"""Runs the same questions with the same assertions through otter-grader, nbgrader and this grader, side by side.

    python benchmarks/peers.py [--students N] [--runs N] [--only cost|trouble] [--cache DIR]

Linux. The other two are installed with pip, in environments of their own below the cache folder; they use the torch of
the running environment. Prints Markdown: how it was measured, what a submission costs, and what happens in each of the
three where something goes wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from beside.course import handed_in, right_answers
from beside.environments import CACHE, NBGRADER, OTTER, Environment, installed
from beside.metering import Cost, most_memory, run, succeed
from beside.tools import Nbgrader, Otter, Ours, whole
from beside.trouble import print_troubles

FULL = 3.0

HOW = """\
**How it was measured.** {machine}; {students} notebooks with right answers to three questions (`td_error`,
`categorical_entropy`, `layer_norm`), written in different ways; the same files for all three graders. {runs} runs, in
each of which all graders take their turn; figures are medians over the runs. Load average {before} before, {after}
after. torch {torch} for all, from the same files; {versions}.

- *The same assertions*: nine values on fixed inputs (`benchmarks/beside/assertions.py`), as otter's exception-based
  tests, as nbgrader's hidden tests, and as the cases of our `agreement` check. *All checks*: everything that this
  grader does with the three problems (drawn inputs, float64, gradients, proofs, edge cases), which the others don't.
- *Whole command*: what the instructor's command takes for the class, by student. `otter run` is one command for each
  notebook; `otter grade` needs Docker{docker}. Everything is in it: starting Python, importing the grader,
  starting a kernel, importing torch there, writing results; for ours, pages and exports too.
- *One more submission*: otter, the command (it has no cheaper form; beside it, `otter.api.grade_submission` in one
  process for the whole class); nbgrader, the class less a class of one, by student; ours, one more submission in a
  worker whose sandbox is open, as a worker of a pool grades it, from reading the file to the report.
- *Overhead*: one more submission less what executing the same cells and the same assertions takes without any grader,
  in one process that has executed them before ({bare_wall:.1f} ms wall, {bare_cpu:.1f} ms CPU a submission). For otter
  and nbgrader it holds a kernel for each submission and `import torch` in it, {torch_wall:.2f} s wall and
  {torch_cpu:.2f} s CPU by itself; ours forks a process that has imported it. Ours runs in the sandbox ({isolation}),
  theirs as the user.
- CPU time counts all processes. Memory is the most that all processes of the command held at once, shared pages counted
  once, in a run of its own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("cost", "trouble"))
    parser.add_argument("--cache", type=Path, default=CACHE)
    given = parser.parse_args()
    environments = installed(OTTER, given.cache), installed(NBGRADER, given.cache)
    if given.only != "trouble":
        with tempfile.TemporaryDirectory(prefix="peers-") as folder:
            _print_cost(_Bench(Path(folder), *environments), given.students, given.runs)
    if given.only != "cost":
        with tempfile.TemporaryDirectory(prefix="peers-") as folder:
            print_troubles(Path(folder), *environments)


@dataclass
class _Bench:
    """The three graders, each with a folder, and what was measured."""

    folder: Path
    otter_environment: Environment
    nbgrader_environment: Environment
    figures: dict[str, list[Cost]] = field(default_factory=dict)
    isolation: str = ""

    def __post_init__(self) -> None:
        self.otter = Otter(self.otter_environment, _made(self.folder / "otter"))
        self.nbgrader = Nbgrader(self.nbgrader_environment, _made(self.folder / "nbgrader"))
        self.single = Nbgrader(self.nbgrader_environment, _made(self.folder / "single"))
        self.ours = Ours(_made(self.folder / "ours"))

    def hand_in(self, students: int) -> None:
        """The same notebooks to everybody; the first of them alone to a class of one."""
        released = self.nbgrader.released
        self.notebooks = {f"student_{n:02}": handed_in(released, right_answers(n)) for n in range(students)}
        for grader in (self.otter, self.nbgrader, self.ours):
            grader.hand_in(self.notebooks)
        first = min(self.notebooks)
        self.single.hand_in({first: self.notebooks[first]})

    def measure(self) -> None:
        """Let everybody grade the class once."""
        count = len(self.notebooks)
        self._note("torch", succeed([sys.executable, "-c", "import torch"], self.folder).cost)
        self._note("bare", self._told(self.ours.bare()))
        self._note("otter", self._graded(self.otter) / count)
        self._note("api", self._api() / count)
        class_of_one = self._graded(self.single)
        class_of_all = self._graded(self.nbgrader)
        self._note("nbgrader whole", class_of_all / count)
        self._note("nbgrader", (class_of_all - class_of_one) / (count - 1))
        for every_check in (False, True):
            self._note(f"ours {every_check}", self._told(self.ours.worker(every_check=every_check)))
        self._note("batch", self._graded(self.ours) / count)

    def memory(self) -> Mapping[str, float]:
        """In MB."""
        notebook = min((self.otter.folder / "submissions").glob("*.ipynb"))
        most = {
            "otter": most_memory(self.otter.command(notebook), self.otter.folder, self.otter.variables),
            "api": most_memory(self.otter.in_one_process(), self.otter.folder, self.otter.variables),
        }
        self.single.forget()
        most["nbgrader"] = most_memory(self.single.command(), self.single.folder, self.single.variables)
        for every_check in (False, True):
            command = self.ours.worker(every_check=every_check)
            most[f"ours {every_check}"] = most_memory(command, self.ours.folder, self.ours.variables)
        self.ours.forget()
        most["batch"] = most_memory(self.ours.command(), self.ours.folder, self.ours.variables)
        return most

    def median(self, name: str) -> Cost:
        """Over the runs, wall and CPU time each for itself."""
        costs = self.figures[name]
        return Cost(statistics.median(each.wall for each in costs), statistics.median(each.cpu for each in costs))

    def _note(self, name: str, cost: Cost) -> None:
        self.figures.setdefault(name, []).append(cost)

    def _graded(self, grader: Otter | Nbgrader | Ours) -> Cost:
        if not isinstance(grader, Otter):
            grader.forget()
        ended = grader.grade()
        students = tuple(sorted(self.notebooks)) if grader is not self.single else (min(self.notebooks),)
        _require_full(grader.marks(students), "\n".join(each.output for each in ended))
        return whole(ended)

    def _api(self) -> Cost:
        ended = succeed(self.otter.in_one_process(), self.otter.folder, self.otter.variables)
        told = json.loads(ended.output.splitlines()[-1])
        _require_full(dict(enumerate(told["totals"])), ended.output)
        return Cost(told["wall"], told["cpu"])

    def _told(self, command: list[str | Path]) -> Cost:
        ended = succeed(command, self.ours.folder, self.ours.variables)
        told = json.loads(ended.output.splitlines()[-1])
        _require_full({n: FULL * mark for n, mark in enumerate(told.get("marks", ()))}, ended.output)
        self.isolation = told.get("isolation", self.isolation)
        return Cost(told["wall"], told["cpu"])


def _require_full(marks: Mapping[object, float | None], output: str) -> None:
    assert all(mark == FULL for mark in marks.values()), f"a right answer lost points: {marks}\n{output}"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


COLUMNS = {
    "otter": "`otter run`",
    "api": "otter's API in one process",
    "nbgrader": "`nbgrader autograde`",
    "ours False": "ours, the same assertions",
    "ours True": "ours, all checks",
}


def _print_cost(bench: _Bench, students: int, runs: int) -> None:
    before = os.getloadavg()[0]
    bench.hand_in(students)
    for _ in range(runs):
        bench.measure()
    memory = bench.memory()
    bare, torch = bench.median("bare"), bench.median("torch")
    versions = bench.otter_environment.versions("otter-grader", "torch", "ipykernel")
    versions |= bench.nbgrader_environment.versions("nbgrader")
    print(
        HOW.format(
            machine=f"{os.cpu_count()} cores of a shared machine, Python {platform.python_version()}",
            students=students, runs=runs, before=f"{before:.1f}", after=f"{os.getloadavg()[0]:.1f}",
            torch=versions.pop("torch"), versions=", ".join(f"{name} {version}" for name, version in versions.items()),
            docker=_docker(bench.folder), isolation=bench.isolation,
            bare_wall=1000 * bare.wall, bare_cpu=1000 * bare.cpu,
            torch_wall=torch.wall, torch_cpu=torch.cpu,
        )
    )  # fmt: skip
    print(f"\n| a submission | {' | '.join(COLUMNS.values())} |")
    print("|---|" + "---|" * len(COLUMNS))
    entire = {"otter": "otter", "nbgrader": "nbgrader whole", "ours False": "batch"}
    _row("whole command, wall, s", {column: bench.median(name).wall for column, name in entire.items()})
    _row("whole command, CPU, s", {column: bench.median(name).cpu for column, name in entire.items()})
    over = {column: bench.median(column) - bare for column in COLUMNS}
    _row("one more, wall, s", {column: bench.median(column).wall for column in COLUMNS})
    _row(
        "— lowest and highest run", {column: _range(each.wall for each in bench.figures[column]) for column in COLUMNS}
    )
    _row("one more, CPU, s", {column: bench.median(column).cpu for column in COLUMNS})
    _row("— lowest and highest run", {column: _range(each.cpu for each in bench.figures[column]) for column in COLUMNS})
    _row("overhead, wall, s", {column: each.wall for column, each in over.items()})
    _row("overhead, CPU, s", {column: each.cpu for column, each in over.items()})
    for ours in ("ours False", "ours True"):
        _row(
            f"overhead as a multiple of “{COLUMNS[ours]}”, wall", {c: e.wall / over[ours].wall for c, e in over.items()}
        )
        _row("— CPU", {column: each.cpu / over[ours].cpu for column, each in over.items()})
    _row("most memory at once, MB", memory)
    print(f"\n`grader batch` with one worker held {memory['batch']:.0f} MB at most.")


def _row(name: str, values: Mapping[str, float | str]) -> None:
    cells = (values.get(column, "") for column in COLUMNS)
    print(f"| {name} | {' | '.join(each if isinstance(each, str) else f'{each:.3g}' for each in cells)} |", flush=True)


def _range(values: Iterable[float]) -> str:
    known = sorted(values)
    return f"{known[0]:.3g} to {known[-1]:.3g}"


def _docker(folder: Path) -> str:
    try:
        code = run(["docker", "info"], folder).code
    except FileNotFoundError:
        code = 1
    return ", which this machine has, and was not run" if code == 0 else ", which does not run on this machine"


if __name__ == "__main__":
    main()
