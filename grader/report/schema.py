"""Describes the evidence in a JSON report, in Markdown, from the dataclasses themselves: a part of docs/report.md."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import get_args

from grader.model.evidence import Evidence, Setting
from grader.model.verdict import Outcome
from grader.report.json_report import kind_of

_JSON_TYPE = {
    "Setting": "[setting](#setting)",
    "Shown": "[value](#values)",
    "Mapping[str, Shown]": "object of [values](#values)",
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "str | None": "string or null",
    "int | None": "integer or null",
    "tuple[int, ...]": "array of integers",
    "tuple[str, ...]": "array of strings",
    "tuple[tuple[int, float], ...]": "array of [integer, number]",
}
"""Annotations of evidence, as they are written, and what they are in JSON."""


def evidence_reference() -> str:
    """A section for every kind of evidence, with its fields; also the outcomes and the setting."""
    outcomes = ", ".join(f"`{outcome.value}`" for outcome in Outcome)
    sections = [f"Outcomes: {outcomes}.", f"### Setting\n\n{_described(Setting)}"]
    sections += [f"### `{kind_of(kind)}`\n\n{_described(kind)}" for kind in get_args(Evidence)]
    return "\n\n".join(sections)


def _described(kind: type) -> str:
    rows = "\n".join(f"| `{field.name}` | {_JSON_TYPE[str(field.type)]} |" for field in fields(kind))
    return f"{inspect.getdoc(kind)}\n\n| Key | Value |\n| --- | --- |\n{rows}"
