"""A small class in a gradebook, and a real server that shows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from grader.classroom.model import Student
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from grader.serve.access import Access
from grader.serve.app import make_app
from grader.serve.server import listening, make_server, url_of
from tests.gradebook.samples import ADA, FACTS, NOON, entry, grade_all
from tests.pages.conftest import browser

__all__ = ["browser"]  # a fixture

HOSTILE = (
    "</header></main></head><script>alert(1)</script>'\"><img src=x onerror=alert(2)>\x1b[31m\u202e\ud800 ?#%2F/../x"
)
MULLER = Student("müller/1", "Jürgen Müller", "jm@example.org", section="B")
STRANGER = Student(HOSTILE, HOSTILE, HOSTILE, {"canvas": HOSTILE}, HOSTILE)
NOBODY = Student("nobody", "Nora Nobody", section="B")


@dataclass(frozen=True)
class Served:
    """A server that runs, with a client that keeps cookies and follows no redirect."""

    url: str
    client: httpx.Client
    access: Access
    gradebook: Gradebook

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.client.get(self.url + path, **more)

    def post(self, path: str, fields: dict[str, str], **more: object) -> httpx.Response:
        return self.client.post(self.url + path, data=fields, **more)


Serve = Callable[..., Served]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Ada has 10 of 12 points, Müller 8 with a misconception, one is unreadable, and one handed in nothing."""
    with Gradebook.open(str(tmp_path / "gradebook.sqlite")) as gradebook:
        gradebook.describe(FACTS)
        grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 4, 4, 2)
        grade_all(gradebook, gradebook.enter(entry(MULLER), "b", NOON), 2, 2, 4)
        unreadable = gradebook.enter(entry(STRANGER, HOSTILE, on_roster=False), "c", NOON)
        gradebook.fail(unreadable, State.UNREADABLE, HOSTILE, now=NOON)
        gradebook.enrol([NOBODY])
        yield gradebook


@pytest.fixture
def serve(book: Gradebook) -> Iterator[Serve]:
    """Start a server that shows the class, on a free port of this machine."""
    with ExitStack() as running:
        yield lambda access=None: running.enter_context(_serving(book, access or Access()))


@pytest.fixture
def served(serve: Serve) -> Served:
    """The class, shown to everybody on this machine."""
    return serve()


@contextmanager
def _serving(gradebook: Gradebook, access: Access) -> Iterator[Served]:
    with listening("127.0.0.1", 0) as listener, httpx.Client(timeout=60) as client:
        server = make_server(make_app(gradebook, access))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Served(url_of(listener).removesuffix("/"), client, access, gradebook)
        finally:
            server.should_exit = True
            thread.join()
