"""The signature of a class to be written: what it is constructed with, and its methods with their arguments.

The numbers of the constructor are the axis sizes of what its methods are given: `Tensor("obs_dim", ...)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch

from grader.model.generators import Generator
from grader.model.sampling import Sizes
from grader.model.signature import Number, Signature, Tensor, written


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number between 1 and one more than a number of the constructor: it may be too large."""

    about: str
    most: str
    """Name of the constructor's number."""


MethodArgument = Tensor | Number | Count | Generator


@dataclass(frozen=True, slots=True)
class Method:
    """A method, how often it is called, and what a right one gives."""

    about: str
    arguments: Mapping[str, MethodArgument] = field(default_factory=dict)
    weight: int = 1
    """How often it is called in a random sequence, compared with the other methods."""

    rows: str | None = None
    """Where the result is drawn at random from what the object holds: name of the argument that says how many rows.
    Asked for as many rows as the object has elements (`len`), a right one gives all of them."""

    def draw(self, sizes: Sizes, rng: torch.Generator, *, simple: bool = False) -> dict[str, object]:
        """Arguments for one call; `simple` ones are small numbers that a person can follow."""
        drawn: dict[str, object] = {}
        for name, argument in self.arguments.items():
            drawn[name] = _drawn(argument, sizes, drawn, rng, simple)
        return drawn


@dataclass(frozen=True, slots=True)
class ClassSignature(Signature):
    """A class: `arguments` are those of its constructor, numbers all of them; `returns` says nothing."""

    methods: Mapping[str, Method] = field(default_factory=dict)
    instance: str = "instance"
    """What an object of it is called where calls are shown: `buffer`."""

    def header(self, name: str) -> str:
        """`class ReplayBuffer:` as a student writes it."""
        return f"class {name}:"

    def describe(self) -> Iterator[tuple[str, str, str]]:
        """Rows (name, kind, about): what the constructor takes, then every method with what it takes."""
        yield "__init__", "method", "makes a new object from"
        for name, argument in self.arguments.items():
            yield f"  {name}", "Python int", argument.about
        for name, method in self.methods.items():
            yield name, "method", method.about
            for each, given in method.arguments.items():
                yield f"  {each}", _kind(given), given.about


def _kind(argument: MethodArgument) -> str:
    match argument:
        case Tensor():
            return f"tensor or array {written(argument.axes)}"
        case Number():
            return argument.kind
        case Count():
            return "Python int"
        case Generator():
            return argument.kind


def _drawn(
    argument: MethodArgument, sizes: Sizes, drawn: Mapping[str, object], rng: torch.Generator, simple: bool
) -> object:
    match argument:
        case Tensor():
            draw = argument.values.simple if simple else argument.values.draw
            return draw(argument.shape(sizes), sizes, drawn, rng)
        case Number():
            return argument.draw(sizes, drawn, rng, simple=simple)
        case Count():
            return 1 + int(torch.randint(sizes[argument.most] + 1, (), generator=rng))
        case Generator():
            return argument.draw(sizes, drawn, rng)
