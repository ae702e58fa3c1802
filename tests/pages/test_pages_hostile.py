"""Text of a submission changes nothing in a page but its own escaped text."""

from __future__ import annotations

import dataclasses
import re
import unicodedata

import pytest

from grader.classroom.model import Student
from grader.gradebook.model import Course, Grade, Override, State, Submitted
from grader.model.evidence import AgentEvaluated, Counterexample, ExceptionRaised, PropertyViolation, Setting
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.pages import Answer, class_report, student_page
from tests.pages.classes import DUE
from tests.pages.html_reading import Page, read

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</style></title></textarea><svg onload=alert(1)>",
    '" onmouseover="alert(1)" x=\'',
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m",
    "\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x85\ufffe\uffff",
    "a\u202egnp.exe\u2066\u200b\u2028\ufeff",
    "\ud800 lonely \udfff",
    "[click](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example> https://evil.example",
    "`<b>code</b>` **bold** &lt;b&gt; &#x3c;script>",
    "{{ 7 * 7 }} {% raw %} {# comment #}",
    "javascript:alert(1)",
    "]]><!-- x --><![CDATA[x",
    "a\r\nb\tc\n\n\nd",
    '=HYPERLINK("https://evil.example")',
    "x" * 100_000,
    "`" * 50_000,
    "\n" * 50_000,
    "",
]


def everything(text: str) -> tuple[Grade, Course, dict[str, Answer]]:
    """A grade in which every string that a submission or a roster could bring holds the text."""
    setting = Setting(text, "float32", {text: text, "x": [[1.0, text]]})
    evidence = (
        PropertyViolation(setting, text, text, [text]),
        ExceptionRaised(setting, text, text, text, 1, text),
        Counterexample(setting, (0,), text, text, 1.0, 2.0, text, text, text, (text,)),
        AgentEvaluated(setting, 10, 1.0, 2.0, 1.5, 1e-6, 1, 100, ((1, 1.0), (2, 2.0))),
    )
    verdicts = tuple(
        Verdict(f"check{i}", text, Outcome.FAILED, 0, 1, text, text, text, each) for i, each in enumerate(evidence)
    )
    fine = Verdict("fine", text, Outcome.PASSED, 1, 1, text)
    ours = Verdict("ours", text, Outcome.GRADER_ERROR, 1, 1, text)
    reported = ProblemReport("td_error", text, 2, (*verdicts, fine, ours), (Notice(text, text, 3),), text)
    report = Report(text, 1, text, text, (reported,), (Notice(text, text, 1),), text)
    override = Override("td_error", 1.0, text, text, DUE)
    student = Student(text, text, text, {text: text}, text)
    submitted = Submitted(1, text, text, DUE, DUE)
    grade = Grade(student, State.GRADED, submitted, report, {"td_error": override}, 0.5, text, DUE, on_roster=False)
    unreadable = dataclasses.replace(grade, student=Student("b"), state=State.UNREADABLE, report=None)
    ours_too = dataclasses.replace(grade, student=Student("c"), state=State.GRADER_ERROR)
    asked = (("td_error", text, 2, 6.0),)
    course = Course(text, 6.0, asked, (grade, unreadable, ours_too), (text,), DUE, DUE, {"td_error": r"\frac{1}{2}"})
    return grade, course, {"td_error": Answer(text, text, 1, 1)}


def pages(text: str) -> list[str]:
    grade, course, answers = everything(text)
    return [student_page(grade, course, answers), *(student_page(each, course, {}) for each in course.grades[1:]),
            class_report(course)]  # fmt: skip


def structure(page: Page) -> tuple[set[str], set[tuple[str, str]]]:
    return set(page.tags), {(tag, name) for tag, name, _ in page.attributes}


@pytest.fixture(scope="module")
def harmless() -> tuple[set[str], set[tuple[str, str]]]:
    """The elements and attributes that our own templates write."""
    found = [structure(read(html)) for html in pages("harmless `code` *word*")]
    return set().union(*(tags for tags, _ in found)), set().union(*(attributes for _, attributes in found))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_adds_an_element_or_an_attribute(text, harmless) -> None:
    for html in pages(text):
        tags, attributes = structure(read(html))
        assert tags - harmless[0] == set()
        assert attributes - harmless[1] == set()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_leads_anywhere(text) -> None:
    for html in pages(text):
        addresses = [value for _, name, value in read(html).attributes if name in ("href", "src", "style")]
        assert all(re.fullmatch(r"#[\w-]+|data:,|students/[\w~-]+\.html", each) for each in addresses)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_invisible_character_reaches_a_page_and_it_is_well_formed_utf_8(text) -> None:
    for html in pages(text):
        html.encode("utf-8")
        hidden = {
            c for c in html if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        }
        assert hidden - {"\u2061", "\u2062"} == set()  # MathML's invisible operators


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_page_stays_readable_whatever_it_is_given(text) -> None:
    assert max(len(html) for html in pages(text)) < 600_000


def test_an_escaped_text_is_shown_as_it_was_written() -> None:
    text = '<b>Ada</b> & "Bob"'
    grade = Grade(Student("x", text), State.MISSING)
    course = Course("", 1.0, (), (grade,))
    assert text in read(student_page(grade, course, {})).text
    assert text in read(class_report(course)).text
