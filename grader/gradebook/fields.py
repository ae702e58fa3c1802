"""Dataclasses as JSON and back, field by field, by what their annotations say.

Everything is checked on the way in as on the way back, so that nothing is stored that can't be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from grader.gradebook.values import Json, MalformedError, decode_value, encode_value


@dataclass(frozen=True, slots=True)
class Form:
    """How values of one type are stored."""

    encode: Callable[[Any], Json]
    decode: Callable[[Json], Any]


def form_of(annotation: Any) -> Form:
    """How what is annotated like this is stored.

    Raises:
        TypeError: there is no way to store it.
    """
    if annotation is Any:
        return Form(encode_value, decode_value)
    if annotation in (str, int, float, bool):
        return _scalar(annotation)
    if annotation is datetime:
        return Form(lambda moment: moment.isoformat(), _moment)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _choice(annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return dataclass_form(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is tuple:
        return _repeated(form_of(arguments[0])) if arguments[1:] == (...,) else _fixed(tuple(map(form_of, arguments)))
    if origin is Mapping:
        return _mapping(form_of(arguments[1]))
    raise TypeError(f"{annotation} can't be stored")


def kind_of(dataclass_type: type) -> str:
    """By what name an alternative of a union is stored."""
    return dataclass_type.__name__


@cache
def dataclass_form(kind: type) -> Form:
    """An object with a key for each field; one that is not there, as in older rows, gets its default."""
    hints = get_type_hints(kind)
    forms = {field.name: form_of(hints[field.name]) for field in fields(kind)}
    needed = frozenset(field.name for field in fields(kind) if _is_needed(field))

    def encode(value: Any) -> Json:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return {name: form.encode(getattr(value, name)) for name, form in forms.items()}

    def decode(stored: Json) -> Any:
        if not isinstance(stored, dict):
            raise MalformedError(f"a {kind.__name__} is no object")
        if not needed <= stored.keys() <= forms.keys():
            raise MalformedError(f"a {kind.__name__} has the keys {sorted(stored)}, not {sorted(forms)}")
        return kind(**{name: forms[name].decode(item) for name, item in stored.items()})

    return Form(encode, decode)


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _scalar(kind: type) -> Form:
    accepted: tuple[type, ...] = (int, float) if kind is float else (kind,)

    def encode(value: Any) -> Json:
        if not isinstance(value, accepted):
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return encode_value(value)

    def decode(stored: Json) -> Any:
        value = decode_value(stored)
        if not isinstance(value, accepted):
            raise MalformedError(f"{type(value).__name__} stands where {kind.__name__} belongs")
        return value

    return Form(encode, decode)


def _moment(stored: Json) -> datetime:
    try:
        return datetime.fromisoformat(stored)
    except (TypeError, ValueError) as error:
        raise MalformedError(f"{stored!r} is no moment") from error


def _choice(kind: type[Enum]) -> Form:
    def encode(value: Any) -> Json:
        return kind(value).value

    def decode(stored: Json) -> Any:
        try:
            return kind(stored)
        except ValueError as error:
            raise MalformedError(f"there is no {kind.__name__} {stored!r}") from error

    return Form(encode, decode)


def _union(alternatives: tuple[Any, ...]) -> Form:
    """None, or one alternative; where there are several they are dataclasses, told apart by a key `kind`."""
    others = tuple(alternative for alternative in alternatives if alternative is not NoneType)
    inner = form_of(others[0]) if len(others) == 1 else _kinds(others)
    if len(others) == len(alternatives):
        return inner
    return Form(
        lambda value: None if value is None else inner.encode(value),
        lambda stored: None if stored is None else inner.decode(stored),
    )


def _kinds(alternatives: tuple[type, ...]) -> Form:
    forms = {kind_of(kind): dataclass_form(kind) for kind in alternatives}

    def encode(value: Any) -> Json:
        kind = kind_of(type(value))
        if kind not in forms:
            raise TypeError(f"{value!r} is none of {sorted(forms)}")
        return {"kind": kind, **forms[kind].encode(value)}

    def decode(stored: Json) -> Any:
        match stored:
            case {"kind": str(kind), **rest} if kind in forms:
                return forms[kind].decode(rest)
            case _:
                raise MalformedError("the kind of something is not told, or unknown")

    return Form(encode, decode)


def _repeated(item: Form) -> Form:
    def encode(value: Any) -> Json:
        if not isinstance(value, tuple):
            raise TypeError(f"{value!r} is no tuple")
        return [item.encode(each) for each in value]

    def decode(stored: Json) -> Any:
        return tuple(item.decode(each) for each in _list(stored))

    return Form(encode, decode)


def _fixed(items: tuple[Form, ...]) -> Form:
    def encode(value: Any) -> Json:
        if not isinstance(value, tuple) or len(value) != len(items):
            raise TypeError(f"{value!r} is no tuple of {len(items)}")
        return [item.encode(each) for item, each in zip(items, value, strict=True)]

    def decode(stored: Json) -> Any:
        if len(_list(stored)) != len(items):
            raise MalformedError(f"a list has {len(stored)} entries, not {len(items)}")
        return tuple(item.decode(each) for item, each in zip(items, stored, strict=True))

    return Form(encode, decode)


def _mapping(item: Form) -> Form:
    """With names for keys, in their order."""

    def encode(value: Any) -> Json:
        return [[encode_value(str(name)), item.encode(each)] for name, each in value.items()]

    def decode(stored: Json) -> Any:
        pairs = [_list(pair) for pair in _list(stored)]
        if any(len(pair) != 2 or not isinstance(pair[0], str) for pair in pairs):
            raise MalformedError("a mapping's entry is no pair of a name and a value")
        return {decode_value(name): item.decode(each) for name, each in pairs}

    return Form(encode, decode)


def _list(stored: Json) -> list[Json]:
    if isinstance(stored, list):
        return stored
    raise MalformedError("something is no list that should be one")
