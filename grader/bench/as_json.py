"""Speed report to JSON; the keys are described in docs/bench.md."""

from __future__ import annotations

import json
from typing import Any

from grader.bench.model import Award, Ceilings, Contest, Measured, ProblemSpeed, SpeedReport
from grader.report.json_report import as_json

SCHEMA = 1
"""Raised when a key changes its meaning or goes away; new keys may come at any time."""


def render_json(report: SpeedReport) -> str:
    """The report as one JSON object, indented, with a final newline; ASCII only."""
    return json.dumps(as_json(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: SpeedReport) -> dict[str, Any]:
    """The report as nested dictionaries; times in seconds."""
    return {
        "schema": SCHEMA,
        "submission": report.submission,
        "seed": report.seed,
        "isolation": report.isolation,
        "device": report.device,
        "machine": report.machine,
        "ceilings": None if report.ceilings is None else _ceilings(report.ceilings),
        "problems": [_problem(problem) for problem in report.problems],
        "notices": [{"message": n.message, "path": n.path, "line": n.line} for n in report.notices],
    }


def _ceilings(ceilings: Ceilings) -> dict[str, Any]:
    return {
        "bytes_per_second": ceilings.bytes_per_second,
        "operations_per_second": ceilings.operations_per_second,
        "most_bytes_per_second": ceilings.most_bytes_per_second,
        "most_operations_per_second": ceilings.most_operations_per_second,
        "spared_bytes": ceilings.spared_bytes,
    }


def _problem(problem: ProblemSpeed) -> dict[str, Any]:
    return {
        "id": problem.report.id,
        "question": problem.report.question,
        "title": problem.report.title,
        "state": problem.state.value,
        "score": float(problem.report.score),
        "max_score": float(problem.report.max_score),
        "failed": [v.check for v in problem.report.verdicts if v.outcome.value in ("failed", "submission_error")],
        "inputs": problem.inputs,
        "contests": [_contest(contest) for contest in problem.contests],
        "award": None if problem.award is None else _award(problem.award),
        "fault": problem.fault or None,
    }


def _contest(contest: Contest) -> dict[str, Any]:
    return {
        "direction": contest.direction.value,
        "bytes": contest.work.bytes,
        "operations": contest.work.operations,
        "bound": contest.bound,
        "bound_by": "bytes" if contest.is_bound_by_bytes else "operations",
        "times": {name.value: _measured(each) for name, each in contest.times.items()},
        "ratio": contest.ratio,
        "standing": contest.standing.value,
        "remark": contest.remark or None,
        "notes": list(contest.notes),
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "seconds": measured.seconds,
        "low": measured.low,
        "high": measured.high,
        "calls": measured.calls,
        "unseen": measured.unseen,
        "by_the_graders_clock": measured.by_the_graders_clock,
    }


def _award(award: Award) -> dict[str, Any]:
    return {"points": float(award.points), "most": float(award.most), "reason": award.reason}
