"""LaTeX to MathML, which browsers lay out and screen readers read without any script."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from unicodedata import category

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

from grader.model.visible import visible

_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of characters that no formula holds."""

_QUAD = re.compile(r"\\q?quad(?![A-Za-z])")
_OPENS = re.compile(r"(?<!\\)\{|\\left(?![A-Za-z])|\\begin(?![A-Za-z])")
_CLOSES = re.compile(r"(?<!\\)\}|\\right(?![A-Za-z])|\\end(?![A-Za-z])")


def formulas(latex: str) -> Markup:
    r"""A formula in the parts that `\quad` sets apart, which may then stand below one another."""
    return Markup().join(mathematics(part) for part in _parts(latex))


def _parts(latex: str) -> Iterator[str]:
    r"""A `\quad` within brackets parts nothing."""
    part, start = "", 0
    for quad in [*_QUAD.finditer(latex), None]:
        part += latex[start : quad.start() if quad else None]
        if quad and len(_OPENS.findall(part)) != len(_CLOSES.findall(part)):
            part += quad[0]
        elif part.strip():
            yield part.strip()
            part = ""
        start = quad.end() if quad else 0


@lru_cache(maxsize=1024)
def mathematics(latex: str) -> Markup:
    """A formula without delimiters as a displayed `<math>`, or as the LaTeX itself where it can't be converted."""
    mathml = _converted(latex)
    if mathml is None:
        return Markup('<code class="latex">{}</code>').format(visible(latex))
    return Markup(mathml)  # noqa: S704 -- written by an XML serialiser


def _converted(latex: str) -> str | None:
    try:
        root: ET.Element = convert_to_element(latex, display="block")
    except Exception:  # noqa: BLE001 -- the converter raises errors of many kinds, and the LaTeX says it all
        return None
    for element in root.iter():
        element.text = unescape(element.text or "")  # the converter writes signs as references, and text as it is
    return ET.tostring(root, encoding="unicode") if _is_whole("".join(root.itertext())) else None


def _is_whole(shown: str) -> bool:
    """Whether every command was understood (others are left standing), and nothing in it acts unseen."""
    return "\\" not in shown and not any(category(character) in _UNSEEN for character in shown)
