"""Report to JSON: strict, stable, and the same bytes for the same grade. The schema is described in docs/report.md."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from grader.model.evidence import Evidence
from grader.model.submission import Notice
from grader.model.verdict import ProblemReport, Report, Verdict

SCHEMA = 1
"""Raised when a key changes its meaning or goes away; new keys may come at any time."""

LONGEST = 4000
"""Characters of one string; a longer one is cut."""


def render_json(report: Report) -> str:
    """The report as one JSON object, indented, with a final newline; ASCII only, so it is safe to print."""
    return json.dumps(as_json(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as nested dictionaries. Times and printed output are left out: they differ between equal grades."""
    return {
        "schema": SCHEMA,
        "submission": report.submission,
        "seed": report.seed,
        "isolation": report.isolation,
        "device": report.device,
        "score": float(report.score),
        "max_score": float(report.max_score),
        "problems": [_problem(problem) for problem in report.problems],
        "notices": [_notice(notice) for notice in report.notices],
    }


def _problem(problem: ProblemReport) -> dict[str, Any]:
    return {
        "id": problem.id,
        "question": problem.question,
        "title": problem.title,
        "outcome": problem.outcome.value,
        "score": float(problem.score),
        "max_score": float(problem.max_score),
        "verdicts": [_verdict(verdict) for verdict in problem.verdicts],
        "notices": [_notice(notice) for notice in problem.notices],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.check,
        "title": verdict.title,
        "outcome": verdict.outcome.value,
        "points": float(verdict.points),
        "max_points": float(verdict.max_points),
        "message": verdict.message,
        "misconception": verdict.misconception,
        "diagnosis": verdict.diagnosis,
        "proven": verdict.proven,
        "evidence": None if verdict.evidence is None else _evidence(verdict.evidence),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {"message": notice.message, "path": notice.path, "line": notice.line}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"kind": kind_of(type(evidence)), **{f.name: getattr(evidence, f.name) for f in fields(evidence)}}


def kind_of(evidence: type) -> str:
    """The name of an evidence class as it stands in the report: `value_mismatch`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", evidence.__name__).lower()


def as_json(value: Any) -> Any:
    """A value in the terms of strict JSON: NaN and infinities as strings, tuples as arrays, dataclasses as objects."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return value if value.bit_length() <= 64 else f"integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, complex):
        return _text(str(value))
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if is_dataclass(value):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {_text(str(key)): as_json(item) for key, item in value.items()}
    raise TypeError(f"a report holds {type(value).__name__}, which has no place in JSON")


def _float(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _text(text: str) -> str:
    """Unpaired surrogates are no Unicode text: many parsers refuse them, so they are written out as `\\ud800`."""
    well_formed = text[: LONGEST + 1].encode("utf-8", "backslashreplace").decode("utf-8")
    return well_formed if len(well_formed) <= LONGEST else well_formed[: LONGEST - 1] + "…"
