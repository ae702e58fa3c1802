"""Every problem that is timed runs at its sizes, and its reference is right there by the rule for answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from grader.bench.checking import truth, what_is_wrong
from grader.bench.contest import Race, Setting
from grader.bench.model import Contestant, Direction
from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.guest.stopwatch import burst, recall
from grader.model.problem import CatalogEntry
from grader.model.signature import Gradient
from grader.model.timing import Recalled, Recalling, Spent
from grader.self_proof import runs_at
from reference.kernels import KERNELS
from tests.bench.conftest import CEILINGS

TIMED = [entry for entry in map(load, bundled().places) if entry.problem.speed is not None]
EVERY_TIMED_PROBLEM = pytest.mark.parametrize("entry", TIMED, ids=lambda entry: entry.id)


def race(entry: CatalogEntry, direction: Direction) -> Race:
    assert entry.problem.speed is not None
    own = {Contestant.REFERENCE: entry.problem.reference}
    return Race(entry, entry.problem.speed, direction, own, Setting("cpu", 3, CEILINGS, 0, 1 << 28))


@EVERY_TIMED_PROBLEM
@pytest.mark.parametrize("where", ["cpu", "gpu"])
def test_the_reference_gives_the_shapes_of_the_signature(entry: CatalogEntry, where: str):
    assert entry.problem.speed is not None
    assert runs_at(entry, entry.problem.speed, where) == ""


def test_a_reference_that_does_not_run_there_is_told():
    entry = TIMED[0]
    assert entry.problem.speed is not None
    transposed = replace(
        entry, problem=replace(entry.problem, reference=lambda **inputs: next(iter(inputs.values())).mT)
    )
    broken = replace(entry, problem=replace(entry.problem, reference=lambda **inputs: torch.ones(2) + torch.ones(3)))
    assert "the signature says" in runs_at(transposed, entry.problem.speed, "cpu")
    assert "raises RuntimeError" in runs_at(broken, entry.problem.speed, "cpu")


@EVERY_TIMED_PROBLEM
def test_the_reference_in_float32_is_right_at_these_sizes(entry: CatalogEntry):
    both = (
        (Direction.FORWARD, Direction.BOTH) if entry.problem.signature.named(Gradient.GRADED) else (Direction.FORWARD,)
    )
    for direction in both:
        recalling = Recalling(race(entry, direction).timing("right", 2), 5)
        done = burst(entry.problem.reference, recalling.timing.plan())
        sums, elements, changed = recall(done, recalling.seed, recalling.elements)
        recalled = Recalled(sums, tuple(elements), tuple(changed), Spent(0.0, 0.0))
        assert what_is_wrong(truth(entry.problem.reference, recalling, 1), recalled, 1) is None


def test_every_problem_with_a_kernel_is_timed():
    assert set(KERNELS) & {place.id for place in bundled().places} <= {entry.id for entry in TIMED}
