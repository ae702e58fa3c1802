"""Report to JUnit XML: a test suite for every problem, a test case for every check. CI servers read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.model.visible import visible
from grader.model.words import number
from grader.report.layout import explanation
from grader.report.untrusted import visible_lines

_ELEMENT = {
    Outcome.FAILED: "failure",
    Outcome.SUBMISSION_ERROR: "error",
    Outcome.GRADER_ERROR: "error",
    Outcome.BLOCKED: "skipped",
    Outcome.UNDECIDED: "skipped",
}
"""JUnit's word for every outcome but a passed one, which has no element."""

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def render_junit(report: Report) -> str:
    """The report as an XML document; every string in it is valid XML 1.0, whatever the submission held."""
    root = ET.Element("testsuites", name=visible(report.submission))
    properties = ET.SubElement(root, "properties")
    points = {"score": number(report.score), "max_score": number(report.max_score)}
    run = {"seed": str(report.seed), "isolation": report.isolation, "device": report.device}
    for name, value in {**run, **points}.items():
        ET.SubElement(properties, "property", name=name, value=visible(value))
    root.extend(_suite(problem) for problem in report.problems)
    _count(root)
    ET.indent(root)
    return f"{_DECLARATION}\n{ET.tostring(root, encoding='unicode')}\n"


def _suite(problem: ProblemReport) -> ET.Element:
    suite = ET.Element("testsuite", name=visible(problem.id))
    suite.extend(_case(problem, verdict) for verdict in problem.verdicts)
    if problem.output:
        ET.SubElement(suite, "system-out").text = "\n".join(visible_lines(problem.output))
    _count(suite)
    return suite


def _case(problem: ProblemReport, verdict: Verdict) -> ET.Element:
    case = ET.Element("testcase", classname=visible(problem.id), name=visible(verdict.check))
    if verdict.outcome is Outcome.PASSED:
        if verdict.message:
            ET.SubElement(case, "system-out").text = explanation(verdict)
        return case
    element = ET.SubElement(case, _ELEMENT[verdict.outcome], message=visible(verdict.message))
    if element.tag != "skipped":
        element.set("type", verdict.outcome.value)
        element.text = explanation(verdict)
    return case


def _count(element: ET.Element) -> None:
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))
