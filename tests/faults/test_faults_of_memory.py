"""Memory, descriptors or time run out in the grader itself: nobody loses points, and what can be graded is."""

from __future__ import annotations

import os
import socket
import tempfile
import time

import pytest

from grader import grading
from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.grading import grade
from grader.model.formula import Claim, symbols
from grader.model.graph import Graph, Node, Ref
from grader.model.proof import Judged, Proved, Undecided
from grader.model.verdict import Outcome
from grader.rehearsal import answering
from grader.run.prover import Prover, _Patience
from reference.normalization import layer_norm
from tests.checks.small_problems import ENTRY, graded, weighted_gap

X = symbols("x", (2,))
GRAPH = Graph(("x",), (Node("aten.mul.Tensor", (Ref(0), Ref(0))),), (Ref(1),))
TRUE = Claim(GRAPH, {"x": X}, (X * X,), ({"x": [0.1, -3.0]},))


def wrong(x, target, scale):
    return 2 * weighted_gap(x, target, scale)


def exhausted(*_: object, **__: object) -> None:
    raise MemoryError


def refused(*_: object, **__: object) -> None:
    raise OSError(24, "Too many open files")


def test_a_request_that_needs_too_much_memory_costs_only_its_check() -> None:
    ask = answering(weighted_gap)
    asked: list[object] = []

    def once_exhausted(request):
        asked.append(request)
        if len(asked) == 1:
            raise MemoryError
        return ask(request)

    report = grade(ENTRY, once_exhausted, 1)
    outcomes = [verdict.outcome for verdict in report.verdicts]
    assert outcomes[0] is Outcome.GRADER_ERROR
    assert set(outcomes[1:]) == {Outcome.PASSED}
    assert report.score == report.max_score


def test_a_diagnosis_that_fails_takes_no_verdict_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = graded(wrong)
    monkeypatch.setattr(grading, "diagnose", exhausted)
    report = graded(wrong)
    assert [verdict.outcome for verdict in report.verdicts if verdict.outcome is Outcome.PASSED] == [
        verdict.outcome for verdict in before.verdicts if verdict.outcome is Outcome.PASSED
    ]
    assert len(report.verdicts) == len(before.verdicts)
    assert before.notices == ()
    told = {notice.message for notice in report.notices}
    assert "The grader failed while it looked for what explains `agreement` (MemoryError)." in " ".join(told)


def test_a_proof_that_can_not_be_held_against_the_values_stands_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place,) = (place for place in bundled().places if place.id == "layer_norm")
    entry = load(place)

    def loses_digits(x, gamma, beta, eps):
        return layer_norm(x + 2.0**14, gamma, beta, eps)

    monkeypatch.setattr(grading, "judged_by_value", exhausted)
    report = grade(entry, answering(loses_digits), 1)
    assert any("compared what `symbolic` found with the values" in notice.message for notice in report.notices)
    assert "symbolic" in {verdict.check for verdict in report.verdicts if verdict.outcome is Outcome.PASSED}


@pytest.mark.parametrize(("module", "name"), [(tempfile, "TemporaryFile"), (socket, "socketpair")])
def test_a_prover_that_can_not_be_started_leaves_a_claim_undecided_and_the_next_is_decided(
    module: object, name: str
) -> None:
    with Prover() as prover:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, name, refused)
            prover.start()
            found = prover.judge(TRUE)
        assert isinstance(found.decision, Undecided)
        assert "the prover can't be started" in found.decision.reason
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_memory_that_runs_out_while_a_claim_is_sent_leaves_the_prover_fit_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Prover() as prover:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.run.prover.decode_judged", exhausted)
            with pytest.raises(MemoryError):
                prover.judge(TRUE)
        assert isinstance(prover.judge(TRUE), Judged)
        assert isinstance(prover.judge(TRUE).decision, Proved)


def test_a_process_that_gets_on_slowly_is_waited_for_and_one_that_stands_still_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a machine that many others use: the CPU time counts, and the wall only where nothing happens."""
    used = [0.0]
    monkeypatch.setattr("grader.run.prover.cpu_seconds", lambda _: used[0])
    patience = _Patience(0.01, os.getpid(), 0.5)
    for _ in range(5):
        time.sleep(0.02)
        used[0] += 0.6
        assert patience.left() > 0
    time.sleep(0.02)
    used[0] += 0.4
    with pytest.raises(TimeoutError):
        patience.left()
