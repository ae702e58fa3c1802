"""The live pages as a web application: which address shows what, and what is said where something goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from grader.errors import GradebookError
from grader.gradebook.store import Gradebook
from grader.serve.access import Access
from grader.serve.classbook import Classbook
from grader.serve.guard import Guard
from grader.serve.rendering import FOLDER, message_page
from grader.serve.views import Views


def make_app(gradebook: Gradebook, access: Access) -> ASGIApp:
    """The application that shows a gradebook to those who have access."""
    classbook = Classbook(gradebook)
    views = Views(gradebook, classbook, access)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        classbook.begin()
        yield
        classbook.close()

    routes = [
        Route("/", views.report),
        Route("/students", views.students),
        Route("/students/{name}", views.student),
        Route("/students/{name}", views.give, methods=["POST"]),
        Route("/progress.json", views.progress),
        Route("/downloads/{name}", views.download),
        Route("/live.css", _stylesheet),
        Route("/live.js", _script),
    ]
    handlers = {HTTPException: _refused, GradebookError: _failed, Exception: _broken}
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)
    app.router.redirect_slashes = False  # it would name a host, which a proxy may call otherwise
    return Guard(app, access)


def _stylesheet(_request: Request) -> Response:
    return FileResponse(FOLDER / "live.css")


def _script(_request: Request) -> Response:
    return FileResponse(FOLDER / "live.js")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404 and error.detail == "Not Found":
        return message_page(request, 404, "There is no such page.")
    return message_page(request, error.status_code, error.detail)


def _failed(request: Request, error: Exception) -> Response:
    return message_page(request, 503, "The gradebook doesn't answer.", str(error))


def _broken(request: Request, _error: Exception) -> Response:
    """A bug of ours; the server writes its traceback to stderr."""
    return message_page(request, 500, "The grader itself failed.", "Please report it with what its terminal shows.")
