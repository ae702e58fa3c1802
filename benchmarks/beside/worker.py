"""Grades notebooks as one worker of a pool does, in an open sandbox, and prints what one more of them takes.

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
from grader.intake import read_submission
from grader.session import Options, Workbench


def main(folder: Path, catalog: Path | None) -> None:
    paths = sorted(folder.glob("*.ipynb"))
    with Workbench(Options(problems=QUESTIONS, seed=1, device="cpu", catalog=catalog)) as bench:
        bench.mark(read_submission(paths[0]), seed=1)  # the sandbox imports torch, the prover starts
        before, started = cpu_so_far(), time.perf_counter()
        reports = [bench.mark(read_submission(path), seed=1) for path in paths]
        wall, cpu = time.perf_counter() - started, cpu_so_far().since(before).total
    marks = [report.score / report.max_score for report in reports]
    isolation = reports[0].isolation
    print(json.dumps({"wall": wall / len(paths), "cpu": cpu / len(paths), "marks": marks, "isolation": isolation}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
