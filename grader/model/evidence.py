"""Evidence: why a verdict is what it is, as numbers. Words are made from it in `grader.model.wording`, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Shown = Any
"""A value for display: a number, a nested list, None, or a text like `tensor of shape (64, 32)` if it is large."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The case in which something was seen."""

    case: str
    precision: str
    inputs: Mapping[str, Shown]


@dataclass(frozen=True, slots=True)
class ValueMismatch:
    """The result differs from the expected one by more than rounding explains."""

    setting: Setting
    expected: Shown
    got: Shown
    index: tuple[int, ...]
    expected_there: float
    got_there: float
    allowance: float
    differing: int
    total: int
    only_in_double: bool
    """It agrees in float32 and differs in float64: a small slip, or precision lost on the way."""

    result: int | None = None
    """Which of several results, counted from 0."""


@dataclass(frozen=True, slots=True)
class ShapeMismatch:
    """The result has another shape than the statement says."""

    setting: Setting
    axes: str
    expected: tuple[int, ...]
    got: tuple[int, ...]
    result: int | None = None
    """Which of several results, counted from 0."""


@dataclass(frozen=True, slots=True)
class TypeMismatch:
    """The result is not a tensor (or a number where that is fine)."""

    setting: Setting
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class DtypeMismatch:
    """The result's dtype is not that of the inputs, or not the one that the statement names."""

    setting: Setting
    expected: str
    got: str
    result: int | None = None
    """Which of several results, counted from 0."""

    named: bool = False
    """Whether the statement names the dtype, whatever that of the inputs is."""


@dataclass(frozen=True, slots=True)
class DeviceMismatch:
    """The result is not on the inputs' device."""

    setting: Setting
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class InputModified:
    """An input was changed in place."""

    setting: Setting
    argument: str


@dataclass(frozen=True, slots=True)
class GradientMismatch:
    """The gradient with respect to an input is not the expected one."""

    setting: Setting
    argument: str
    expected: Shown
    got: Shown


@dataclass(frozen=True, slots=True)
class GradientMissing:
    """No gradient reaches an input through which the result is to be differentiated."""

    setting: Setting
    argument: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class GradientLeak:
    """A gradient reaches an input that is to be a constant."""

    setting: Setting
    argument: str
    got: Shown


@dataclass(frozen=True, slots=True)
class PropertyViolation:
    """A property that every right answer has does not hold."""

    setting: Setting
    statement: str
    expected: Shown
    got: Shown


@dataclass(frozen=True, slots=True)
class SequenceMismatch:
    """After a sequence of calls on one object, the last of them does not do what it should."""

    setting: Setting
    """Its inputs are what the object was made with."""

    calls: tuple[str, ...]
    """As they would be written; the last one shows the mistake."""

    statement: str
    """What the last call did, as it reads after "In this sequence of calls": `add changes its arguments`."""

    expected: Shown
    got: Shown


@dataclass(frozen=True, slots=True)
class StatisticalMismatch:
    """What was drawn at random would hardly ever come out like this if the hypothesis were true."""

    setting: Setting
    hypothesis: str
    """What a right answer does: `every set of 2 rows is equally likely`."""

    draws: int
    statistic: float
    threshold: float
    """It is rejected where the statistic is larger."""

    size: float
    """Chance that a right answer is rejected, over all looks at the data."""

    detectable: str
    """The smallest deviation that is found with a chance of 99 %."""

    expected: Shown
    got: Shown


@dataclass(frozen=True, slots=True)
class AgentEvaluated:
    """What a trained agent earns, as the grader saw it in an environment of its own."""

    setting: Setting
    """Its case is the environment; its inputs are what the agent was trained with."""

    episodes: int
    mean_return: float
    target: float
    """The mean return that is asked for."""

    floor: float
    """An agent that earns no more than this on average passes with a chance of at most `size`."""

    size: float
    """Chance that an agent whose mean return is `target` or more fails the evaluation, at most."""

    attempts: int
    """Trainings that were evaluated; this is about the last."""

    steps: int
    """That the agent took while it was trained."""

    curve: tuple[tuple[int, float], ...]
    """While it was trained: steps taken, and the mean return of the episodes that ended since the point before."""


