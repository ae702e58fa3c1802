"""A real sandbox for timings, and a problem at sizes that take no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.bench.contest import Race, Setting, run_race
from grader.bench.model import Ceilings, Contest, Contestant, Direction
from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.intake import read_submission
from grader.marking import timing
from grader.model.problem import CatalogEntry
from grader.model.speed import Scale, Speed
from grader.run.backend import Isolation
from grader.run.limits import Limits
from grader.run.zygote import BACKENDS, Slot
from grader.symbolic.judge import judge

CEILINGS = Ceilings(1e12, 1e12, 1e15, 1e15)
"""So high that nothing is impossible: how fast this machine is decides no test."""

RIGHT = """
import torch

def right(x, gamma, beta, eps):
    centred = x - x.mean(dim=-1, keepdim=True)
    return gamma * centred / torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + eps) + beta

def is_timed(x):
    return x.numel() > 10_000
"""

Timed = Callable[..., Contest]


@pytest.fixture(scope="session")
def slot() -> Iterator[Slot]:
    """One zygote for all timings."""
    backend = BACKENDS[Isolation.SANDLOCK]
    reason = backend.unavailable()
    if reason is not None:
        pytest.skip(reason)
    with Slot(backend, Limits()) as opened:
        yield opened


def small(name: str, scale: Scale) -> CatalogEntry:
    """A bundled problem that is timed at this scale."""
    entry = load(bundled().choose((name,))[0])
    return replace(entry, problem=replace(entry.problem, speed=Speed(scale, scale)))


@pytest.fixture
def timed(slot: Slot, tmp_path: Path) -> Timed:
    """Times a source text that has `layer_norm` in it, and gives what was concluded."""

    def run(source: str, direction: Direction = Direction.FORWARD, ceilings: Ceilings = CEILINGS) -> Contest:
        path = tmp_path / "answers.py"
        path.write_text(RIGHT + source, encoding="utf-8")
        entry = small("layer_norm", Scale({"d": 64}, (512,)))
        speed = entry.problem.speed
        assert speed is not None
        own = {Contestant.REFERENCE: entry.problem.reference}
        race = Race(entry, speed, direction, own, Setting("cpu", 7, ceilings, 1 << 20, 1 << 28))
        with timing(read_submission(path), ["layer_norm"], slot, "cpu", judge) as ask:
            return run_race(race, ask)

    return run


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    assert torch.get_num_threads() == before
