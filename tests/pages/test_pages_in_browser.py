"""Pages in a real browser: accessible, readable on a phone, and asking nothing of the network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from grader.pages import Answer, class_report, student_page
from grader.similarity import Likeness, Pair, Piece, Side, similarity_page
from tests.pages.classes import ANSWERS, SAMPLE, course, drawn_class
from tests.pages.test_pages_hostile import HOSTILE, everything

PHONE, DESKTOP = (390, 844), (1280, 900)
Show = Callable[..., Tab]


def _alike(source: str, student: str) -> Pair:
    side = Side(student, None, (Piece("answers.py", source, 1, ((1, 1),)),))
    return Pair("generalized_advantage_estimate", side, side, Likeness.WORDING, 40.0, 0.75)


RENDERED = {
    "student": lambda: student_page(SAMPLE, course(SAMPLE), ANSWERS),
    "class": lambda: class_report(drawn_class(60, seed=5)),
    "empty class": lambda: class_report(course()),
    "hostile student": lambda: student_page(*everything("".join(text[:300] for text in HOSTILE))),
    "hostile class": lambda: class_report(everything("".join(text[:300] for text in HOSTILE))[1]),
    "long words": lambda: student_page(*everything("W" * 3000)),
    "long words in a class": lambda: class_report(everything("W" * 3000)[1]),
    "similarity": lambda: similarity_page(
        [_alike("def answer(x):\n    return x", "ada"), _alike("x" * 300, "W" * 300)], {}
    ),
    "hostile similarity": lambda: similarity_page(
        [_alike(each[:300], each[:300]) for each in HOSTILE if each], {}, HOSTILE
    ),
}


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Open HTML as a file; whatever the page asks for besides, or says, is an error."""
    contexts = []
    asked: list[str] = []

    def opened(html: str, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Tab:
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: asked.append(f"a dialog: {dialog.message}"))
        tab.on("console", lambda message: asked.append(f"the console: {message.text}"))
        tab.goto(path.as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        return tab

    yield opened
    for context in contexts:
        context.close()
    own = (tmp_path / "page.html").as_uri()
    assert [each for each in asked if each not in (own, "data:,")] == []


@pytest.mark.parametrize("name", RENDERED)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_no_violation_and_nothing_scrolls_sideways(show: Show, name, scheme, size) -> None:
    tab = show(RENDERED[name](), size, scheme)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert (
        tab.evaluate("Math.max(0, ...[...document.querySelectorAll('table')].map(t => t.offsetWidth))") <= size[0] - 32
    )


def test_axe_would_find_what_is_wrong(show: Show) -> None:
    html = RENDERED["student"]().replace('lang="en"', "").replace("--muted: #525a64", "--muted: #cccccc")
    rules = {violation["id"] for violation in Axe().run(show(html)).response["violations"]}
    assert {"html-has-lang", "color-contrast"} <= rules


def test_dark_and_light_differ_in_the_background(show: Show) -> None:
    colors = {
        show(RENDERED["student"](), scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert len(colors) == 2


def test_a_reader_without_a_mouse_sees_where_the_focus_is(show: Show) -> None:
    tab = show(RENDERED["student"]())
    seen = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        seen.append(
            tab.evaluate("[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineWidth]")
        )
    assert seen[0][0] == "A"
    assert all(tag != "BODY" and width != "0px" for tag, width in seen)


def test_code_stands_beside_the_verdicts_on_a_desktop_and_below_them_on_a_phone(show: Show) -> None:
    sides = {}
    for size in (PHONE, DESKTOP):
        tab = show(RENDERED["student"](), size)
        verdicts, code = (
            tab.locator(f"#problem-td_error {part}").bounding_box() for part in (".verdicts", "figure.code")
        )
        sides[size] = (code["x"] > verdicts["x"], code["y"] > verdicts["y"])
    assert sides == {PHONE: (False, True), DESKTOP: (True, False)}


def test_what_is_folded_is_printed_all_the_same(show: Show) -> None:
    tab = show(RENDERED["student"]())
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    folded = tab.locator("details > ul, details > .beside").first
    assert not folded.is_visible()
    tab.emulate_media(media="print")
    assert folded.is_visible()


def test_the_parts_of_a_formula_stand_below_one_another_on_a_phone(show: Show) -> None:
    formulas = {"td_error": r", \quad ".join([r"y_i = r_i + \gamma \, (1 - d_i) \, V(s'_i)"] * 4)}
    html = student_page(SAMPLE, dataclasses.replace(course(SAMPLE), formulas=formulas), ANSWERS)
    formula = show(html, PHONE).locator("#problem-td_error .formula")
    assert formula.evaluate("each => each.scrollWidth <= each.clientWidth")
    assert formula.locator("math").count() == 4


def test_the_rest_of_a_long_line_of_code_is_set_in(show: Show) -> None:
    answers = {"td_error": Answer("answers.py", "def td_error():\n    return " + " + ".join(["rewards"] * 40), 1)}
    line = show(student_page(SAMPLE, course(SAMPLE), answers), PHONE).locator("#problem-td_error .line .text").nth(1)
    starts = line.evaluate(
        "each => { const all = document.createRange(); all.selectNodeContents(each);"
        " return [...all.getClientRects()].filter(r => r.width).map(r => Math.round(r.left)) }"
    )
    assert min(starts) == starts[0]
    assert starts.count(starts[0]) == 1
