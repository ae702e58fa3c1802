"""The JSON report and its description."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from grader.model.evidence import Evidence
from grader.model.verdict import Report
from grader.report.json_report import as_json, kind_of, render_json
from grader.report.schema import evidence_reference

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "report.md"
BEGIN, END = "<!-- generated from the dataclasses: begin -->\n", "<!-- generated from the dataclasses: end -->\n"


@pytest.fixture
def parsed(report: Report) -> dict:
    return json.loads(render_json(report))


def documented_keys(section: str) -> set[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text if not section else text.split(f"\n## {section}\n")[1]
    rows = re.findall(r"^\| (`[^|]*`) \|", table.split("\n## ")[0], re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


def test_the_description_of_evidence_is_made_from_the_dataclasses(updating: bool) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    wanted = f"{before}{BEGIN}\n{evidence_reference()}\n\n{END}{after}"
    if updating:
        DOCUMENT.write_text(wanted, encoding="utf-8", newline="\n")
    assert DOCUMENT.read_text(encoding="utf-8") == wanted, "pytest tests/report --update-golden writes it anew"


def test_the_keys_of_the_report_are_those_described(parsed: dict) -> None:
    assert set(parsed) == documented_keys("")
    assert set(parsed["problems"][0]) == documented_keys("Problem")
    assert set(parsed["problems"][0]["verdicts"][0]) == documented_keys("Verdict")
    assert set(parsed["notices"][0]) == documented_keys("Notice")


def test_evidence_holds_its_kind_and_every_field(parsed: dict) -> None:
    kinds = {kind_of(kind): {f.name for f in dataclasses.fields(kind)} | {"kind"} for kind in get_args(Evidence)}
    found = [v["evidence"] for p in parsed["problems"] for v in p["verdicts"] if v["evidence"]]
    assert {evidence["kind"]: set(evidence) for evidence in found} == kinds


def test_what_is_not_finite_is_a_string() -> None:
    assert as_json([float("nan"), float("inf"), -float("inf"), 1.5]) == ["NaN", "Infinity", "-Infinity", 1.5]


def test_an_integer_that_no_parser_holds_is_a_text() -> None:
    assert as_json(10**5000) == "integer of 16610 bits"
    assert as_json(2**64 - 1) == 2**64 - 1


def test_points_are_numbers_of_one_kind(parsed: dict) -> None:
    verdicts = [v for p in parsed["problems"] for v in p["verdicts"]]
    assert {type(v[key]) for v in verdicts for key in ("points", "max_points")} == {float}


def test_times_and_printed_output_are_left_out(report: Report) -> None:
    problems = tuple(dataclasses.replace(p, seconds=9.9, output="other") for p in report.problems)
    assert render_json(dataclasses.replace(report, problems=problems, output="other")) == render_json(report)


def test_something_that_is_no_data_is_refused() -> None:
    with pytest.raises(TypeError, match="object, which has no place in JSON"):
        as_json(object())
