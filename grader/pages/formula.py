"""LaTeX to MathML, which browsers lay out and screen readers read without any script."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import lru_cache
from html import unescape
from unicodedata import category

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

from grader.model.visible import visible

_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of characters that no formula holds."""


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
