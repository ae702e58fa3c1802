"""The report on a class: what an instructor wants to know before the next lecture."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from grader.gradebook.model import Course, Grade, Override, State
from grader.model.words import number
from grader.pages import statistics
from grader.pages.looks import STATES
from grader.pages.names import student_file
from grader.pages.prose import feedback, prose
from grader.pages.rendering import rendered
from grader.pages.svg import bar, histogram
from grader.report.untrusted import paragraphs

SHOWN_AT_ONCE = 15
"""Misconceptions that are shown open; rarer ones are folded away."""

Link = Callable[[str], str]
"""The address of a student's page, by key."""


def class_report(course: Course, link: Link = student_file) -> str:
    """Everything about a class as one HTML document; `link` says where the students' pages lie."""
    scores = statistics.scores(course)
    of_state = {state: [grade for grade in course.grades if grade.state is state] for state in State}
    faults = statistics.with_faults_of_ours(course)
    strangers = [grade for grade in course.grades if not grade.on_roster]
    open_grades = [grade for grade in course.grades if grade.state is not State.GRADED]
    return rendered(
        "class.html.j2",
        course=course,
        link=link,
        states=STATES,
        counts={STATES[state].word: len(grades) for state, grades in of_state.items() if grades},
        needs_attention=bool(faults or strangers or course.notices or open_grades),
        faults=faults,
        strangers=strangers,
        unreadable=of_state[State.UNREADABLE],
        waiting=of_state[State.WAITING],
        missing=of_state[State.MISSING],
        scores=scores,
        mean=statistics.mean(scores),
        median=statistics.middle(scores),
        histogram=_histogram(course),
        problems=statistics.problem_figures(course),
        mistakes=statistics.mistakes(course),
        shown_at_once=SHOWN_AT_ONCE,
        graded=sum(grade.report is not None for grade in course.grades),
        unexplained=statistics.unexplained(course),
        hardest=statistics.hardest_checks(course),
        seconds=[statistics.seconds_of(grade) for grade in course.grades if grade.report is not None],
        middle=statistics.middle,
        slowest=statistics.slowest(course),
        overrides=_overrides(course),
        bar=bar,
        prose=prose,
        feedback=lambda text: [feedback(paragraph) for paragraph in paragraphs(text)],
    )


def _overrides(course: Course) -> list[tuple[Grade, Override]]:
    return [(grade, override) for grade in course.grades for override in grade.overrides.values()]


def _histogram(course: Course) -> Markup:
    """The distribution of scores in tenths of the points."""
    counts = statistics.distribution(course)
    edges = [course.max_score * i / len(counts) for i in range(len(counts) + 1)]
    told = "; ".join(
        f"{number(edges[i])} to {number(edges[i + 1])} points: {count}" for i, count in enumerate(counts) if count
    )
    labels = [number(round(edge, 1)) for edge in edges]
    return histogram(counts, labels, f"Distribution of scores. {told or 'Nothing is graded.'}")
