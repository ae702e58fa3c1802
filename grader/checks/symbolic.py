"""Symbolic verification: what the function computes, read as mathematics, is proved equal to the formula or refuted.

The function is traced at small shapes. A trace comes from the sandbox and might be forged, so what it gives at random
inputs has to be what the function returned for them; and a counterexample is put to the function itself.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, assert_never

import torch

from grader.checks.agreement import judged_by_value
from grader.checks.asking import observe
from grader.checks.judge import numbered, results_of
from grader.compare.evaluate import Leaves, value_of
from grader.model.axes import shape_of, written
from grader.model.case import Case, rng_for
from grader.model.evidence import Counterexample, NotDecided, ProvedEqual, Setting, ShapeMismatch
from grader.model.exchange import (
    Answer,
    Call,
    Precision,
    Raised,
    Request,
    Stopped,
    Trace,
    Traced,
    Untraceable,
    Unusable,
)
from grader.model.formula import Claim, Formula, Instance
from grader.model.graph import Graph
from grader.model.instances import arguments_of, expected, trace_case
from grader.model.problem import Examination, Misconception, Trial
from grader.model.proof import DifferentShape, Judged, Proved, Refuted, Undecided
from grader.model.sampling import Simplex
from grader.model.show import setting_of
from grader.model.signature import Signature
from grader.model.verdict import Finding, Outcome

CLOSE = 1e-6
"""Relative gap between what a trace gives and what the function returned, up to which they are taken for the same."""

Steps = Generator[Request, Answer, Any]


@dataclass(frozen=True, slots=True)
class Followed:
    """The function at one instance: its operations, and what it returned for the inputs along which it was traced."""

    instance: Instance
    case: Case
    graph: Graph
    inputs: Mapping[str, Any]
    returned: Leaves


@dataclass(frozen=True, slots=True)
class Symbolic:
    """The function is proved equal to the printed formula at all its instances."""

    points: float
    name: str = "symbolic"
    title: str = "computes the printed formula, read as mathematics"
    requires: str | None = "agreement"

    def examine(self, trial: Trial) -> Examination:
        """Trace and judge instance after instance; the first that is refuted ends it."""
        formula = trial.formula
        if isinstance(formula, str):
            raise TypeError(f"{trial.function} has its formula as text only: there is nothing to prove")
        methods: dict[str, None] = {}
        notes: dict[str, None] = {}
        undecided: NotDecided | None = None
        for instance in formula.instances:
            followed = yield from _followed(trial, formula, instance)
            if isinstance(followed, NotDecided):
                undecided = undecided or followed
                continue
            judged = yield from _judged(trial, formula, followed)
            notes |= dict.fromkeys(judged.notes)
            match judged.decision:
                case Proved(method):
                    methods[method.value] = None
                case Refuted():
                    return (yield from _refuted(trial, formula, followed, judged, judged.decision))
                case DifferentShape():
                    setting = setting_of(followed.case, Precision.DOUBLE)
                    evidence = misshapen(judged.decision, setting, trial.signature, followed.instance)
                    return Finding(Outcome.FAILED, evidence)
                case Undecided(reason):
                    undecided = undecided or NotDecided(reason, notes=judged.notes)
                case _:
                    assert_never(judged.decision)
        if undecided is not None:
            return Finding(Outcome.UNDECIDED, undecided)
        shapes = tuple(instance.described() for instance in formula.instances)
        return Finding(Outcome.PASSED, ProvedEqual(" and ".join(methods), shapes, tuple(notes)))


def misshapen(found: DifferentShape, setting: Setting, signature: Signature, instance: Instance) -> ShapeMismatch:
    """Words for a result of another shape; of several the first of which that shape is expected."""
    shapes = [shape_of(axes, instance.sizes, instance.batch) for axes in signature.results]
    number = shapes.index(found.expected) if found.expected in shapes else 0
    return ShapeMismatch(
        setting, written(signature.results[number]), found.expected, found.got, numbered(signature, number)
    )


def _followed(trial: Trial, formula: Formula, instance: Instance) -> Generator[Request, Answer, Followed | NotDecided]:
    """Trace the function at an instance, and call it on the same inputs."""
    case = trace_case(trial.signature, formula, instance, rng_for(trial.seed, trial.function, instance.described()))
    arguments = arguments_of(trial.signature, formula, instance)
    answer = yield Trace(trial.function, case, arguments.symbolic)
    if not isinstance(answer, Traced):
        return untraced(answer)
    returned = yield from _called(trial, case)
    if returned is None:
        return NotDecided("it gives no tensor for the small inputs at which it would be compared")
    inputs = {name: arguments.values[name] for name in arguments.symbolic}
    return Followed(instance, case, answer.graph, inputs, returned)


def _called(trial: Trial, case: Case) -> Generator[Request, Answer, Leaves | None]:
    call = Call(trial.function, case, Precision.DOUBLE, default_dtype=Precision.DOUBLE, device=trial.device)
    observation = yield from observe(call)
    results = results_of(call, observation, trial.signature, len(trial.signature.results))
    return tuple(result.double() for result in results) if isinstance(results, tuple) else None


def untraced(answer: Answer) -> NotDecided:
    """Why there is no trace."""
    match answer:
        case Untraceable(reason, path, line, code):
            return NotDecided(reason, path, line, code)
        case Raised(kind, message, path, line, code):
            return NotDecided(f"it raised {kind} while it was followed: {message}", path, line, code)
        case Stopped(reason, detail):
            return NotDecided(f"following it had to be stopped ({reason.value}, {detail})")
        case Unusable(reason):
            return NotDecided(f"what came back can't be read: {reason}")
        case _:
            raise TypeError(f"a trace was answered with {type(answer).__name__}")


def _judged(trial: Trial, formula: Formula, followed: Followed) -> Generator[Request, Answer, Judged]:
    """The decision, undecided where the trace is not what the function does."""
    wanted = expected(trial.signature, formula, followed.instance)
    point = {name: _lists(followed.case.inputs[name]) for name in followed.inputs}
    judged = yield Claim(followed.graph, followed.inputs, wanted, (point,))
    if not isinstance(judged, Judged):
        raise TypeError(f"a claim was answered with {type(judged).__name__}")
    if judged.replayed and not _same(judged.replayed[0], followed.returned):
        reason = "the operations that were traced don't give what your function returns (it may depend on hidden state)"
        return Judged(Undecided(reason), judged.notes)
    return judged


def _lists(value: object) -> Any:
    assert isinstance(value, torch.Tensor)
    return value.tolist()


def _same(replayed: tuple[Any, ...], returned: Leaves) -> bool:
    return len(replayed) == len(returned) and all(map(_is_same, replayed, returned))


def _is_same(replayed: Any, returned: torch.Tensor) -> bool:
    given = torch.tensor(replayed, dtype=torch.float64)
    if given.shape != returned.shape:
        return False
    scale = torch.where(returned.isfinite(), returned.abs(), 0.0).max().clamp(min=1.0) if returned.numel() else 1.0
    return bool((((given - returned).abs() <= CLOSE * scale) | (given == returned)).all())


def _refuted(trial: Trial, formula: Formula, followed: Followed, judged: Judged, refuted: Refuted) -> Examination:
    """A failure if the function itself gives the wrong value at the counterexample."""
    inputs = {**followed.case.inputs, **{name: _numbers(texts) for name, texts in refuted.point.items()}}
    returned = yield from _called(trial, Case("counterexample", inputs, followed.case.sizes, followed.case.batch))
    result, index = placed(refuted, trial.signature)
    shape = followed.returned[result or 0].shape
    if returned is None or not _is_wrong_there(returned[result or 0], shape, index, refuted):
        reason = "the operations that were traced give a wrong value for inputs for which your function does not"
        return Finding(Outcome.UNDECIDED, NotDecided(reason, notes=judged.notes))
    proven = yield from _proven_misconception(trial, formula, followed)
    if proven is None and (yield from _is_right_for_probabilities(trial, followed, inputs)):
        reason = "it differs from the formula for numbers that are no probabilities, and agrees for some that are"
        return Finding(Outcome.UNDECIDED, NotDecided(reason, notes=judged.notes))
    shown = {name: refuted.point.get(name, _plain(value)) for name, value in followed.case.inputs.items()}
    evidence = Counterexample(
        Setting(followed.instance.described(), "exact", shown), index, refuted.expected, refuted.got,
        refuted.expected_value, refuted.got_value, refuted.expected_formula, refuted.got_formula, refuted.difference,
        judged.notes, result,
    )  # fmt: skip
    return Finding(Outcome.FAILED, evidence, proven=proven)


def _is_right_for_probabilities(
    trial: Trial, followed: Followed, inputs: Mapping[str, Any]
) -> Generator[Request, Answer, bool]:
    """Whether a counterexample has any numbers where probabilities belong, and with such the function is right there.

    A right answer may divide by their sum, unless that is a misconception here. As symbols they add up to anything.
    """
    rng = rng_for(trial.seed, trial.function, followed.instance.described(), "probabilities")
    drawn = {
        name: tensor.values.draw(tuple(inputs[name].shape), followed.case.sizes, inputs, rng)
        for name, tensor in trial.signature.tensors()
        if name in followed.inputs and isinstance(tensor.values, Simplex)
    }
    if not drawn:
        return False
    case = Case("probabilities", {**inputs, **drawn}, followed.case.sizes, followed.case.batch)
    call = Call(trial.function, case, Precision.DOUBLE, default_dtype=Precision.DOUBLE, device=trial.device)
    observation = yield from observe(call)
    return judged_by_value(trial, call, observation, Precision.DOUBLE) is None


def placed(refuted: Refuted, signature: Signature) -> tuple[int | None, tuple[int, ...]]:
    """Which of several results is wrong, and at which index."""
    return (refuted.index[0], refuted.index[1:]) if signature.is_several else (None, refuted.index)


def _numbers(texts: Any) -> torch.Tensor:
    def number(text: Any) -> Any:
        return [number(each) for each in text] if isinstance(text, list) else float(Fraction(text))

    return torch.tensor(number(texts), dtype=torch.float64)


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, torch.Tensor) else value


def _is_wrong_there(returned: torch.Tensor, shape: torch.Size, index: tuple[int, ...], refuted: Refuted) -> bool:
    if returned.shape != shape:
        return False
    got = float(returned[index])
    if math.isnan(refuted.got_value):
        return not math.isfinite(got)
    return got == refuted.got_value or abs(got - refuted.got_value) <= CLOSE * max(1.0, abs(refuted.got_value))


def _proven_misconception(trial: Trial, formula: Formula, first: Followed) -> Generator[Request, Answer, str | None]:
    """The misconception that the function is proved to be, at every instance."""
    likely = [m for m in trial.misconceptions if _gives(m, first)]
    for misconception in likely:
        if (yield from _is_proved_to_be(trial, formula, misconception)):
            return misconception.name
    return None


def _gives(misconception: Misconception, followed: Followed) -> bool:
    try:
        values = value_of(misconception.function)(followed.case.inputs, Precision.DOUBLE)
    except Exception:  # noqa: BLE001 -- whatever a wrong formula raises, it is not what the function returned
        return False
    return _same(tuple(value.tolist() for value in values), followed.returned)


def _is_proved_to_be(trial: Trial, formula: Formula, misconception: Misconception) -> Generator[Request, Answer, bool]:
    for instance in formula.instances:
        followed = yield from _followed(trial, formula, instance)
        if isinstance(followed, NotDecided):
            return False
        own = yield Trace(trial.function, followed.case, tuple(followed.inputs), own=misconception.function)
        if not isinstance(own, Traced):
            return False
        judged = yield Claim(followed.graph, followed.inputs, own.graph)
        if not isinstance(judged, Judged) or not isinstance(judged.decision, Proved):
            return False
    return True
