"""What checking a submission costs: cold, as a student runs it, and at the margin, as one of many in a process.

    python benchmarks/check.py [--runs N]

Prints a Markdown table. Every figure is a median over the runs; cold runs and the bare import of torch alternate, so
that their ratio holds on a machine whose speed drifts. The marginal runs are pinned to one core.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from grader.assignment.read import read_assignment
from grader.catalog.find import bundled
from grader.intake import read_submission
from grader.marking import mark
from grader.model.submission import Submission
from grader.run.backend import Isolation
from grader.run.limits import Limits
from grader.run.prover import Prover
from grader.run.runner import Runner
from grader.run.zygote import Slot, choose_backend

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
COLD = ("good", "mixed", "notebook")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print("| figure | median | lowest | highest |")
    print("|---|---|---|---|")
    _cold(runs)
    _marginal(runs)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"| largest process of a check | {memory:.0f} MB | | |")


def _cold(runs: int) -> None:
    bare = [sys.executable, "-c", "import torch"]
    for example in COLD:
        check = [sys.executable, "-m", "grader", "check", str(EXAMPLES / example), "--format", "json", "--seed", "1"]
        check += ["--assignment", str(EXAMPLES / "nine.toml")]
        pairs = [(_seconds(check), _seconds(bare)) for _ in range(runs + 1)][1:]
        _row(f"cold `grader check examples/{example}`, s", [cold for cold, _ in pairs])
        _row("— as a multiple of `python -c 'import torch'`", [cold / base for cold, base in pairs])
    _row("`python -c 'import torch'`, s", [base for _, base in pairs])


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def _marginal(runs: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    backend, _ = choose_backend(Isolation.AUTO)
    submission = read_submission(EXAMPLES / "good")
    with Slot(backend, Limits()) as slot, Prover() as prover:
        prover.start()
        slot.zygote.wait_until_ready()
        chosen = read_assignment(EXAMPLES / "nine.toml").choose
        places = bundled().choose(chosen)
        whole, starts = [], []
        for _ in range(runs + 1):
            starts.append(_start_milliseconds(slot, submission))
            started = time.perf_counter()
            report = mark(submission, places, slot, seed=1, device="cpu", notices=(), progress=None, prove=prover.judge)
            whole.append(time.perf_counter() - started)
            assert report.score == report.max_score, "the good example lost points: the figures would mean nothing"
    _row(f"one more submission ({len(places)} problems, {backend.isolation.value}, one core), s", whole[1:])
    _row("— of which starting its sandbox, ms", starts[1:])


def _start_milliseconds(slot: Slot, submission: Submission) -> float:
    """Fork, confinement and laying out the files, until the child has answered once."""
    runner = Runner(slot, submission, {})
    started = time.perf_counter()
    runner.load()
    taken = (time.perf_counter() - started) * 1000
    runner.end()
    return taken


def _row(name: str, values: list[float]) -> None:
    print(f"| {name} | {statistics.median(values):.3g} | {min(values):.3g} | {max(values):.3g} |", flush=True)


if __name__ == "__main__":
    main()
