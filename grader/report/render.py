"""Chooses the renderer of a format."""

from __future__ import annotations

from typing import assert_never

from grader.model.verdict import Report
from grader.report.formats import Format, TextFormat
from grader.report.json_report import render_json
from grader.report.junit import render_junit
from grader.report.markdown import render_markdown
from grader.report.terminal import render_terminal


def render(report: Report, wanted: TextFormat, *, width: int = 80, color: bool = False, verbose: bool = False) -> str:
    """The report as text; `width` and `color` concern the terminal, `verbose` whatever is read by people."""
    match wanted:
        case Format.TERMINAL:
            return render_terminal(report, width=width, color=color, verbose=verbose)
        case Format.JSON:
            return render_json(report)
        case Format.JUNIT:
            return render_junit(report)
        case Format.MARKDOWN:
            return render_markdown(report, verbose=verbose)
        case _:
            assert_never(wanted)
