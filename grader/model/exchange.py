"""What a check asks of a submission, and what it can observe: the vocabulary at the door of the sandbox.

A request names a function and its inputs. An observation is what happened; it is never a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import torch

from grader.model.case import Case
from grader.model.formula import Claim
from grader.model.graph import Graph
from grader.model.proof import Judged
from grader.model.timing import Recalled, Recalling, Timed, Timing


class Precision(Enum):
    """The floating dtype of a call's inputs."""

    SINGLE = "float32"
    DOUBLE = "float64"

    @property
    def dtype(self) -> torch.dtype:
        """The torch dtype."""
        return torch.float32 if self is Precision.SINGLE else torch.float64


@dataclass(frozen=True, slots=True)
class Call:
    """Call the student's function once on fresh copies of a case's inputs."""

    function: str
    case: Case
    precision: Precision
    default_dtype: Precision = Precision.SINGLE
    """The global default dtype during the call."""

    differentiate: tuple[str, ...] = ()
    """Inputs that require grad; the gradient of Σ cotangent · result with respect to each is observed."""

    cotangent: torch.Tensor | tuple[torch.Tensor, ...] | None = None
    """Weights of the result's elements, a tuple of them for several results; None where no gradient is asked."""

    strided: bool = False
    """Hand every tensor over as a non-contiguous view."""

    device: str = "cpu"
    """Where the inputs live, as `str(tensor.device.type)`."""

    def cotangents(self) -> tuple[torch.Tensor, ...]:
        """The weights of each result; none where no gradient is asked."""
        given = self.cotangent
        return (given,) if isinstance(given, torch.Tensor) else given or ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Run the student's function once and write down which operations it carries out on its inputs."""

    function: str
    case: Case
    """Concrete values of every argument, float64 or int64; the operations are followed along them."""

    symbolic: tuple[str, ...]
    """Arguments that are inputs of the graph; the others are constants, and branches may depend on them."""

    differentiate: tuple[str, ...] = ()
    """Symbolic arguments that require grad. The graph then gives, after the result, the gradient of
    Σ cotangent · result with respect to each, and has one input more for each result, of its shape: its cotangent."""

    results: int = 1
    """How many results there have to be, if it is to be differentiated."""

    own: Callable[..., Any] | None = None
    """A function of ours to trace in place of the student's: a reference, a misconception."""


OVERWRITTEN = -99.0
"""What a caller writes into its arrays after it has handed them over, to see whether they were copied."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a method."""

    method: str
    """Its name; `__len__` is called as `len(...)`."""

    arguments: Mapping[str, object] = field(default_factory=dict)
    """By name, in order: float64 tensors that float32 can hold, numbers, seeds of generators."""

    arrays: bool = False
    """Hand tensors over as NumPy arrays, and not as tensors of float32: as float64, or where they are overwritten as
    float32, which environments use for theirs and which a conversion to float32 does not copy."""

    overwritten: bool = False
    """Overwrite those tensors or arrays in place after the call."""


@dataclass(frozen=True, slots=True)
class Session:
    """Make one fresh object of the student's class and call its methods one after the other."""

    function: str
    """Name of the class."""

    construct: Mapping[str, object]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """Have the student's function train an agent; the policy stays where it is, and can then be asked for actions."""

    function: str
    environment: str
    """`CartPole-v1`, or the name of one of ours."""

    total_steps: int
    """What all environments of the run together may be stepped."""

    seed: int
    """Decides on the environment's disguise, and is handed to the function."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Ask the policy that was trained last for an action at each of these observations."""

    function: str
    observations: torch.Tensor
    """Float32, (N, features): each is handed over by itself, as a NumPy array."""

    turn: int
    """Counts the requests for actions after one training: a policy that draws at random draws anew each turn."""


Request = Call | Trace | Session | Training | Acting | Timing | Recalling | Claim
"""What a check may yield: something to do with the student's function, or a claim to be decided."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A returned value that is neither a tensor nor a number; only the name of its type crosses."""

    type_name: str


Value = torch.Tensor | float | int | bool | Opaque | tuple[Any, ...]
"""A returned value, rebuilt from plain data: tensors keep dtype and device name."""


@dataclass(frozen=True, slots=True)
class Returned:
    """The function returned."""

    value: Value
    device: str = "cpu"
    gradients: Mapping[str, torch.Tensor | None] = field(default_factory=dict)
    gradient_error: str | None = None
    """Why autograd could not differentiate the result, if it could not."""

    modified: tuple[str, ...] = ()
    """Inputs whose contents differ after the call."""


@dataclass(frozen=True, slots=True)
class Raised:
    """The function raised an exception."""

    type_name: str
    message: str
    path: str | None = None
    line: int | None = None
    """Innermost line of the student's own code."""

    code: str | None = None
    """The text of that line."""

    kinds: tuple[str, ...] = field(default=(), compare=False)
    """Python's own exceptions that it is one of, so that a class of the student's own may stand for one."""

    def is_one_of(self, type_name: str) -> bool:
        """Whether `except` followed by that name would catch it."""
        return type_name in (self.type_name, *self.kinds)


class StopReason(Enum):
    """Why a call never came back."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"
    PROCESSES = "processes"
    FILE_SIZE = "file size"
    DISK = "disk"
    GPU = "gpu"
    EXITED = "exited"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Stopped:
    """The process that ran the function ended before it answered."""

    reason: StopReason
    detail: str
    """The limit with its unit (`10 s`), the exit status or the signal's name."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer came, but not one that can be read: malformed, oversized, or for another question."""

    reason: str


@dataclass(frozen=True, slots=True)
class Traced:
    """The function's operations."""

    graph: Graph
    calls: tuple[str, ...] = ()
    """Names of the functions of PyTorch that were called, as they were before anything was decomposed: `layer_norm`."""


@dataclass(frozen=True, slots=True)
class Untraceable:
    """The function ran, but what it computes can't be followed."""

    reason: str
    path: str | None = None
    line: int | None = None
    """The student's line that stopped it."""

    code: str | None = None
    calls: tuple[str, ...] = ()
    """Names of the functions of PyTorch that were called until then."""


@dataclass(frozen=True, slots=True)
class Played:
    """What each step of a session led to."""

    seen: tuple[Returned | Raised, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """The function returned a policy."""

    steps: int
    """Taken in all environments of the run."""

    curve: tuple[tuple[int, float], ...]
    """Steps taken, and the mean return of the episodes that ended since the point before. Counted where the student's
    code runs: to be shown, and nothing to grade by."""


@dataclass(frozen=True, slots=True)
class Acted:
    """The policy's actions, one for each observation."""

    actions: tuple[int | Opaque, ...]


Observation = Returned | Raised | Stopped | Unusable
"""What a call can lead to."""

SessionOutcome = Played | Raised | Stopped | Unusable
"""What a session can lead to: it `Raised` where the object could not even be made."""

TrainingOutcome = Trained | Raised | Stopped | Unusable
"""What a training can lead to."""

ActingOutcome = Acted | Raised | Stopped | Unusable
"""What asking a policy can lead to."""

TimingOutcome = Timed | Raised | Stopped | Unusable
"""What timed calls can lead to."""

RecallingOutcome = Recalled | Raised | Stopped | Unusable
"""What asking for the results of timed calls can lead to."""

Answer = Observation | Trained | Acted | Played | Traced | Untraceable | Timed | Recalled | Judged
"""What any request can lead to."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One call with what it led to, kept for diagnosis."""

    call: Call
    observation: Observation
