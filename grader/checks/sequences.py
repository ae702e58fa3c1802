"""Random sequences of calls on one object: drawn, made smaller while they still fail, and written down as code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch

from grader.compare.sessions import taken
from grader.model.exchange import OVERWRITTEN, Raised, Session, Step
from grader.model.generators import Seeded
from grader.model.methods import ClassSignature, Count, Method
from grader.model.problem import Function
from grader.model.signature import Number, Tensor
from grader.model.words import number

SHOWN_CALLS = 16


def drawn_session(
    name: str,
    signature: ClassSignature,
    construct: Mapping[str, tuple[int, ...]],
    longest: int,
    rng: torch.Generator,
) -> Session:
    """A sequence of up to `longest` calls, on an object made with some of the numbers in `construct`."""
    made = {each: choices[_below(len(choices), rng)] for each, choices in construct.items()}
    length = 2 + _below(longest - 1, rng)
    return Session(name, made, tuple(_drawn_step(signature, made, rng) for _ in range(length)))


def _drawn_step(signature: ClassSignature, made: Mapping[str, int], rng: torch.Generator) -> Step:
    names = [name for name, method in signature.methods.items() for _ in range(method.weight)]
    name = names[_below(len(names), rng)]
    arguments = signature.methods[name].draw(made, rng)
    return Step(name, arguments, arrays=bool(_below(2, rng)))


def _below(count: int, rng: torch.Generator) -> int:
    return int(torch.randint(count, (), generator=rng))


def overwriting(session: Session, rng: torch.Generator) -> Session:
    """The same, and the caller overwrites what it passed after every other call that was given tensors or arrays."""
    steps = (replace(s, overwritten=_is_given_tensors(s) and bool(_below(2, rng))) for s in session.steps)
    return replace(session, steps=tuple(steps))


def _is_given_tensors(step: Step) -> bool:
    return any(isinstance(value, torch.Tensor) for value in step.arguments.values())


def without_refused(model: Function, session: Session) -> Session:
    """Only the calls at which a right object raises nothing."""
    subject = model(**session.construct)
    return replace(session, steps=tuple(s for s in session.steps if not isinstance(taken(subject, s), Raised)))


def with_all_shown(model: Function, methods: Mapping[str, Method], session: Session) -> Session:
    """With one call more for every method that draws rows: it asks for all that is held by then."""
    subject = model(**session.construct)
    for step in session.steps:
        taken(subject, step)
    added = []
    for name, method in methods.items():
        if method.rows is not None and len(subject) > 0:
            rng = torch.Generator().manual_seed(len(session.steps))
            arguments = method.draw(_sizes(session.construct), rng)
            added.append(Step(name, {**arguments, method.rows: len(subject)}))
    return replace(session, steps=(*session.steps, *added))


def simpler_sessions(signature: ClassSignature, session: Session) -> Iterator[Session]:
    """Sessions that are a little simpler, those that save most first."""
    yield from _narrower(signature, session)
    yield from _shorter(session)
    yield from _plainer(signature, session)


def _shorter(session: Session) -> Iterator[Session]:
    size = len(session.steps) // 2
    while size:
        for start in range(0, len(session.steps), size):
            kept = session.steps[:start] + session.steps[start + size :]
            if kept:
                yield replace(session, steps=kept)
        size //= 2


def _narrower(signature: ClassSignature, session: Session) -> Iterator[Session]:
    for name, value in _sizes(session.construct).items():
        for smaller in range(1, value):
            construct = {**session.construct, name: smaller}
            steps = (_cut(signature, construct, step) for step in session.steps)
            yield replace(session, construct=construct, steps=tuple(steps))


def _sizes(construct: Mapping[str, object]) -> dict[str, int]:
    """What a constructor is given, which names the axes of its methods' arguments."""
    return {name: int(value) for name, value in construct.items()}  # type: ignore[call-overload]  # all are numbers


def _cut(signature: ClassSignature, construct: Mapping[str, object], step: Step) -> Step:
    """The step with its tensors and counts as small as the object now is."""
    sizes = _sizes(construct)
    arguments = dict(step.arguments)
    for name, argument in _arguments(signature, step).items():
        value = arguments[name]
        if isinstance(argument, Tensor) and isinstance(value, torch.Tensor):
            arguments[name] = value[tuple(slice(size) for size in argument.shape(sizes))]
        elif isinstance(argument, Count):
            arguments[name] = min(int(value), sizes[argument.most])  # type: ignore[call-overload]  # a count
    return replace(step, arguments=arguments)


def _plainer(signature: ClassSignature, session: Session) -> Iterator[Session]:
    """One step at a time with small numbers, tensors instead of arrays, and nothing overwritten."""
    for position, step in enumerate(session.steps):
        for plain in _plainer_steps(signature, step, position):
            if not _same(plain, step):
                yield replace(session, steps=(*session.steps[:position], plain, *session.steps[position + 1 :]))


def _plainer_steps(signature: ClassSignature, step: Step, position: int) -> Iterator[Step]:
    arguments = dict(step.arguments)
    for name, argument in _arguments(signature, step).items():
        value = arguments[name]
        if isinstance(argument, Tensor) and isinstance(value, torch.Tensor):
            arguments[name] = torch.full_like(value, position + 1)
        elif isinstance(argument, Number):
            arguments[name] = argument.simple
    yield replace(step, arguments=arguments, arrays=False, overwritten=False)
    yield replace(step, arguments=arguments)
    yield replace(step, overwritten=False)
    for name, argument in _arguments(signature, step).items():
        if isinstance(argument, Count):
            for fewer in range(1, int(step.arguments[name])):  # type: ignore[call-overload]  # a count
                yield replace(step, arguments={**step.arguments, name: fewer})


def _arguments(signature: ClassSignature, step: Step) -> Mapping[str, object]:
    return signature.methods[step.method].arguments


def _same(one: Step, other: Step) -> bool:
    if (one.arrays, one.overwritten) != (other.arrays, other.overwritten):
        return False
    return all(_equal(one.arguments[name], value) for name, value in other.arguments.items())


def _equal(one: object, other: object) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return torch.equal(one, other)
    return one is other or (not isinstance(one, torch.Tensor) and one == other)


def written_calls(signature: ClassSignature, session: Session, last: int) -> tuple[str, ...]:
    """The calls up to `last` as code; of many the latest."""
    made = ", ".join(f"{name}={_written(value, arrays=False)}" for name, value in session.construct.items())
    calls = [_written_call(signature.instance, step) for step in session.steps[: last + 1]]
    if len(calls) > SHOWN_CALLS:
        calls = [f"… {len(calls) - SHOWN_CALLS} calls more …", *calls[-SHOWN_CALLS:]]
    return (f"{signature.instance} = {session.function}({made})", *calls)


def _written_call(instance: str, step: Step) -> str:
    if step.method == "__len__":
        return f"len({instance})"
    arguments = ", ".join(_written(value, arrays=step.arrays) for value in step.arguments.values())
    after = f"  # then the caller overwrites these with {number(OVERWRITTEN)}" if step.overwritten else ""
    return f"{instance}.{step.method}({arguments}){after}"


def _written(value: object, *, arrays: bool) -> str:
    match value:
        case torch.Tensor():
            numbers = ", ".join(number(each) for each in value.reshape(-1).tolist())
            return f"{'array' if arrays else 'tensor'}([{numbers}])"
        case Seeded():
            return "generator"
        case bool():
            return str(value)
        case int() | float():
            return number(value)
        case _:
            return str(value)
