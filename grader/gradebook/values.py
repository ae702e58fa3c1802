"""Values as JSON and back, the same value of the same type: tuples, NaN, complex and huge numbers included.

A number, a text, a truth value, None and a list stand for themselves. Everything else is an object with one key that
tells what it is: `{"tuple": […]}`, `{"float": "nan"}`, `{"integer": "0x…"}`, `{"complex": [1.0, 2.0]}`,
`{"mapping": [["key", "value"]]}`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from grader.gradebook.text import original, storable

Json = Any
"""What `json.dumps` takes and `json.loads` gives."""

_PLAIN_BITS = 64
"""Larger integers are written in hexadecimal: other parsers hold no more, and Python limits the decimals it reads."""

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class MalformedError(ValueError):
    """What is stored is not what is written there; the message completes a sentence: `its points are no number`."""


def encode_value(value: Any) -> Json:
    """A value as JSON.

    Raises:
        TypeError: no value of this type can be shown, and so none can be stored.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _PLAIN_BITS else {"integer": hex(value)}
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, complex):
        return {"complex": [encode_value(value.real), encode_value(value.imag)]}
    if isinstance(value, list):
        return [encode_value(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [encode_value(item) for item in value]}
    if isinstance(value, Mapping):
        return {"mapping": [[encode_value(key), encode_value(item)] for key, item in value.items()]}
    raise TypeError(f"a report holds {type(value).__name__}, which has no place in the gradebook")


def decode_value(stored: Json) -> Any:
    """What `encode_value` was given.

    Raises:
        MalformedError: it is nothing that `encode_value` gives.
    """
    if isinstance(stored, float):  # the most frequent first: a class's reports hold millions of values
        return stored
    if isinstance(stored, str):
        return original(stored)
    if isinstance(stored, list):
        return [decode_value(item) for item in stored]
    if isinstance(stored, dict):
        return _tagged(stored)
    return stored


def _tagged(stored: dict[str, Json]) -> Any:
    match stored:
        case {"tuple": list(items), **rest} if not rest:
            return tuple(decode_value(item) for item in items)
        case {"float": ("nan" | "inf" | "-inf") as spelt, **rest} if not rest:
            return _NOT_FINITE[spelt]
        case {"integer": str(digits), **rest} if not rest:
            return _integer(digits)
        case {"complex": [real, imaginary], **rest} if not rest:
            return _complex(decode_value(real), decode_value(imaginary))
        case {"mapping": list(pairs), **rest} if not rest:
            return _mapping([_pair(pair) for pair in pairs])
        case _:
            raise MalformedError(f"an object with the keys {sorted(stored)} is no value")


def _integer(digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError as error:
        raise MalformedError("an integer has other than hexadecimal digits") from error


def _complex(real: Any, imaginary: Any) -> complex:
    if isinstance(real, float) and isinstance(imaginary, float):
        return complex(real, imaginary)
    raise MalformedError("a complex number's parts are no numbers")


def _mapping(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    try:
        return dict(pairs)
    except TypeError as error:
        raise MalformedError("a mapping's key is a list or a mapping") from error


def _pair(pair: Json) -> tuple[Any, Any]:
    match pair:
        case [key, item]:
            return decode_value(key), decode_value(item)
        case _:
            raise MalformedError("a mapping's entry is no pair")
