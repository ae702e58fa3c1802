"""What the sandbox costs: the same class graded with it and without, in turns.

    PYTHONPATH=. python benchmarks/sandbox.py [--students N] [--rounds N] [--isolation sandlock,bubblewrap,none]

Grades the classes of `benchmarks/classroom.py` with one worker in this process, as a worker of a batch does, and prints
medians over the rounds and their ratios to the last isolation named. What is paid once (starting, importing torch) is
left out, and so are submissions that never end.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from classroom import ASSIGNMENT, HANG, make_class
from stopwatch import cpu_so_far

from grader.batch.job import Job, Terms
from grader.batch.worker import Bench
from grader.errors import GraderError
from grader.intake import read_submission
from grader.model.submission import Submission
from grader.run.backend import Isolation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--isolation", default="sandlock,bubblewrap,none")
    given = parser.parse_args()
    names = given.isolation.split(",")
    with tempfile.TemporaryDirectory() as folder:
        submissions = _class(Path(folder) / "class", given.students)
    wall, cpu = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    benches = {name: Bench(Terms(0, ASSIGNMENT, isolation=Isolation(name))) for name in names}
    try:
        for bench in benches.values():
            _grade(bench, submissions)  # what all students share is computed
        for _ in range(given.rounds):
            for name, bench in benches.items():
                before, started = cpu_so_far(), time.perf_counter()
                _grade(bench, submissions)
                wall[name].append((time.perf_counter() - started) / len(submissions))
                cpu[name].append(cpu_so_far().since(before).total / len(submissions))
    finally:
        for bench in benches.values():
            bench.close()
    print(f"{len(submissions)} submissions to nine problems, one worker, {given.rounds} rounds in turns\n")
    print("| isolation | wall s each | CPU s each | wall, ratio | CPU, ratio |\n|---|---|---|---|---|")
    for name in names:
        figures = statistics.median(wall[name]), statistics.median(cpu[name])
        base = statistics.median(wall[names[-1]]), statistics.median(cpu[names[-1]])
        ratios = (figure / least for figure, least in zip(figures, base, strict=True))
        print(
            f"| {name} | {figures[0]:.3f} | {figures[1]:.3f} | " + " | ".join(f"{each:.2f}" for each in ratios) + " |"
        )


def _class(folder: Path, students: int) -> list[Submission]:
    make_class(folder, students, 1)
    found = []
    for path in sorted(folder.iterdir()):
        try:
            submission = read_submission(path)
        except GraderError:
            continue  # it is to be unreadable
        if not any(HANG in unit.source for source in submission.sources for unit in source.units):
            found.append(submission)
    return found


def _grade(bench: Bench, submissions: list[Submission]) -> None:
    names = tuple(bench._places)
    for number, submission in enumerate(submissions):
        bench.do(Job(number, submission, names, bench.terms))


if __name__ == "__main__":
    main()
