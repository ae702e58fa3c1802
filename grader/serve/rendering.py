"""Fills the templates of the live pages, which extend those of grader.pages and escape as they do."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from grader.pages import rendering
from grader.pages.prose import prose

FOLDER = Path(__file__).parent / "templates"
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n?')


def rendered(template: str, **context: Any) -> str:
    """The HTML that a template makes of its values."""
    return _environment().get_template(template).render(**context)


def html(text: str, status: int = 200) -> HTMLResponse:
    """A page as a response."""
    return HTMLResponse(text, status)


def message_page(request: Request, status: int, title: str, *paragraphs: str) -> HTMLResponse:
    """A page that says one thing; what stands in backquotes is code."""
    shown = [prose(paragraph) for paragraph in paragraphs]
    return html(rendered("message.html.j2", up=up(request), title=title, heading=prose(title), shown=shown), status)


def sign_in_page(request: Request, *, is_wrong: bool) -> HTMLResponse:
    """The page that asks for the token, at whatever address was asked for."""
    return html(rendered("sign_in.html.j2", up=up(request), is_wrong=is_wrong), 401)


def up(request: Request) -> str:
    """How an address begins on this page to mean the same as on the first one; a proxy may have put a path before."""
    path: str = request.scope["path"]  # `request.url` depends on what the request calls this host
    return "../" * (path.count("/") - 1)


def live(page: str, sections: str = "", **frame: Any) -> str:
    """A page of grader.pages with what all live pages have at its top, and sections of ours at its end.

    What it allows itself in a policy of its own is left to the header, which allows less.
    """
    page = _POLICY.sub("", page, count=1)
    page = _inserted(page, "</head>", rendered("head.html.j2", **frame))
    page = _inserted(page, '<header class="page">', rendered("nav.html.j2", **frame), after=True)
    return _inserted(page, "</main>", sections)


def _inserted(page: str, mark: str, markup: str, *, after: bool = False) -> str:
    """Text of a submission is escaped, so that such a mark is the page's own."""
    before, found, rest = page.partition(mark)
    if not found:
        raise ValueError(f"the page has no {mark}")
    return before + (mark + markup if after else markup + mark) + rest


@cache
def style_hashes() -> tuple[str, ...]:
    """What a policy calls the stylesheet that pages of grader.pages carry within them."""
    styles = _STYLE.findall(rendering.rendered("layout.html.j2"))
    return tuple(f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" for style in styles)


@cache
def _environment() -> Environment:
    loader = ChoiceLoader([FileSystemLoader(FOLDER), FileSystemLoader(rendering.TEMPLATES)])
    return rendering.environment().overlay(loader=loader)
