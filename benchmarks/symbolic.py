"""What proofs cost: every right answer and every misconception of the repository, on one core.

    python benchmarks/symbolic.py [NAME…] [--runs N]     proofs and refutations per problem
    python benchmarks/symbolic.py --engines              which engine carries the normal forms

A figure is the time to trace a function and decide about it at all instances of its problem, the best of the runs; what
is not decided counts as not proved. Prints Markdown tables, and the largest memory of the process.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import sympy
import torch
from flint import Ordering, fmpq, fmpq_mpoly_ctx
from sympy.polys.domains import QQ
from sympy.polys.rings import ring

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for the right answers that the tests keep

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import run_examination, trial_of
from grader.model.problem import CatalogEntry, Function
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from tests.problems.variants import EXACT, HONEST, variants


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engines", action="store_true")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    if given.engines:
        _engines(given.runs)
    else:
        _problems([load(place) for place in bundled().choose(given.names)], given.runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nLargest memory of this process, PyTorch included: {peak:.0f} MB")


def _problems(entries: Iterable[CatalogEntry], runs: int) -> None:
    print("| problem | right answers | proved | median | worst | misconceptions | refuted | median | worst |")
    print("|---|---|---|---|---|---|---|---|---|")
    for entry in entries:
        right = [entry.problem.reference, *variants(entry, HONEST).values(), *variants(entry, EXACT).values()]
        row = [*_measured(entry, right, Outcome.PASSED, runs)]
        row += _measured(entry, entry.problem.misconceptions, Outcome.FAILED, runs)
        print(f"| `{entry.id}` | {' | '.join(row)} |", flush=True)


def _measured(entry: CatalogEntry, functions: Iterable[Function], wanted: Outcome, runs: int) -> list[str]:
    """How many there are, how many had the wanted outcome, and what these took."""
    times, total = [], 0
    for function in functions:
        total += 1
        outcome, milliseconds = min((_decided(entry, function) for _ in range(runs)), key=lambda pair: pair[1])
        if outcome is wanted:
            times.append(milliseconds)
    return [str(total), str(len(times)), f"{statistics.median(times):.0f} ms", f"{max(times):.0f} ms"]


def _decided(entry: CatalogEntry, function: Function) -> tuple[Outcome, float]:
    (check,) = (check for check in entry.problem.checks if check.name == "symbolic")
    trial = replace(trial_of(entry, seed=1), misconceptions=())  # these are what is measured here
    started = time.perf_counter()
    finding = run_examination(check.examine(trial), answering(function))
    return finding.outcome, (time.perf_counter() - started) * 1000


def _engines(runs: int) -> None:
    """Σ (x_i − μ)² / d against Σ x_i² / d − μ², each times a product of d softmax denominators, by three engines."""
    print("| d | terms | SymPy expressions (`cancel`) | SymPy rings | FLINT |")
    print("|---|---|---|---|---|")
    for d in (2, 3, 4, 5, 6):
        terms, flint = _best(partial(_by_flint, d), runs)
        _, rings = _best(partial(_by_rings, d), runs)
        _, expressions = _best(partial(_by_expressions, d), 1)
        print(f"| {d} | {terms} | {expressions:.1f} ms | {rings:.1f} ms | {flint:.2f} ms |", flush=True)


def _best(run: Callable[[], int], runs: int) -> tuple[int, float]:
    best, result = float("inf"), 0
    for _ in range(runs):
        started = time.perf_counter()
        result = run()
        best = min(best, time.perf_counter() - started)
    return result, best * 1000


def _both_sides(x: list, e: list, one: object, d: int, over: Callable[[int], object]) -> tuple:
    mean = sum(x, 0 * one) * over(d)
    left = sum(((each - mean) ** 2 for each in x), 0 * one) * over(d)
    right = sum((each**2 for each in x), 0 * one) * over(d) - mean**2
    for k in range(d):
        factor = sum(e, 0 * one) + e[k]
        left, right = left * factor, right * factor
    return left, right


def _by_flint(d: int) -> int:
    context = fmpq_mpoly_ctx.get([f"g{k}" for k in range(2 * d)], Ordering.degrevlex)
    generators = list(context.gens())
    left, right = _both_sides(generators[:d], generators[d:], context.constant(1), d, lambda n: fmpq(1, n))
    assert left == right
    return len(left)


def _by_rings(d: int) -> int:
    context, *generators = ring([f"g{k}" for k in range(2 * d)], QQ)
    left, right = _both_sides(generators[:d], generators[d:], context.one, d, lambda n: QQ(1, n))
    assert left == right
    return len(left)


def _by_expressions(d: int) -> int:
    symbols = sympy.symbols([f"g{k}" for k in range(2 * d)], real=True)
    left, right = _both_sides(symbols[:d], symbols[d:], sympy.Integer(1), d, lambda n: sympy.Rational(1, n))
    assert sympy.cancel(left - right) == 0
    return 0


if __name__ == "__main__":
    main()
