"""Lays evidence out as labelled blocks of plain text, the same ones for a terminal, Markdown, JUnit and pytest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.model.evidence import (
    AgentEvaluated,
    Counterexample,
    Evidence,
    ExceptionRaised,
    GradientMismatch,
    PropertyViolation,
    SequenceMismatch,
    Setting,
    ShapeMismatch,
    Shown,
    StatisticalMismatch,
    ValueMismatch,
)
from grader.model.verdict import Verdict
from grader.model.visible import visible
from grader.model.wording_of_proofs import LONGEST_FORMULA, PROVEN, expression
from grader.model.words import number
from grader.report.untrusted import paragraphs

DIGITS = (6, 9, 12, 17)
"""Significant digits to try until two values can be told apart; 17 tell any two float64 values apart."""

LONGEST_VALUE = 200
"""Characters of a value that is shown as a text."""

FORMULA, YOURS = "formula", "yours"
"""Labels of what was expected and what came, where both are expressions."""


BARS = "▁▂▃▄▅▆▇█"
"""Of a learning curve, from its least to its greatest return."""


@dataclass(frozen=True, slots=True)
class Row:
    """A name and the lines of its value."""

    label: str
    lines: tuple[str, ...]


def rows(evidence: Evidence | None) -> tuple[Row, ...]:
    """The failing input, what was expected and what came, where seeing them helps to understand the message."""
    match evidence:
        case ValueMismatch() | GradientMismatch() | PropertyViolation():
            return *_inputs(evidence.setting), *_compared(evidence.expected, evidence.got)
        case SequenceMismatch():
            calls = tuple(visible(call, LONGEST_VALUE) for call in evidence.calls)
            return Row("calls", calls), *_compared(evidence.expected, evidence.got)
        case StatisticalMismatch():
            return *_inputs(evidence.setting), *_as_it_was_drawn(evidence)
        case AgentEvaluated():
            return _learning(evidence)
        case ShapeMismatch() | ExceptionRaised():
            return _input_shapes(evidence.setting)
        case Counterexample():
            return *_inputs(evidence.setting), *_formulas(evidence)
        case _:
            return ()


def plain(evidence: Evidence | None) -> str:
    """The rows as aligned text."""
    found = rows(evidence)
    width = max((len(row.label) for row in found), default=0)
    lines = []
    for row in found:
        for i, line in enumerate(row.lines):
            lines.append(f"{row.label if i == 0 else '':<{width}}  {line}")
    return "\n".join(lines)


def reason_label(verdict: Verdict) -> str:
    """What a diagnosis is introduced with: it is likely, or certain."""
    return "Reason:" if verdict.proven else "Likely reason:"


def reasons(verdict: Verdict) -> list[str]:
    """The paragraphs of a diagnosis, the last of which says whether it is certain; none without a diagnosis."""
    told = paragraphs(verdict.diagnosis or "")
    return [*told, PROVEN] if told and verdict.proven else told


def explanation(verdict: Verdict) -> str:
    """Everything there is to say about a verdict, as plain text in paragraphs."""
    reason = "\n".join(reasons(verdict))
    likely = f"{reason_label(verdict)} {reason}" if reason else ""
    parts = ("\n".join(paragraphs(verdict.message)), likely, plain(verdict.evidence))
    return "\n\n".join(part for part in parts if part)


def value_lines(value: Shown, digits: int = DIGITS[0]) -> tuple[str, ...]:
    """A value as text: a number on one line, a nested list with one row per line and aligned columns."""
    if not isinstance(value, list | tuple):
        return (_scalar(value, digits),)
    return tuple(_nested(value, digits, _column_width(value, digits)))


def _inputs(setting: Setting) -> tuple[Row, ...]:
    inputs: Mapping[str, Shown] = setting.inputs
    return tuple(Row(visible(name, LONGEST_VALUE), value_lines(value)) for name, value in inputs.items())


def _formulas(seen: Counterexample) -> tuple[Row, ...]:
    """Both sides in terms of the inputs, for the element in question."""
    pair = (FORMULA, seen.expected_formula), (YOURS, seen.got_formula)
    return tuple(Row(label, (visible(expression(text), LONGEST_FORMULA),)) for label, text in pair if text)


def _learning(seen: AgentEvaluated) -> tuple[Row, ...]:
    """The learning curve as a line of bars, with its ends."""
    if not seen.curve:
        return ()
    earned = [mean for _, mean in seen.curve]
    low, high = min(earned), max(earned)
    bars = "".join(BARS[round((mean - low) / (high - low or 1.0) * (len(BARS) - 1))] for mean in earned)
    return (Row("while it learned", (bars, f"returns from {number(low)} to {number(high)}")),)


def _as_it_was_drawn(seen: StatisticalMismatch) -> tuple[Row, ...]:
    """Frequencies are told in words, estimates as values."""
    return Row("expected", value_lines(seen.expected)), Row("got", value_lines(seen.got))


def _input_shapes(setting: Setting) -> tuple[Row, ...]:
    """Like `_inputs`, but of a matrix the shape alone: it is what exceptions and wrong shapes come from."""
    shapes = {name: _as_shape(value) for name, value in setting.inputs.items()}
    return _inputs(replace(setting, inputs=shapes))


def _as_shape(value: Shown) -> Shown:
    shape = []
    rest = value
    while isinstance(rest, list | tuple) and rest:
        shape.append(len(rest))
        rest = rest[0]
    return f"tensor of shape {tuple(shape)}" if len(shape) > 1 else value


def _compared(expected: Shown, got: Shown) -> tuple[Row, ...]:
    """Both values with as many digits as it takes to see that they differ; nothing where both are too large to show."""
    if isinstance(expected, str) and isinstance(got, str):
        return ()
    for digits in DIGITS:
        pair = value_lines(expected, digits), value_lines(got, digits)
        if pair[0] != pair[1]:
            break
    return Row("expected", pair[0]), Row("got", pair[1])


def _nested(value: list[Shown] | tuple[Shown, ...], digits: int, width: int) -> list[str]:
    if not any(isinstance(item, list | tuple) for item in value):
        return ["[" + ", ".join(_scalar(item, digits).rjust(width) for item in value) + "]"]
    lines: list[str] = []
    for i, item in enumerate(value):
        block = _nested(item, digits, width) if isinstance(item, list | tuple) else [_scalar(item, digits)]
        block[-1] += "," if i < len(value) - 1 else "]"
        lines += [("[" if not lines else " ") + block[0], *(" " + line for line in block[1:])]
    return lines


def _column_width(value: list[Shown] | tuple[Shown, ...], digits: int) -> int:
    """Columns are aligned where there are several rows; a single row is as short as it can be."""
    is_table = len(value) > 1 and any(isinstance(item, list | tuple) for item in value)
    return max((len(_scalar(leaf, digits)) for leaf in _leaves(value)), default=0) if is_table else 0


def _leaves(value: Shown) -> list[Shown]:
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def _scalar(value: Shown, digits: int) -> str:
    if isinstance(value, float):
        return _float(value, digits)
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    return visible(str(value), LONGEST_VALUE)


def _float(value: float, digits: int) -> str:
    if digits == DIGITS[0] or not math.isfinite(value):
        return number(value)
    return f"{value:.{digits}g}"
