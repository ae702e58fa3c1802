"""The live pages in a real browser: they are used as staff use them, and nothing leaves the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as Tab

from grader.classroom.model import Student
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from grader.pages.names import safe_name
from grader.serve.access import Access
from tests.gradebook.samples import KEYS, LATER, NOON, PROBLEMS, entry, report
from tests.serve.conftest import HOSTILE, Serve, Served

PHONE, DESKTOP = (390, 844), (1280, 900)
TOKEN = "correct horse battery staple"
Open = Callable[..., Tab]

EXPECTED = (
    "http://127.0.0.1:",
    "data:,",
    "the console: Failed to load resource: the server responded with a status of 4",
)
"""What a browser may ask for or say: it also complains of pages that tell somebody of a mistake."""


@pytest.fixture
def contexts(browser: Browser, serve: Serve) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser's profile; whatever it asks of another host, or complains of, is an error.

    It needs `serve` so that every page is closed before its server is: one that asks for progress would complain.
    """
    made: list[BrowserContext] = []
    seen: list[str] = []

    def make(size: tuple[int, int] = DESKTOP, scheme: str = "light", *, scripts: bool = True) -> BrowserContext:
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts
        )
        context.on("request", lambda request: seen.append(request.url))
        context.on("dialog", lambda dialog: seen.append(f"a dialog: {dialog.message}"))
        context.on("console", lambda message: seen.append(f"the console: {message.text}"))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert [each for each in seen if not each.startswith(EXPECTED)] == []


@pytest.fixture
def show(contexts: Callable[..., BrowserContext], served: Served) -> Open:
    """Open a page of the class in a new profile."""

    def opened(path: str, *look: object, **more: object) -> Tab:
        tab = contexts(*look, **more).new_page()
        tab.goto(served.url + path)
        return tab

    return opened


