"""The formats of a report; apart from the renderers, so that `--help` can list them without loading torch."""

from __future__ import annotations

from enum import Enum
from typing import Literal


class Format(Enum):
    """What a rendering is for."""

    TERMINAL = "terminal"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


TextFormat = Literal[Format.TERMINAL, Format.JSON, Format.JUNIT, Format.MARKDOWN]
"""Those that need the report alone; a web page shows formulas and the student's code as well."""
