"""Checks each competitor against float64, then times those that are right, taking turns.

Every repetition reads other memory first, as much as to leave nothing of the inputs in the second-level cache, and in
the time that takes, the processor queues what is measured: what the events enclose is the device's time, not Python's,
but for a reference that loops over time and outlasts that. Reading, unlike writing, leaves nothing to be put back in
the time that is measured. Inputs rotate besides.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from benchmarks.kernels.results import Result, Row, Times
from benchmarks.kernels.workloads import Workload

ALLOWED = {torch.float32: 1e-4, torch.bfloat16: 2e-2}
"""Relative error of norms: float32 is at 1e-6, TF32 at 3e-4; bfloat16, which rounds by 2e-3, between 1e-3 and 1e-2."""

SETS = 3
"""Of inputs."""

WARM_UP = 3
"""Calls of each competitor before it is timed, one with each set."""

FEWEST, MOST = 7, 100
"""Repetitions."""

ELSEWHERE = 1 << 30
"""Bytes that are read, twice, before each repetition: half a millisecond, and many times the cache, on an H200."""

META = torch.device("meta")


class Clock(Protocol):
    """Times calls on a device."""

    def milliseconds(self, call: Callable[[], object]) -> float:
        """Of one call, from a cold cache."""


class EventClock:
    """The clock of CUDA's events."""

    def __init__(self) -> None:
        self._elsewhere = torch.ones(ELSEWHERE // 4, device="cuda")

    def milliseconds(self, call: Callable[[], object]) -> float:
        """Of one call, from a cold cache."""
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        self._elsewhere.sum()
        self._elsewhere.sum()
        start.record()
        call()
        end.record()
        end.synchronize()
        return start.elapsed_time(end)


@dataclass(frozen=True, slots=True)
class Given:
    """One set: what is called with, and ∂L/∂result for the way back."""

    inputs: Mapping[str, Any]
    upstream: Tensor | None

    def exact(self) -> Given:
        """The same numbers in float64."""
        inputs = {
            n: v.detach().double().requires_grad_(v.requires_grad)
            if isinstance(v, Tensor) and v.is_floating_point()
            else v
            for n, v in self.inputs.items()
        }
        return Given(inputs, None if self.upstream is None else self.upstream.double())


@dataclass(frozen=True, slots=True)
class Task:
    """A workload in a dtype, forward, or forward and backward."""

    workload: Workload
    dtype: torch.dtype
    backward: bool

    def given(self, device: torch.device, seed: int) -> Given:
        """A new set."""
        torch.manual_seed(seed)
        inputs = self.workload.make(self.workload.sizes, self.dtype, device)
        if not self.backward:
            return Given(inputs, None)
        for name in self.workload.differentiable:
            inputs[name].requires_grad_()
        shape = self.workload.reference(**self.workload.make(self.workload.sizes, self.dtype, META)).shape
        draw = torch.randn if shape else torch.ones  # a loss is where backward begins
        return Given(inputs, draw(shape, dtype=self.dtype, device=device))

    def row(self, results: Sequence[Result]) -> Row:
        """What is told of it."""
        work, bound = self.workload.work(self.dtype, backward=self.backward), self.workload.bound
        return Row(
            self.workload.name, self.workload.sizes, str(self.dtype).removeprefix("torch."), self.backward, work,
            bound.value, ALLOWED[self.dtype], tuple(results),
        )  # fmt: skip


Competitor = tuple[str, Callable[..., Any]]


def competitors(workload: Workload, *, compiled: bool) -> Iterator[Competitor]:
    """The kernel first. Loops over time aren't compiled: unrolled, they would take minutes."""
    yield "kernel", workload.kernel()
    yield "eager", workload.reference
    if compiled and not workload.loops:
        torch.compiler.reset()
        yield "compiled", torch.compile(workload.reference, dynamic=False)
    for library in workload.libraries:
        yield library.name, library.call


def measure(task: Task, entrants: Sequence[Competitor], device: torch.device, clock: Clock, budget: float) -> Row:
    """One row of the table, in about `budget` seconds beside checks and compilation."""
    sets = [task.given(device, seed) for seed in range(SETS)]
    oracle = _call(task.workload.reference, task, sets[0].exact())
    results = [_checked(each, task, sets[0], oracle) for each in entrants]
    del oracle
    runs = {
        name: function
        for (name, function), result in zip(entrants, results, strict=True)
        if result.failure is None
    }  # fmt: skip
    timed = _timed(runs, task, sets, clock, budget)
    return task.row([replace(each, **timed.get(each.competitor, {})) for each in results])


def _call(function: Callable[..., Any], task: Task, given: Given) -> tuple[Tensor, ...]:
    """Results, or the gradients that they lead to."""
    if not task.backward:
        with torch.no_grad():
            result = function(**given.inputs)
        return result if isinstance(result, tuple) else (result,)
    wanted = [given.inputs[name] for name in task.workload.differentiable]
    return torch.autograd.grad(function(**given.inputs), wanted, given.upstream)


def _checked(competitor: Competitor, task: Task, given: Given, oracle: Sequence[Tensor]) -> Result:
    """A result with its error, or with what is wrong. Rivals may be off: the table says by how much."""
    name, function = competitor
    try:
        _leave_nan(given)
        distances = [_distance(*pair) for pair in zip(_call(function, task, given), oracle, strict=True)]
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it is a line in the table
        return Result(name, failure=_in_words(trouble))
    error = float(torch.tensor(distances).max())  # NaN if one is
    off = not error <= ALLOWED[task.dtype]
    return Result(name, error, failure=f"wrong: off by {error:.1e}" if off and name == "kernel" else None)


def _in_words(trouble: Exception) -> str:
    told = (str(trouble).splitlines() or [""])[0].replace("|", "/")[:100]
    return f"{type(trouble).__name__}: {told}" if told else type(trouble).__name__


def _leave_nan(given: Given) -> None:
    """Free memory is full of NaN then, and what a kernel forgets to write is seen."""
    tensors = [v for v in given.inputs.values() if isinstance(v, Tensor)]
    if tensors[0].device.type != "cuda":
        return
    torch.cuda.empty_cache()
    largest = sum(each.numel() for each in tensors)
    sizes = (largest, *[largest // 4] * 4, *[4096] * 64)
    blocks = [torch.full((size,), torch.nan, device=tensors[0].device) for size in sizes]
    del blocks


def _distance(found: Tensor, expected: Tensor) -> float:
    """‖found − expected‖ / ‖expected‖; NaN where a NaN is."""
    norm = torch.linalg.vector_norm
    return float(norm(found.double() - expected) / norm(expected).clamp(min=torch.finfo(torch.float64).tiny))


def _timed(
    runs: dict[str, Callable[..., Any]], task: Task, sets: Sequence[Given], clock: Clock, budget: float
) -> dict[str, dict[str, Any]]:
    """What each that could be run is told to have taken, or why it broke off."""
    told: dict[str, dict[str, Any]] = {}
    calls = {name: _rotating(function, task, sets) for name, function in runs.items()}
    for name, call in list(calls.items()):
        try:
            for _ in range(WARM_UP):
                clock.milliseconds(call)
        except Exception as trouble:  # noqa: BLE001 - as above
            told[name] = {"failure": _in_words(trouble)}
            del calls[name]
    taken: dict[str, list[float]] = {name: [] for name in calls}
    started, rounds = time.perf_counter(), 0
    while calls and rounds < MOST and (rounds < FEWEST or time.perf_counter() - started < budget):
        for name, call in calls.items():
            taken[name].append(clock.milliseconds(call))
        rounds += 1
    return told | {name: {"times": Times.of(each)} for name, each in taken.items()}


def _rotating(function: Callable[..., Any], task: Task, sets: Sequence[Given]) -> Callable[[], object]:
    """Calls with the next set of inputs, and the first again after the last."""
    at = -1

    def call() -> object:
        nonlocal at
        at = (at + 1) % len(sets)
        return _call(function, task, sets[at])

    return call


def free() -> None:
    """Give back what the last task held."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
