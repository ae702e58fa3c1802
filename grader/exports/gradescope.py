"""A grade as Gradescope's `results.json`: one test for each problem, with everything that there is to say about it.

See "Autograder Specifications: Output Format" in Gradescope's help. Without a final score there is neither a score nor
a test, which Gradescope shows as a failed autograder and never as a zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.exports.scores import WHY, is_final
from grader.gradebook.model import Course, Grade, Override
from grader.model.verdict import Outcome, ProblemReport, Verdict
from grader.model.visible import visible
from grader.model.words import number
from grader.report.json_report import as_json
from grader.report.layout import explanation
from grader.report.untrusted import paragraphs


def gradescope_results(grade: Grade, course: Course) -> dict[str, Any]:
    """The grade in terms of strict JSON; strings of students are escaped where they would act, and cut."""
    if not is_final(grade):
        reason = WHY.get(grade.state, "There is no score")
        return {"output": f"{reason[:1].upper()}{reason[1:]}.", "output_format": "text", "tests": []}
    reports = {} if grade.report is None else {problem.id: problem for problem in grade.report.problems}
    known = {name: (title, question, points) for name, title, question, points in course.problems}
    known |= {name: (report.title, report.question, report.max_score) for name, report in reports.items()}
    names = dict.fromkeys((*reports, *grade.overrides))
    tests = [_test(grade, name, at, known.get(name), reports.get(name)) for at, name in enumerate(names, start=1)]
    results: dict[str, Any] = as_json({
        "score": grade.score,
        "output": "\n".join(_summary(grade)),
        "output_format": "text",
        "visibility": "visible",
        "tests": tests,
    })  # fmt: skip
    return results


def _summary(grade: Grade) -> Iterator[str]:
    if grade.late_factor != 1:
        yield f"Handed in late: {number(100 * grade.late_factor)} % of the points count."
    yield from paragraphs(grade.fault)
    for notice in () if grade.report is None else grade.report.notices:
        yield visible(str(notice))


def _test(
    grade: Grade, name: str, place: int, known: tuple[str, int, float] | None, problem: ProblemReport | None
) -> dict[str, Any]:
    override = grade.overrides.get(name)
    points = grade.points_of(name)
    told = [*_by_a_person(override), *_by_the_grader(problem)]
    title, question, most = known or (name, None, points)
    return {
        "name": visible(title),
        "number": str(place) if question is None else f"{question}.{place}",
        "score": points,
        "max_score": most,
        "status": "passed" if points >= most else "failed",
        "output": "\n\n".join(told),
        "output_format": "text",
        "visibility": "visible",
    }


def _by_a_person(override: Override | None) -> Iterator[str]:
    if override is not None:
        yield f"{visible(override.author)} gave {number(override.points)} points: {visible(override.comment)}"


def _by_the_grader(problem: ProblemReport | None) -> Iterator[str]:
    for notice in problem.notices if problem else ():
        yield visible(str(notice))
    for verdict in problem.verdicts if problem else ():
        yield _told(verdict)


def _told(verdict: Verdict) -> str:
    points = f"{number(verdict.points)} of {number(verdict.max_points)}"
    mark = "✓" if verdict.outcome is Outcome.PASSED else "✗"
    text = explanation(verdict)
    return f"{mark} {visible(verdict.title)} ({points})" + (f"\n{text}" if text else "")
