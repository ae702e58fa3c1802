"""Timings on a real GPU, of the shipped answers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from grader.bench.model import Contestant, Direction, Standing, State
from grader.bench.run import bench_submission
from grader.session import Options

GOOD = Path(__file__).resolve().parents[2] / "examples" / "good"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", ["layer_norm", "masked_attention", "td_error"])
def test_a_shipped_answer_is_timed_beside_the_kernel(name: str):
    report = bench_submission(GOOD, Options((name,), 3, "cuda"))
    assert report.device == "cuda"
    assert report.ceilings is not None
    assert report.ceilings.spared_bytes > 0
    (problem,) = report.problems
    assert problem.state is State.TIMED
    assert [contest.direction for contest in problem.contests] == list(Direction)
    for contest in problem.contests:
        assert contest.standing is Standing.COUNTED, contest.remark
        assert set(contest.times) == {Contestant.YOURS, Contestant.REFERENCE, Contestant.KERNEL}, contest.notes
