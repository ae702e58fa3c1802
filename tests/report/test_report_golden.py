"""Every rendering of one report that holds every kind of evidence, as a file to read."""

from __future__ import annotations

from typing import get_args

import pytest

from grader.model.evidence import Evidence
from grader.model.verdict import Outcome, Report
from grader.report.formats import Format, TextFormat
from grader.report.render import render


@pytest.mark.parametrize(
    ("name", "wanted", "look"),
    [
        ("terminal_80.txt", Format.TERMINAL, {"width": 80}),
        ("terminal_120.txt", Format.TERMINAL, {"width": 120}),
        ("terminal_verbose.txt", Format.TERMINAL, {"width": 80, "verbose": True}),
        ("terminal_color.txt", Format.TERMINAL, {"width": 80, "color": True}),
        ("report.json", Format.JSON, {}),
        ("report.junit.xml", Format.JUNIT, {}),
        ("report.md", Format.MARKDOWN, {}),
        ("report_verbose.md", Format.MARKDOWN, {"verbose": True}),
    ],
)
def test_a_rendering_is_what_was_agreed(report: Report, golden, name, wanted, look) -> None:
    golden(name, render(report, wanted, **look))


@pytest.mark.parametrize("wanted", get_args(TextFormat))
def test_a_perfect_report_is_short(perfect: Report, golden, wanted) -> None:
    golden(f"perfect.{wanted.value}", render(perfect, wanted))


def test_the_report_of_these_tests_holds_every_kind_of_evidence_and_every_outcome(report: Report) -> None:
    verdicts = [verdict for problem in report.problems for verdict in problem.verdicts]
    assert {type(v.evidence) for v in verdicts if v.evidence} == set(get_args(Evidence))
    assert {v.outcome for v in verdicts} == set(Outcome)


@pytest.mark.parametrize("wanted", get_args(TextFormat))
def test_the_same_report_gives_the_same_bytes(report: Report, wanted) -> None:
    assert render(report, wanted) == render(report, wanted)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_of_a_terminal_report_is_wider_than_the_terminal(report: Report, width) -> None:
    lines = render(report, Format.TERMINAL, width=width, verbose=True).splitlines()
    assert max(len(line) for line in lines) <= width
