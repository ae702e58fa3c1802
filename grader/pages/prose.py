"""Sentences to HTML: what stands in backquotes is code, and everything else is text."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

from grader.model.visible import visible
from grader.report.untrusted import paragraphs

_CODE = MarkdownIt("zero").enable("backticks")
_CODE_AND_EMPHASIS = MarkdownIt("zero").enable(["backticks", "emphasis"])
"""`zero` knows no HTML, links, images or entities: whatever looks like one stays text."""


def prose(text: str) -> Markup:
    """One sentence or paragraph that may hold text of a submission."""
    return Markup(_CODE.renderInline(visible(text)))  # noqa: S704 -- escaped by the renderer


def prose_paragraphs(text: str) -> tuple[Markup, ...]:
    """The paragraphs of a message, one for each line."""
    return tuple(prose(paragraph) for paragraph in paragraphs(text))


def feedback(text: str) -> Markup:
    """One paragraph that the author of a problem wrote: it may emphasise words as well."""
    return Markup(_CODE_AND_EMPHASIS.renderInline(visible(text)))  # noqa: S704 -- as above
