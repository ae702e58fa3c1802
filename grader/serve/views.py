"""What each address shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from grader.gradebook.model import Course, Grade
from grader.gradebook.store import Gradebook
from grader.pages.looks import STATES
from grader.pages.names import safe_name
from grader.pages.prose import prose
from grader.pages.student import student_page
from grader.serve import giving
from grader.serve.access import Access
from grader.serve.classbook import Classbook, address_of
from grader.serve.downloads import DOWNLOADS
from grader.serve.forms import fields_of
from grader.serve.giving import FormError
from grader.serve.listing import Wanted, choices, chosen
from grader.serve.progress import progress_of
from grader.serve.rendering import html, live, rendered, up


class Views:
    """The pages of one gradebook. Those that aren't `async` run in threads, as they read the database."""

    def __init__(self, gradebook: Gradebook, classbook: Classbook, access: Access) -> None:
        self._gradebook = gradebook
        self._classbook = classbook
        self._access = access

    def report(self, request: Request) -> Response:
        """The report on the class."""
        page, is_current = self._classbook.report()
        return html(live(page, **self._frame(request, "report", is_current=is_current)))

    def students(self, request: Request) -> Response:
        """The list of students, as the query asks for it."""
        book, is_current = self._classbook.book()
        wanted = Wanted.of(request.query_params)
        known = choices(book.students)
        titles = {name: title for name, title, _, _ in book.course.problems}
        return html(
            rendered(
                "students.html.j2",
                **self._frame(request, "students", is_current=is_current),
                course=book.course,
                grades=chosen(book.students, wanted),
                wanted=wanted,
                choices=known,
                state_choices=[(state.value, STATES[state].word, count) for state, count in known.states.items()],
                lost_choices=[(name, titles.get(name, name), count) for name, count in known.lost.items()],
                misconception_choices=[(name, name, count) for name, count in known.misconceptions.items()],
                section_choices=[(name, name, count) for name, count in known.sections.items()],
                states=STATES,
                downloads=DOWNLOADS,
                link=address_of,
                sorted_by=lambda column: _query(wanted, column),
            )
        )

    def student(self, request: Request) -> Response:
        """A student's page, with what staff can do there."""
        return self._student(request, self._key_of(request))

    async def give(self, request: Request) -> Response:
        """Points by hand, and back to the student's page."""
        fields = await fields_of(request)
        if not self._access.knows_form(fields.get("form_key", "")):
            raise HTTPException(403, "This form is out of date. Open the page again and send it from there.")
        return await run_in_threadpool(self._give, request, fields)

    def progress(self, _request: Request) -> Response:
        """How far grading is, for the script."""
        progress = progress_of(self._gradebook.progress())
        return JSONResponse(
            {"done": progress.done, "total": progress.total, "running": progress.is_running, "text": progress.text}
        )

    def download(self, request: Request) -> Response:
        """A file for the whole class."""
        name = request.path_params["name"]
        if name not in DOWNLOADS:
            raise HTTPException(404, "There is no such file.")
        book, _ = self._classbook.book(is_fresh=True)
        file = DOWNLOADS[name]
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(file.content(book.course), media_type=file.media_type, headers=headers)

    def _give(self, request: Request, fields: Mapping[str, str]) -> Response:
        key = self._key_of(request)
        grade, course = self._gradebook.grade(key), self._course()
        try:
            giving.submit(self._gradebook, grade, giving.problems_of(grade, course), fields, datetime.now(UTC))
        except FormError as error:
            return self._student(request, key, fields, error)
        return RedirectResponse(f"./{safe_name(key)}#history", 303)

    def _student(
        self, request: Request, key: str, fields: Mapping[str, str] | None = None, error: FormError | None = None
    ) -> Response:
        grade, course = self._gradebook.grade(key), self._course()
        problems = giving.problems_of(grade, course)
        sections = rendered(
            "staff.html.j2",
            address=safe_name(key),
            form_key=self._access.form_key,
            problems=problems,
            titles={problem.name: problem.title for problem in problems},
            given={**dict.fromkeys(giving.FIELDS, ""), **(fields or {})},
            error=error,
            overrides=tuple(grade.overrides.values()),
            graded=_graded(grade),
            history=tuple(reversed(self._gradebook.history(key))),
            prose=prose,
        )
        page = student_page(grade, course, self._gradebook.answers(key))
        return html(live(page, sections, **self._frame(request, "student")), 200 if error is None else 422)

    def _frame(self, request: Request, here: str, *, is_current: bool = True) -> dict[str, Any]:
        """What the top of every page shows."""
        progress = progress_of(self._gradebook.progress())
        return {"up": up(request), "here": here, "is_current": is_current, "progress": progress}

    def _course(self) -> Course:
        """What a student's page says of the class; nobody else's grade is needed for it."""
        facts = self._gradebook.facts()
        return Course(
            facts.title, facts.max_score, facts.problems, (), facts.notices, facts.due, formulas=facts.formulas
        )

    def _key_of(self, request: Request) -> str:
        wanted = request.path_params["name"]
        keys = (student.key for student in self._gradebook.students())
        found = next((key for key in keys if safe_name(key) == wanted), None)
        if found is None:
            raise HTTPException(404, "The gradebook has no such student.")
        return found


def _graded(grade: Grade) -> dict[str, float]:
    """What the grader gave, by problem."""
    return {} if grade.report is None else {problem.id: problem.score for problem in grade.report.problems}


def _query(wanted: Wanted, column: str) -> str:
    """The query that sorts by a column, or the other way round where it does so already."""
    query = {**wanted.query, "sort": f"-{column}" if wanted.sort == column else column}
    return f"?{urlencode(query, errors='surrogatepass')}"
