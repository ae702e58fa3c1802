"""The formats of a report; apart from the renderers, so that `--help` can list them without loading torch."""

from __future__ import annotations

from enum import Enum


class Format(Enum):
    """What a rendering is for."""

    TERMINAL = "terminal"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
