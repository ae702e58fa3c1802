"""Which operations can be interpreted: each is registered with its meaning by the function that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.model.formula import Expressions
from grader.symbolic.conditions import condition, is_condition
from grader.symbolic.ops.arrays import UNDEFINED, as_array, each
from grader.symbolic.refusals import Unsupported
from grader.symbolic.scalars import number

Handler = Callable[..., Any]
"""Takes a node's arguments: arrays for Refs, entries for floats, else what stands there; gives one array or several."""

AnyHandler = TypeVar("AnyHandler", bound=Handler)


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation is carried out on arrays of expressions."""

    name: str
    """`aten.add.Tensor`"""

    meaning: str
    handler: Handler
    module: str
    """The family's, without the package."""


OPERATIONS: dict[str, Operation] = {}
FAMILIES: dict[str, Operation] = {}
"""By the name alone, with all overloads: `normal`."""


def family_of(handler: Handler) -> str:
    """The module in which a handler is defined."""
    return handler.__module__.rpartition(".")[2]


def operation(*names: str, meaning: str) -> Callable[[AnyHandler], AnyHandler]:
    """Registers the decorated function for these operations."""

    def registered(handler: AnyHandler) -> AnyHandler:
        for name in names:
            assert name not in OPERATIONS, f"{name} is registered twice"
            OPERATIONS[name] = Operation(name, meaning, handler, family_of(handler))
        return handler

    return registered


def operation_family(name: str, *, meaning: str) -> Callable[[AnyHandler], AnyHandler]:
    """Registers the decorated function for every overload of a name that isn't registered itself."""

    def registered(handler: AnyHandler) -> AnyHandler:
        FAMILIES[name] = Operation(name, meaning, handler, family_of(handler))
        return handler

    return registered


def find(name: str) -> Handler:
    """What carries out an operation, or its in-place twin: `aten.add_.Tensor` writes what `aten.add.Tensor` gives.

    Raises:
        Unsupported: if nothing does.
    """
    if name in OPERATIONS:
        return OPERATIONS[name].handler
    plain = name.replace("_.", ".", 1)
    if plain != name and plain in OPERATIONS:
        return in_place(OPERATIONS[plain].handler)
    for base in without_out(name):
        if base in OPERATIONS:
            return into_out(OPERATIONS[base].handler)
    family = name.split(".")[1].removesuffix("_") if name.count(".") else name
    if family in FAMILIES:
        return FAMILIES[family].handler
    raise Unsupported(f"it uses `{name}`, which has no expression here")


def in_place(handler: Handler) -> Handler:
    """The same operation, with its result written over its first argument."""

    def twin(target: Expressions, *arguments: Any, **keywords: Any) -> Expressions:
        return overwrite(target, handler(target, *arguments, **keywords))

    return twin


def without_out(name: str) -> tuple[str, ...]:
    """What an overload that writes its result into the keyword `out` may be called without it."""
    base, _, overload = name.rpartition(".")
    if not overload.endswith("out"):
        return ()
    return tuple(f"{base}.{plain}" for plain in (overload.removesuffix("_out"), "default", "Tensor"))


def into_out(handler: Handler) -> Handler:
    """The same operation, with its result written into the keyword `out`."""

    def twin(*arguments: Any, out: Expressions, **keywords: Any) -> Expressions:
        return overwrite(out, handler(*arguments, **keywords))

    return twin


def overwrite(target: Expressions, entries: Any) -> Expressions:
    """Write into a tensor, through a view into its base; its dtype stays, so a bool becomes a number or the reverse."""
    source = as_array(entries)
    kind = target.flat[0] if target.size else UNDEFINED
    if kind is not UNDEFINED and source.size:
        source = each(condition if is_condition(kind) else number, source)
    target[...] = source
    return target
