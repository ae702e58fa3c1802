"""Small plots as inline SVG, each with a text alternative; colours come from the page's stylesheet."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from markupsafe import Markup

from grader.model.visible import visible
from grader.model.words import number

_WIDTH, _HEIGHT = 360.0, 176.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 344.0, 16.0, 150.0
"""Edges of the area in which values are drawn; labels stand to its left and below it."""

_MARGIN = 16.0
"""On both sides of columns: half a label stands over at each end."""

_LABEL = 14.0
"""Height that a label takes up."""


def histogram(counts: Sequence[int], edges: Sequence[str], alternative: str) -> Markup:
    """Columns with their counts on top, and below them the labels of their edges: one more than columns."""
    root = _picture(_WIDTH, _HEIGHT, alternative)
    most = max(counts, default=0) or 1
    step = (_WIDTH - 2 * _MARGIN) / len(counts)
    for i, count in enumerate(counts):
        height = (_BOTTOM - _TOP) * count / most
        x = _MARGIN + i * step
        _add(root, "rect", "column", x=x + 1, y=_BOTTOM - height, width=step - 2, height=height)
        if count:
            _text(root, x + step / 2, _BOTTOM - height - 4, str(count), "middle")
    for i, edge in enumerate(edges):
        _text(root, _MARGIN + i * step, _BOTTOM + 16, edge, "middle")
    _add(root, "line", "axis", x1=_MARGIN, y1=_BOTTOM, x2=_WIDTH - _MARGIN, y2=_BOTTOM)
    return _written(root)


def learning_curve(points: Sequence[tuple[int, float]], target: float) -> Markup:
    """Mean returns over the steps of a training, with the return that is asked for as a dashed line."""
    finite = [(steps, mean) for steps, mean in points if math.isfinite(mean)]
    if not finite:
        return Markup()
    low = min(*(mean for _, mean in finite), target)
    high = max(*(mean for _, mean in finite), target)
    last = max(*(steps for steps, _ in finite), 1)

    def height(mean: float) -> float:
        return _up((mean - low) / (high - low or 1.0))

    root = _picture(_WIDTH, _HEIGHT, _told(finite, target))
    _add(root, "line", "axis", x1=_LEFT, y1=_BOTTOM, x2=_RIGHT, y2=_BOTTOM)
    _add(root, "line", "target", x1=_LEFT, y1=height(target), x2=_RIGHT, y2=height(target))
    _curve(root, [(_along(steps / last), height(mean)) for steps, mean in finite])
    has_room = _TOP + _LABEL <= height(target) <= _BOTTOM - _LABEL
    for mean in dict.fromkeys((low, high, target) if has_room else (low, high)):
        _text(root, _LEFT - 4, height(mean) + 4, number(float(f"{mean:.3g}")), "end")
    _text(root, _LEFT, _BOTTOM + 16, "0", "start")
    _text(root, _RIGHT, _BOTTOM + 16, f"{last:,} steps", "end")
    return _written(root)


def _curve(root: ET.Element, places: Sequence[tuple[float, float]]) -> None:
    """A line through places, or a dot where there is but one."""
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    ET.SubElement(root, "polyline", {"class": "curve", "points": drawn})
    for x, y in places if len(places) == 1 else ():
        _add(root, "circle", "dot", cx=x, cy=y, r=3)


def bar(share: float) -> Markup:
    """A bar for a share from 0 to 1; the number stands beside it, so it is nothing to be read out."""
    root = ET.Element("svg", {"class": "bar", "viewBox": "0 0 100 8", "preserveAspectRatio": "none"})
    root.set("aria-hidden", "true")
    _add(root, "rect", "rest", x=0, y=0, width=100, height=8)
    _add(root, "rect", "column", x=0, y=0, width=100 * min(1.0, max(0.0, share)), height=8)
    return _written(root)


def _told(points: Sequence[tuple[int, float]], target: float) -> str:
    earned = [mean for _, mean in points]
    return (
        f"Learning curve: mean return over {points[-1][0]:,} steps, from {number(earned[0])} at the start to "
        f"{number(earned[-1])} at the end, {number(max(earned))} at best; {number(target)} is asked for."
    )


def _along(share: float) -> float:
    return _LEFT + share * (_RIGHT - _LEFT)


def _up(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP)


def _picture(width: float, height: float, alternative: str) -> ET.Element:
    box = f"0 0 {width:g} {height:g}"
    return ET.Element("svg", {"class": "plot", "role": "img", "aria-label": visible(alternative), "viewBox": box})


def _add(root: ET.Element, tag: str, kind: str, **places: float) -> None:
    ET.SubElement(root, tag, {"class": kind, **{name: f"{value:.1f}" for name, value in places.items()}})


def _text(root: ET.Element, x: float, y: float, text: str, anchor: str) -> None:
    written = ET.SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor})
    written.text = visible(text)


def _written(root: ET.Element) -> Markup:
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 -- a serialiser wrote it
