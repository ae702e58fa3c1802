"""What each address shows, and what goes along with every response."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable

import pytest

from grader.classroom.model import Student
from grader.errors import GradebookError
from grader.gradebook.model import Answer, Course
from grader.gradebook.store import Gradebook
from grader.pages import class_report
from grader.pages.names import safe_name
from grader.serve import classbook
from tests.gradebook.samples import ADA, NOON, PROBLEMS, entry, grade_all
from tests.serve.conftest import HOSTILE, MULLER, Served

EVERY_PAGE = ("/", "/students", "/students/ada", f"/students/{safe_name(HOSTILE)}", "/nowhere", "/students/nowhere")
EVERYTHING = (*EVERY_PAGE, "/progress.json", "/downloads/gradebook.csv", "/live.css", "/live.js")


def test_the_first_page_is_the_class_report_with_links_to_students(served: Served) -> None:
    page = served.get("/").text
    assert "Homework 1" in page
    assert 'href="students/ada"' in page


def test_every_student_of_the_list_has_a_page(served: Served) -> None:
    listed = served.get("/students").text
    for student in served.gradebook.students():
        assert f'href="students/{safe_name(student.key)}"' in listed
        assert served.get(f"/students/{safe_name(student.key)}").status_code == 200


def test_a_student_page_shows_verdicts_and_history(served: Served) -> None:
    page = served.get("/students/ada").text
    assert "10</strong> of 12 points" in page
    assert "Handed in <code>answers.py</code>." in page
    assert "Graded: 10 of 12 points." in page


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"ada", MULLER.key, HOSTILE, "nobody"}),
        ("q=muller", {MULLER.key}),
        ("state=missing", {"nobody"}),
        (f"lost={PROBLEMS[0]}", {MULLER.key}),
        (f"misconception={PROBLEMS[2]}:no_cut", {"ada"}),
        ("section=B", {MULLER.key, "nobody"}),
        ("by_hand=yes", set()),
        ("state=nonsense&sort=nonsense&x=y", set()),
    ],
)
def test_the_list_shows_who_is_asked_for(served: Served, query: str, keys: set[str]) -> None:
    page = served.get(f"/students?{query}").text
    shown = {student.key for student in served.gradebook.students() if f'"students/{safe_name(student.key)}"' in page}
    assert shown == keys


def test_the_list_is_sorted_as_the_query_says(served: Served) -> None:
    page = served.get("/students?sort=-score").text
    places = [page.index(f'"students/{safe_name(key)}"') for key in ("ada", MULLER.key, "nobody")]
    assert places == sorted(places)


@pytest.mark.parametrize("path", EVERYTHING)
def test_nothing_may_be_framed_kept_or_told_to_others(served: Served, path: str) -> None:
    headers = served.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers


@pytest.mark.parametrize("path", ["/", "/students", f"/students/{safe_name(HOSTILE)}", f"/students?q={'%3Cscript%3E'}"])
def test_hostile_text_stays_text(served: Served, path: str) -> None:
    served.gradebook.override(HOSTILE, PROBLEMS[0], 1, HOSTILE, HOSTILE, NOON)
    page = served.get(path).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.count("</main>") == 1


def test_a_name_in_a_request_is_escaped_where_it_is_told(served: Served) -> None:
    response = served.get("/", headers={"Host": "<b>evil</b>.example"})
    assert "<b>" not in response.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/students/nowhere", "/students/ada/x", "/downloads/secret", "/students/"]
)
def test_what_there_is_not_is_said_on_a_page(served: Served, path: str) -> None:
    response = served.get(path)
    assert response.status_code == 404
    assert "<h1>There is no such" in response.text or "<h1>The gradebook has no such student." in response.text


def test_an_address_takes_only_what_it_is_for(served: Served) -> None:
    assert served.client.delete(f"{served.url}/students/ada").status_code == 405
    assert served.post("/students", {}).status_code == 405


def test_progress_is_told_in_numbers_and_words(served: Served) -> None:
    assert served.get("/progress.json").json() == {
        "done": 3, "total": 3, "running": False, "text": "All 3 submissions are done.",
    }  # fmt: skip
    served.gradebook.enter(entry(ADA), "new", NOON)
    assert served.get("/progress.json").json() == {
        "done": 2, "total": 3, "running": True, "text": "2 of 3 submissions are done, 1 to go.",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["gradebook.csv", "gradebook.xlsx", "gradebook.jsonl", "canvas.csv", "moodle.csv"])
def test_a_file_of_the_class_is_downloaded(served: Served, name: str) -> None:
    response = served.get(f"/downloads/{name}")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.content


def test_a_download_has_what_has_just_changed(served: Served) -> None:
    served.get("/downloads/gradebook.csv")
    served.gradebook.override("ada", PROBLEMS[2], 4, "Right after all", "Grace", NOON)
    (ada,) = [
        row for row in csv.DictReader(io.StringIO(served.get("/downloads/gradebook.csv").text)) if "ada" in row.values()
    ]
    assert "12" in ada.values() or "12.0" in ada.values()


def test_a_new_grade_is_on_every_page(served: Served) -> None:
    for path in EVERY_PAGE:
        served.get(path)
    newcomer = Student("eve", "Eve Newcomer")
    grade_all(served.gradebook, served.gradebook.enter(entry(newcomer), "e", NOON), 4, 4, 4)
    for path in ("/", "/students", "/students/eve"):
        assert "Eve Newcomer" in served.get(path).text


def test_a_gradebook_that_fails_is_said_on_a_page(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Gradebook) -> None:
        raise GradebookError("postgresql://server can't be read: it is gone.")

    monkeypatch.setattr(Gradebook, "progress", fail)
    response = served.get("/students")
    assert response.status_code == 503
    assert "it is gone" in response.text


def test_a_bug_of_ours_shows_no_traceback_in_the_browser(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gradebook, "progress", lambda _: {}["secret"])
    response = served.get("/students")
    assert response.status_code == 500
    assert "The grader itself failed." in response.text
    assert "secret" not in response.text
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_the_code_that_was_graded_stands_beside_the_verdicts(served: Served) -> None:
    submission = served.gradebook.grade("ada").submitted
    code = {PROBLEMS[1]: Answer("answers.py", "def td_error():  # <mine>", 1)}
    grade_all(served.gradebook, submission.id, 4, 2, 2, answers=code)
    assert "&lt;mine&gt;" in served.get("/students/ada").text


def test_a_report_that_takes_long_is_shown_as_it_was_and_says_so(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    assert "There is something newer" not in served.get("/").text

    def slowly(course: Course, link: Callable[[str], str]) -> str:
        may_go_on.wait(60)
        return class_report(course, link)

    monkeypatch.setattr(classbook, "class_report", slowly)
    served.gradebook.override("ada", PROBLEMS[2], 4, "Brand new", "Grace", NOON)
    page = served.get("/").text
    assert "There is something newer" in page
    assert "Brand new" not in page
    may_go_on.set()
    while "There is something newer" in (page := served.get("/").text):
        pass
    assert "Brand new" in page
