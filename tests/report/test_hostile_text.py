"""Text of a submission in every sink: none of it acts on the terminal, the parser or the page that shows it."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.model.evidence import (
    Counterexample,
    ExceptionRaised,
    ForbiddenCall,
    FunctionMissing,
    NotDecided,
    PropertyViolation,
    ProvedEqual,
    Setting,
)
from grader.model.submission import Notice
from grader.model.verdict import Outcome, ProblemReport, Report, Verdict
from grader.model.visible import visible
from grader.model.wording import describe
from grader.report.formats import Format, TextFormat
from grader.report.render import render
from grader.report.untrusted import visible_lines

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m",
    "[red]markup[/red] [link=https://evil.example]x[/link] :boom:",
    "\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x85\ufffe\uffff",
    "a\u202egnp.exe\u2066\u200b\u2028\ufeff",
    "\ud800 lonely \udfff",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "[click](https://evil.example) ![x](https://evil.example/x.png) www.evil.example https://evil.example",
    "``` \n# heading\n- item\n1. one\n> quote\n~~~\n***\n`code` ``x`` `",
    "@everyone <!-- hidden --> &lt; $x$ \\",
    "12. twelve",
    "1999) a year",
    "]]>&amp;<![CDATA[x",
    "]]>\r\n\tx",
    "x" * 100_000,
    "`" * 50_000,
    "\n" * 50_000,
    "",
]


def hostile_report(text: str) -> Report:
    setting = Setting(text, text, {"x": text, text: [text]})
    wrong = Counterexample(setting, (0,), text, text, 1.0, 2.0, text, text, text, (text,))
    proved = ProvedEqual(text, (text,), (text,))
    raised = ExceptionRaised(setting, text, text, text, 1, text)
    verdicts = (
        Verdict("agreement", "title", Outcome.FAILED, 0, 1, text, text, text, raised),
        Verdict(text, text, Outcome.FAILED, 0, 1, text, None, None, PropertyViolation(setting, text, [text], text)),
        Verdict("refuted", "title", Outcome.FAILED, 0, 1, describe(wrong), text, text, wrong, proven=True),
        *(
            Verdict("proof", "title", outcome, 1, 1, describe(evidence), evidence=evidence)
            for outcome, evidence in (
                (Outcome.PASSED, proved),
                (Outcome.UNDECIDED, NotDecided(text, text, 1, text, (text,))),
                (Outcome.FAILED, ForbiddenCall((text,))),
            )
        ),
    )
    missing = Verdict(
        "agreement", "title", Outcome.SUBMISSION_ERROR, 0, 1, text, evidence=FunctionMissing(text, (text,))
    )
    problems = (
        ProblemReport("layer_norm", text, 12, verdicts, (Notice(text, text, 3),), output=text),
        ProblemReport(text, text, 12, (missing,)),
    )
    return Report(text, 1, "sandlock", "cpu", problems, (Notice(text, text, 3),), output=text)


def unsafe(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character != "\n"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("wanted", get_args(TextFormat))
def test_no_invisible_character_reaches_any_sink(text: str, wanted: TextFormat) -> None:
    shown = render(hostile_report(text), wanted, verbose=True)
    assert [c for c in shown if unsafe(c)] == []
    shown.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_only_escape_sequences_in_colour_are_our_styles(text: str) -> None:
    shown = render(hostile_report(text), Format.TERMINAL, color=True, verbose=True)
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", shown)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("wanted", get_args(TextFormat))
def test_a_report_stays_readable_whatever_its_size(text: str, wanted: TextFormat) -> None:
    assert len(render(hostile_report(text), wanted, verbose=True)) < 600_000


def test_rich_markup_is_shown_as_it_is() -> None:
    shown = render(hostile_report("[red]markup[/red] :boom:"), Format.TERMINAL, width=100)
    assert "[red]markup[/red] :boom:" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_strict(text: str) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    parsed = json.loads(render(hostile_report(text), Format.JSON), parse_constant=refuse)
    assert parsed["problems"][0]["verdicts"][0]["evidence"]["kind"] == "exception_raised"


def test_json_keeps_what_can_be_kept() -> None:
    text = "<b>\x1b[31m\u202e`x`\n"
    parsed = json.loads(render(hostile_report(text), Format.JSON))
    assert parsed["problems"][0]["verdicts"][0]["message"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_parses_and_keeps_its_structure(text: str) -> None:
    root = ET.fromstring(render(hostile_report(text), Format.JUNIT))
    assert [len(suite.findall("testcase")) for suite in root.findall("testsuite")] == [6, 1]
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties", "property", "system-out",
    }  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_holds_no_markup_of_the_submission(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(
        render(hostile_report(text), Format.MARKDOWN, verbose=True)
    )
    inline = [child for token in tokens for child in token.children or ()]
    assert not [t for t in inline if t.type in ("link_open", "image", "s_open", "em_open")]
    ours = re.compile(r"</?sub>|<!-- -->")
    assert [t.content for t in inline if t.type == "html_inline" and not ours.fullmatch(t.content)] == []
    assert [t.content for t in tokens if t.type == "html_block"] == []
    assert [t.tag for t in tokens if t.type == "heading_open"] == ["h2", "h3"]
    assert len([t for t in tokens if t.type == "table_open"]) == 1
    assert len([t for t in tokens if t.type == "tr_open"]) == 3
    assert len([t for t in tokens if t.type == "td_open"]) == 10
    assert not [t for t in tokens if t.type in ("ordered_list_open", "hr", "code_block")]


@pytest.mark.parametrize("address", ["https://evil.example", "www.evil.example", "a@evil.example", "@everyone", "#12"])
def test_markdown_breaks_addresses_and_mentions(address: str) -> None:
    report = dataclasses.replace(hostile_report("x"), submission=address, notices=(Notice(address),))
    assert address not in render(report, Format.MARKDOWN)


@given(st.text(st.characters(), max_size=200))
def test_visible_text_is_one_printable_line(text: str) -> None:
    assert visible(text).isprintable()


@given(st.text(max_size=300), st.integers(1, 50))
def test_visible_text_is_never_longer_than_asked(text: str, longest: int) -> None:
    assert len(visible(text, longest)) <= longest


def test_printable_text_is_left_alone() -> None:
    text = "In the case “σ about √ε” your result ≠ [red]`x`[/red]"
    assert visible(text) == text


def test_lines_over_the_limit_are_counted() -> None:
    assert visible_lines("a\nb\nc\n", most=1) == ["a", "… 2 more lines"]