@dataclass(frozen=True, slots=True)
class ProvedEqual:
    """The function computes the printed formula, for all real inputs at these small shapes."""

    method: str
    """`exact`, or `identity test, error < 2^-64`."""

    instances: tuple[str, ...]
    """The shapes and values at which that was proved: `T = 3, gamma = 0.75`."""

    notes: tuple[str, ...] = ()
    """Constants in the code that are no number anybody would write, though they don't matter for the result."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The function computes something else than the printed formula; inputs for which it does, exactly."""

    setting: Setting
    """Its inputs hold rationals as text (`"-3/2"`) where they were chosen, and numbers where they were given."""

    index: tuple[int, ...]
    expected: str
    """An exact expression where it is short: `sqrt(3)/2`; else its digits."""

    got: str
    expected_value: float
    got_value: float
    expected_formula: str
    """For that element, in terms of the inputs."""

    got_formula: str
    difference: str
    """got − expected, simplified; empty where that is not short."""

    notes: tuple[str, ...] = ()
    result: int | None = None
    """Which of several results, counted from 0."""


@dataclass(frozen=True, slots=True)
class NotDecided:
    """Neither proved nor refuted; costs nothing."""

    reason: str
    path: str | None = None
    line: int | None = None
    """The line that could not be followed, where there is one."""

    code: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForbiddenCall:
    """The function calls what the assignment asks to write oneself."""

    calls: tuple[str, ...]


MIXED_DEVICES = (
    "on the same device", "at the same device", "is not on the expected device", "Expected object of device type",
)  # fmt: skip
"""Parts of PyTorch's messages about tensors on two devices."""

BROKEN_GPU = ("CUDA error: device-side assert", "CUDA error: an illegal memory access", "CUDA error: misaligned",
              "CUDA error: unspecified launch failure")  # fmt: skip
"""How PyTorch's messages about such errors begin."""


@dataclass(frozen=True, slots=True)
class ExceptionRaised:
    """The student's function raised."""

    setting: Setting
    type_name: str
    message: str
    path: str | None
    line: int | None
    code: str | None

    @property
    def is_unwritten(self) -> bool:
        """Whether the student's own line raised NotImplementedError; PyTorch raises it too, for what it can't do."""
        raised_here = "NotImplementedError" in (self.code or "") or "not written yet" in self.message
        return self.type_name == "NotImplementedError" and raised_here

    @property
    def mixes_devices(self) -> bool:
        """Whether PyTorch refused to compute with tensors on two devices, as it does in these words."""
        return self.type_name == "RuntimeError" and any(sign in self.message for sign in MIXED_DEVICES)

    @property
    def leaves_the_gpu(self) -> bool:
        """Whether NumPy, or what is built on it, was given a tensor on the GPU."""
        return self.type_name == "TypeError" and "device type tensor to numpy" in self.message

    @property
    def broke_the_gpu(self) -> bool:
        """Whether it is an error of the GPU, after which nothing can be computed there by the same process."""
        return any(self.message.startswith(sign) for sign in BROKEN_GPU)


@dataclass(frozen=True, slots=True)
class CallStopped:
    """The call was ended before it answered."""

    setting: Setting
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class AnswerUnusable:
    """What came out of the sandbox could not be read."""

    setting: Setting
    reason: str


@dataclass(frozen=True, slots=True)
class FunctionMissing:
    """The submission does not define the function."""

    function: str
    near: tuple[str, ...]
    reason: str | None = None
    """Why the file that defines it gave no function: it raised, was stopped, or the name is something else."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Not looked at, because another check comes first."""

    check: str


@dataclass(frozen=True, slots=True)
class GraderFault:
    """Our own failure; never the student's."""

    message: str


Evidence = (
    ValueMismatch
    | ShapeMismatch
    | TypeMismatch
    | DtypeMismatch
    | DeviceMismatch
    | InputModified
    | GradientMismatch
    | GradientMissing
    | GradientLeak
    | PropertyViolation
    | SequenceMismatch
    | StatisticalMismatch
    | AgentEvaluated
    | ProvedEqual
    | Counterexample
    | NotDecided
    | ForbiddenCall
    | ExceptionRaised
    | CallStopped
    | AnswerUnusable
    | FunctionMissing
    | Prerequisite
    | GraderFault
)