def names(tab: Tab) -> list[str]:
    return [
        key.removeprefix("students/")
        for key in tab.locator("tbody a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    ]


def fill_in(tab: Tab, points: str) -> None:
    tab.get_by_label("Problem", exact=True).select_option(PROBLEMS[2])
    tab.get_by_label("Points, in place").fill(points)
    tab.get_by_label("Comment, which").fill("A good <i>idea</i>")
    tab.get_by_label("Your name").last.fill("Grace Hopper")
    tab.get_by_role("button", name="Give points").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_students_are_searched_filtered_and_sorted(show: Open, scripts: bool) -> None:
    tab = show("/", scripts=scripts)
    tab.get_by_role("navigation", name="Gradebook").get_by_role("link", name="Students").click()
    assert len(names(tab)) == 4
    tab.get_by_label("Name, key or e-mail").fill("muller")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="1 of 4 students")).to_be_visible()
    assert names(tab) == [safe_name("müller/1")]
    tab.get_by_role("link", name="Show all").click()
    tab.get_by_label("Section").select_option("B")
    tab.get_by_role("button", name="Show").click()
    tab.get_by_role("link", name="Score").click()
    assert names(tab) == ["nobody", safe_name("müller/1")]
    tab.get_by_role("link", name="Score").click()
    assert names(tab) == [safe_name("müller/1"), "nobody"]
    expect(tab.get_by_label("Section")).to_have_value("B")
    tab.get_by_role("link", name="Jürgen Müller").click()
    expect(tab.get_by_role("heading", name="Jürgen Müller")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_points_are_given_and_taken_back(show: Open, book: Gradebook, scripts: bool) -> None:
    tab = show("/students/ada", scripts=scripts)
    tab.get_by_role("link", name="Points by hand").click()
    fill_in(tab, "3.5")
    expect(tab.get_by_text("3.5 points for layer_norm by hand: A good <i>idea</i>")).to_be_visible()
    assert tab.url.endswith("/students/ada#history")
    assert book.grade("ada").points == 11.5
    tab.reload()
    assert [event.kind for event in book.history("ada")].count("override") == 1
    tab.get_by_text("Take them back", exact=False).first.click()
    tab.get_by_label("Why", exact=True).fill("A slip")
    tab.get_by_label("Your name").first.fill("Grace Hopper")
    tab.get_by_role("button", name="Take them back").click()
    expect(tab.get_by_text("taken back: A slip")).to_be_visible()
    assert book.grade("ada").overrides == {}


def test_a_typing_mistake_is_caught_before_it_counts(show: Open, book: Gradebook) -> None:
    tab = show("/students/ada")
    fill_in(tab, "35")
    warning = tab.get_by_role("alert")
    expect(warning).to_contain_text("35 points are more than the 4 that the problem is worth")
    expect(tab.get_by_label("Give them all the same")).to_be_focused()
    assert Axe().run(tab).violations_count == 0
    assert book.grade("ada").overrides == {}
    tab.get_by_label("Points, in place").fill("3.5")
    tab.get_by_role("button", name="Give points").click()
    expect(tab.get_by_role("heading", name="History")).to_be_in_viewport()
    assert book.grade("ada").points_of(PROBLEMS[2]) == 3.5


def test_progress_moves_while_a_batch_records(show: Open, book: Gradebook) -> None:
    waiting = [book.enter(entry(Student(f"new{i}")), f"n{i}", NOON) for i in range(3)]
    tab = show("/students")
    bar = tab.get_by_role("progressbar", name="Submissions graded")
    expect(tab.get_by_text("3 of 6 submissions are done, 3 to go.")).to_be_visible()
    for done, submission in enumerate(waiting[:2], start=4):
        book.record(submission, KEYS, report(4, 4, 4), seconds=1, now=LATER)
        expect(tab.get_by_text(f"{done} of 6 submissions are done")).to_be_visible(timeout=20_000)
        assert bar.evaluate("bar => [bar.value, bar.max]") == [done, 6]
    book.fail(waiting[2], State.GRADER_ERROR, "It ended.", now=LATER)
    expect(tab.get_by_text("All 6 submissions are done. The grader failed on 1.")).to_be_visible(timeout=20_000)
    expect(bar).to_be_hidden()
    tab.get_by_role("link", name="Show the new grades").click()
    row = tab.get_by_role("row", name="new0")
    expect(row).to_contain_text("12")


def test_the_token_is_asked_for_once(contexts: Callable[..., BrowserContext], serve: Serve) -> None:
    served = serve(Access(TOKEN))
    tab = contexts().new_page()
    tab.goto(f"{served.url}/students?q=ada")
    tab.get_by_label("Token").fill("wrong horse")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_have_text("This is not the token.")
    assert Axe().run(tab).violations_count == 0
    tab.get_by_label("Token").fill(TOKEN)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="1 of 4 students")).to_be_visible()
    assert tab.evaluate("document.cookie") == ""
    tab.get_by_role("link", name="Ada Lovelace").click()
    fill_in(tab, "4")
    expect(tab.get_by_text("4 points for layer_norm by hand")).to_be_visible()


def test_an_address_with_the_token_signs_in(contexts: Callable[..., BrowserContext], serve: Serve) -> None:
    served = serve(Access(TOKEN))
    tab = contexts().new_page()
    tab.goto(f"{served.url}/students?q=ada&token={TOKEN}")
    expect(tab.get_by_role("heading", name="1 of 4 students")).to_be_visible()
    assert TOKEN not in tab.url


@pytest.mark.parametrize(
    "path", ["/", "/students", "/students?q=nobody+at+all", "/students/ada", f"/students/{safe_name(HOSTILE)}"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_no_violation_and_nothing_scrolls_sideways(
    show: Open, book: Gradebook, path: str, scheme: str, size: tuple[int, int]
) -> None:
    for key in ("ada", HOSTILE):
        book.override(key, PROBLEMS[2], 3, HOSTILE, HOSTILE, NOON)
    book.enter(entry(Student("waiting")), "w", NOON)
    tab = show(path, size, scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_policy_lets_every_style_and_script_of_ours_through(show: Open) -> None:
    tab = show("/students/ada")
    assert tab.evaluate("getComputedStyle(document.querySelector('nav.live ul')).display") == "flex"
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "28px"
