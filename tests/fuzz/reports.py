"""Renders what a sandbox told in every format of a report, and checks that none of it acts on whoever reads it."""

from __future__ import annotations

import ast
import json
import unicodedata
import xml.etree.ElementTree as ET
from typing import get_args

from grader.checks.judge import outcome_of
from grader.intake.code import parsed
from grader.model.evidence import Evidence
from grader.model.submission import CodeUnit, FileKind, Notice, SourceFile, Submission
from grader.model.verdict import ProblemReport, Report, Verdict
from grader.model.wording import describe
from grader.pages.answers import answers_of
from grader.pages.single import page_of_report
from grader.report.formats import Format, TextFormat
from grader.report.render import render
from tests.pages.html_reading import read


def shown_everywhere(evidence: Evidence, text: str) -> None:
    """Report the evidence, with the text as everything that was printed, named and, where it is Python, handed in."""
    verdict = Verdict("agreement", "title", outcome_of(evidence), 0, 1, describe(evidence), evidence=evidence)
    problem = ProblemReport("layer_norm", "LayerNorm", 12, (verdict,), (Notice(text, text, 3),), output=text)
    report = Report(text, 1, "sandlock", "cpu", (problem,), (Notice(text, text, 3),), output=text)
    for wanted in get_args(TextFormat):
        shown = render(report, wanted, verbose=True)
        shown.encode()
        assert [character for character in shown if _acts(character)] == []
        if wanted is Format.JSON:
            json.loads(shown)
        if wanted is Format.JUNIT:
            ET.fromstring(shown)
    page = read(page_of_report(report, "", {}, answers_of(_handed_in(text), report)))
    assert "script" not in page.tags
    assert not any(name.startswith("on") for _, name, _ in page.attributes)
    assert not any("evil" in value for _, name, value in page.attributes if name in ("href", "src"))


def _acts(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character != "\n"


def _handed_in(text: str) -> Submission:
    units = (CodeUnit("", text),) if isinstance(parsed(text), ast.Module) else ()
    source = SourceFile("answers.py", FileKind.SCRIPT, "submission", "answers", units, ("layer_norm",))
    return Submission("answers.py", "submission", (source,), (), ())
