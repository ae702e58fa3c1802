"""What checking a submission costs: cold, as a student runs it, and at the margin, as one of many in a process.

    python benchmarks/check.py [--runs N]             nine problems
    python benchmarks/check.py --whole [--runs N]     answers to all problems, and where the time goes (Linux)

Prints Markdown tables. Every figure is a median over the runs; cold runs and the bare import of torch alternate, so
that their ratio holds on a machine whose speed drifts. The marginal runs are pinned to one core. Of the runs of the
whole submission the one with the median wall time is broken down.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stopwatch import Measured, Seconds, Stopwatch, cpu_so_far

from grader.assignment.read import read_assignment
from grader.catalog.find import Place, bundled
from grader.catalog.load import load
from grader.intake import read_submission
from grader.marking import mark
from grader.model.submission import Submission
from grader.run.backend import Isolation
from grader.run.limits import Limits
from grader.run.prover import Prover
from grader.run.runner import Runner
from grader.run.zygote import Slot, choose_backend

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
WHOLE = ROOT / "tests" / "submissions" / "vectorised"
WITHOUT = ("train",)
"""Problems that take minutes by themselves."""

COLD = ("good", "mixed", "notebook")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--whole", action="store_true")
    given = parser.parse_args()
    if given.whole:
        _whole(given.runs)
    else:
        _nine(given.runs)


def _nine(runs: int) -> None:
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
    _on_one_core()
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


@dataclass(frozen=True)
class Whole:
    """One marking of the whole submission."""

    wall: float
    cpu: Seconds
    stopwatch: Stopwatch
    seconds: Mapping[str, float]
    """Wall time of every problem."""


def _whole(runs: int) -> None:
    _on_one_core()
    backend, _ = choose_backend(Isolation.AUTO)
    places = tuple(place for place in bundled().places if place.id not in WITHOUT)
    with Slot(backend, Limits()) as slot, Prover() as prover:
        prover.start()
        slot.zygote.wait_until_ready()
        measured = [_marked_whole(places, slot, prover) for _ in range(runs + 1)][1:]
    measured.sort(key=lambda each: each.wall)
    print(f"{len(places)} problems, {backend.isolation.value}, one core, {runs} runs.\n")
    print("| figure | median | lowest | highest |")
    print("|---|---|---|---|")
    _cold_whole(places, runs)
    _row("one more in the same process, s", [each.wall for each in measured])
    _row("— CPU time of all processes, s", [each.cpu.total for each in measured])
    median = measured[len(measured) // 2]
    _by_place(median)
    _by_kind(median)
    _slowest(median)


def _cold_whole(places: tuple[Place, ...], runs: int) -> None:
    check = [sys.executable, "-m", "grader", "check", str(WHOLE), "--format", "json", "--seed", "1"]
    check += [option for place in places for option in ("--problem", place.id)]
    wall, cpu = [], []
    for _ in range(runs):
        before = _cpu_of_ended()
        wall.append(_seconds(check))
        cpu.append(_cpu_of_ended() - before)
    _row(f"cold `grader check {WHOLE.relative_to(ROOT)}`, s", wall)
    _row("— CPU time of all processes, s", cpu)


def _cpu_of_ended() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _marked_whole(places: tuple[Place, ...], slot: Slot, prover: Prover) -> Whole:
    stopwatch = Stopwatch()
    before, started = cpu_so_far(), time.perf_counter()
    report = mark(
        read_submission(WHOLE), places, slot, seed=1, device="cpu", notices=(), progress=None, prove=prover.judge,
        load=lambda place: stopwatch.on(load(place)),
    )  # fmt: skip
    wall, cpu = time.perf_counter() - started, cpu_so_far().since(before)
    assert report.score == report.max_score, "the whole submission lost points: the figures would mean nothing"
    return Whole(wall, cpu, stopwatch, {problem.id: problem.seconds for problem in report.problems})


def _by_place(whole: Whole) -> None:
    """CPU time by process, the host's by what it did; of the wall time what the host waited for, and its own."""
    cpu, waited = whole.cpu, whole.stopwatch.waited
    talk, reference = whole.stopwatch.in_talk, whole.stopwatch.in_reference
    print("\n| where | CPU, s | wall, s |")
    print("|---|---|---|")
    print(f"| sandbox | {cpu.sandbox:.2f} | {waited['sandbox']:.2f} |")
    print(f"| prover | {cpu.prover:.2f} | {waited['prover']:.2f} |")
    print(f"| host, requests and answers | {talk:.2f} | within the two above |")
    print(f"| host, references | {reference:.2f} | {reference:.2f} |")
    rest = whole.wall - sum(waited.values()) - reference
    print(f"| host, the rest | {cpu.host - talk - reference:.2f} | {rest:.2f} |")


def _by_kind(whole: Whole) -> None:
    print("\n| kind of check | checks | wall, s | CPU, s | of it host | sandbox | prover |")
    print("|---|---|---|---|---|---|---|")
    of_kind: dict[str, list[Measured]] = {}
    for each in whole.stopwatch.checks:
        of_kind.setdefault(each.kind, []).append(each)
    for kind, checks in sorted(of_kind.items(), key=lambda pair: -sum(each.wall for each in pair[1])):
        parts = [sum(getattr(each.cpu, part) for each in checks) for part in ("total", "host", "sandbox", "prover")]
        wall = sum(each.wall for each in checks)
        print(f"| `{kind}` | {len(checks)} | {wall:.2f} | {' | '.join(f'{part:.2f}' for part in parts)} |")
    outside = whole.wall - sum(each.wall for each in whole.stopwatch.checks)
    print(f"| outside of checks | | {outside:.2f} | | | | |")


def _slowest(whole: Whole) -> None:
    print("\n| slowest problems | wall, s | CPU, s | slowest check |")
    print("|---|---|---|---|")
    for name, wall in sorted(whole.seconds.items(), key=lambda pair: -pair[1])[:10]:
        checks = [each for each in whole.stopwatch.checks if each.problem == name]
        worst = max(checks, key=lambda each: each.wall)
        cpu = sum(each.cpu.total for each in checks)
        print(f"| `{name}` | {wall:.2f} | {cpu:.2f} | `{worst.check}`, {worst.wall:.2f} s |")


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _row(name: str, values: list[float]) -> None:
    print(f"| {name} | {statistics.median(values):.3g} | {min(values):.3g} | {max(values):.3g} |", flush=True)


if __name__ == "__main__":
    main()
