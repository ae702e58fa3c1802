"""Grades notebooks as one worker of a batch does, on a bench that stays open, and prints what one more of them takes.

    python -m beside.worker FOLDER [PROBLEMS]

Without a folder of problems all checks of the bundled ones are made.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from stopwatch import cpu_so_far

from beside.course import QUESTIONS
from grader.batch.job import Job, Terms
from grader.batch.worker import Bench
from grader.intake import read_submission
from grader.model.verdict import Report


def main(folder: Path, catalog: Path | None) -> None:
    paths = sorted(folder.glob("*.ipynb"))
    terms = Terms(1, catalog=catalog, device="cpu")
    bench = Bench(terms)
    try:
        _grade(bench, terms, paths[0])  # the sandbox imports torch, the prover starts, what all share is computed
        before, started = cpu_so_far(), time.perf_counter()
        reports = [_grade(bench, terms, path) for path in paths]
        wall, cpu = time.perf_counter() - started, cpu_so_far().since(before).total
    finally:
        bench.close()
    marks = [report.score / report.max_score for report in reports]
    isolation = reports[0].isolation
    print(json.dumps({"wall": wall / len(paths), "cpu": cpu / len(paths), "marks": marks, "isolation": isolation}))


def _grade(bench: Bench, terms: Terms, path: Path) -> Report:
    return bench.do(Job(0, read_submission(path), QUESTIONS, terms)).report


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
