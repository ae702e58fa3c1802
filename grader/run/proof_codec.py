"""Decisions on claims as JSON, and back: rebuilt strictly from plain data, or refused.

The process that decides has digested an untrusted graph; nothing that it says is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from grader.guest.frames import MalformedFrameError, parse_header
from grader.model.explanation import Entry, Explanation
from grader.model.proof import Decision, DifferentShape, Judged, Method, Proved, Refuted, Undecided

DEEPEST = 64
"""Axes of an array, as NumPy has it."""


def encode_judged(judged: Judged) -> bytes:
    """A decision as JSON; numbers that aren't finite are written as Python's json module does."""
    plain = {"decision": _encoded(judged.decision), "notes": judged.notes, "replayed": judged.replayed}
    return json.dumps(plain).encode()


def _encoded(decision: Decision) -> dict[str, Any]:
    match decision:
        case Proved(method):
            return {"proved": method.name}
        case Refuted():
            return {"refuted": asdict(decision)}
        case DifferentShape(expected, got):
            return {"shapes": [expected, got]}
        case Undecided(reason):
            return {"undecided": reason}


def decode_judged(body: bytes) -> Judged:
    """The decision that JSON tells of.

    Raises:
        MalformedFrameError: it is not built as decisions are.
    """
    match parse_header(body):
        case {"decision": dict(decision), "notes": list(notes), "replayed": list(replayed)}:
            return Judged(_decision(decision), tuple(map(_text, notes)), tuple(map(_results, replayed)))
        case _:
            raise MalformedFrameError("it lacks a part")


def encode_explanation(explanation: Explanation | Undecided) -> bytes:
    """An explanation as JSON, or why there is none."""
    plain = {"undecided": explanation.reason} if isinstance(explanation, Undecided) else asdict(explanation)
    return json.dumps(plain).encode()


def decode_explanation(body: bytes) -> Explanation | Undecided:
    """The explanation that JSON holds.

    Raises:
        MalformedFrameError: it is not built as explanations are.
    """
    match parse_header(body):
        case {"undecided": str(reason)}:
            return Undecided(reason)
        case {"entries": list(entries), "definitions": list(definitions), "left_out": int(left_out)}:
            return Explanation(tuple(map(_entry, entries)), tuple(map(_definition, definitions)), left_out)
        case _:
            raise MalformedFrameError("it lacks a part")


def _entry(parts: Any) -> Entry:
    match parts:
        case {"index": list(index), "got": str(got), "expected": str(expected), "result": result}:
            return Entry(tuple(map(_whole, index)), got, expected, None if result is None else _whole(result))
        case _:
            raise MalformedFrameError("an element is not built as elements are")


def _definition(parts: Any) -> tuple[str, str]:
    match parts:
        case [str(name), str(meaning)]:
            return name, meaning
        case _:
            raise MalformedFrameError("a definition is not built as definitions are")


def _decision(parts: Mapping[str, Any]) -> Decision:
    match parts:
        case {"proved": str(name)} if name in Method.__members__:
            return Proved(Method[name])
        case {"refuted": dict(fields)}:
            return _refuted(fields)
        case {"shapes": [list(expected), list(got)]}:
            return DifferentShape(tuple(map(_whole, expected)), tuple(map(_whole, got)))
        case {"undecided": str(reason)}:
            return Undecided(reason)
        case _:
            raise MalformedFrameError("it holds no decision")


def _refuted(fields: Mapping[str, Any]) -> Refuted:
    match fields:
        case {
            "point": dict(point),
            "index": list(index),
            "expected": str(expected),
            "got": str(got),
            "expected_value": float(expected_value),
            "got_value": float(got_value),
            "expected_formula": str(expected_formula),
            "got_formula": str(got_formula),
            "difference": str(difference),
        }:
            return Refuted(
                point={name: _nested(texts, str) for name, texts in point.items()},
                index=tuple(map(_whole, index)),
                expected=expected,
                got=got,
                expected_value=expected_value,
                got_value=got_value,
                expected_formula=expected_formula,
                got_formula=got_formula,
                difference=difference,
            )
        case _:
            raise MalformedFrameError("its counterexample is not built as counterexamples are")


def _results(values: Any) -> tuple[Any, ...]:
    """The results of one replay; None for a gradient that does not exist."""
    if not isinstance(values, list):
        raise MalformedFrameError("its replayed results are no list")
    return tuple(None if value is None else _nested(value, float) for value in values)


def _nested(value: Any, kind: type, depth: int = 0) -> Any:
    if isinstance(value, list) and depth < DEEPEST:
        return [_nested(item, kind, depth + 1) for item in value]
    if type(value) is not kind:
        raise MalformedFrameError(f"an array in it holds something else than {kind.__name__}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedFrameError("a note in it is no text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise MalformedFrameError("an index or a size in it is no whole number")
    return value
