"""Fills templates: everything that isn't markup of our own is escaped, whatever the template says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.model.visible import visible
from grader.model.words import number
from grader.pages.looks import exact_percent, moment, percent, timestamp
from grader.report.untrusted import visible_lines

TEMPLATES = Path(__file__).parent / "templates"
STYLESHEET = "style.css"
MOST_LINES = 200
"""Lines of one value in a template, where nothing less was decided before."""

LONGEST_NAME = 100
"""Characters of the name of a student, an author or a file."""

LONGEST_COMMENT = 10_000
"""Characters of what a person wrote beside points."""

_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Of rosters and other writing systems: `visible` would write them out, and a name should be read as a name."""


def rendered(template: str, **context: Any) -> str:
    """The HTML that a template of ours makes of its values; it can be written as UTF-8."""
    return environment().get_template(template).render(**context)


@cache
def environment() -> Environment:
    """The templates with their filters. Strings are escaped, and none holds a character that acts unseen."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_written,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        number=number, percent=percent, exact_percent=exact_percent, moment=moment, timestamp=timestamp, named=named,
        commented=_commented,
    )  # fmt: skip
    made.globals["stylesheet"] = Markup((TEMPLATES / STYLESHEET).read_text(encoding="utf-8"))  # noqa: S704 -- our own
    return made


def named(name: str) -> str:
    """A name on one line, no longer than there is room for; spaces of all kinds are spaces."""
    return visible(_SPACES.sub(" ", name), LONGEST_NAME)


def _commented(text: str) -> Markup:
    """What a person wrote for another one to read: all of it, where other text is cut."""
    return escape("\n".join(visible_lines(text, MOST_LINES, LONGEST_COMMENT)))


def _written(value: object) -> object:
    """A value of a template as it goes into the page: text is bounded, and made visible line by line."""
    if hasattr(value, "__html__") or not isinstance(value, str):
        return value
    return "\n".join(visible_lines(value, MOST_LINES))
