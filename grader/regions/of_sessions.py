"""The regions that follow from the signature of a class: what is called, on what, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from grader.model.exchange import Session
from grader.model.methods import ClassSignature
from grader.model.signature import Number, Tensor
from grader.regions.region import Region, is_the_choice


def regions_of_class(signature: ClassSignature) -> Iterator[Region]:
    """Every region: of the constructor's numbers, and of the methods with theirs."""
    for name, argument in signature.arguments.items():
        for choice in argument.choices if isinstance(argument, Number) else ():
            yield Region(f"{name} = {choice}", partial(_is_made_with, name, choice))
    for name, method in signature.methods.items():
        yield Region(f"{name} is called", partial(_is_called, name), is_demanded=True)
        yield Region(f"{name} is called first", partial(_is_called_first, name))
        for each, given in method.arguments.items():
            for choice in given.choices if isinstance(given, Number) else ():
                holds = partial(_is_called_with, name, each, choice)
                yield Region(f"{name}: {each} = {choice}", holds, isinstance(choice, bool))
        if any(isinstance(given, Tensor) for given in method.arguments.values()):
            yield Region(f"{name} is given tensors", partial(_is_handed, name, False), is_demanded=True)
            yield Region(f"{name} is given arrays", partial(_is_handed, name, True), is_demanded=True)
            yield Region(f"{name} is given what is overwritten then", partial(_is_overwritten, name))


def _is_made_with(name: str, choice: float, session: Session) -> bool:
    return session.construct[name] == choice


def _is_called(method: str, session: Session) -> bool:
    return any(step.method == method for step in session.steps)


def _is_called_first(method: str, session: Session) -> bool:
    return bool(session.steps) and session.steps[0].method == method


def _is_called_with(method: str, name: str, choice: float, session: Session) -> bool:
    return any(step.method == method and is_the_choice(step.arguments[name], choice) for step in session.steps)


def _is_handed(method: str, arrays: bool, session: Session) -> bool:
    return any(step.method == method and step.arrays is arrays for step in session.steps)


def _is_overwritten(method: str, session: Session) -> bool:
    return any(step.method == method and step.overwritten for step in session.steps)
