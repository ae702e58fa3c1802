"""Times a function, call by call, on inputs it has never seen, and keeps what it returned for a look afterwards.

The sandbox times the student's function with it, and the host the reference and the kernel: the same work around the
same calls. On a GPU the calls are queued one behind the other and events are recorded between them; everything is
waited for, on all streams, before the first and after the last.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from time import perf_counter, process_time
from typing import Any

import torch

from .drawing import draw, normal

MOST_RESULTS = 32

PIECE = {"cpu": 1 << 20, "cuda": 1 << 24}
"""Elements that are weighed at a time: in float64, and beside weights of that many."""

Plan = dict[str, Any]
"""What to do, as plain JSON: `recipes`, `seeds`, `order`, `device`, `shapes`, `differentiate`, `cotangents`,
`flushed`, `dtype`."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""As malloc.h of glibc calls them, with M_ before."""

Leaves = tuple[torch.Tensor, ...]

Times = tuple[list[float], float, float]
"""Of each call, of all of them, and what processors have spent on them."""


@dataclass
class Burst:
    """Calls that were made one after the other."""

    seconds: list[float]
    """Of each, by its position among the seeds."""

    whole: float
    """Seconds from before the first to after the last."""

    cpu: float
    """Seconds that processors have spent meanwhile, on all threads; 0 on a GPU."""

    kept: list[Leaves]
    """What each gave."""

    marks: list[int]
    """A number for the bits of each result, from when the last call had returned."""


@dataclass(frozen=True)
class Prepared:
    """One call before it is made: everything is drawn."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    inputs: tuple[torch.Tensor, ...]
    """Those to differentiate with respect to."""

    cotangents: Leaves

    def __call__(self) -> Any:
        """The function's results, or their gradients."""
        results = self.function(*self.arguments)
        if not self.inputs:
            return results
        parts = results if isinstance(results, tuple | list) else (results,)
        connected = [pair for pair in zip(parts, self.cotangents, strict=True) if pair[0].requires_grad]
        if not connected:
            raise ValueError("the result is not connected to the inputs by differentiable operations")
        outputs, weights = zip(*connected, strict=True)
        return torch.autograd.grad(outputs, self.inputs, weights, materialize_grads=True)


def burst(function: Callable[..., Any], plan: Plan) -> Burst:
    """Draw all inputs, empty the caches, and make the calls.

    Raises:
        TypeError: a result is neither tensor nor number.
        ValueError: a result has another shape than the plan says.
        Exception: whatever the function raises.
    """
    if plan["device"] == "cpu":
        _keep_freed_memory()
    calls = [prepared(function, plan, seed) for seed in plan["seeds"]]
    timed = _on_cuda if plan["device"] == "cuda" else _on_cpu
    times, results = timed(calls, plan)
    return kept_of(results, plan, times)


def kept_of(results: list[Any], plan: Plan, times: Times = ([], 0.0, 0.0)) -> Burst:
    """The burst that gave these results.

    Raises:
        TypeError: a result is neither tensor nor number.
        ValueError: a result has another shape than the plan says.
    """
    kept = [_leaves(result, plan) for result in results]
    return Burst(*times, kept, [_mark(leaves) for leaves in kept])


def _keep_freed_memory() -> None:
    """Have the C library hand freed memory out again, and not give it back to the system.

    Getting a page anew costs more than computing what is in it, and whether that happens would depend on what the
    process has allocated before: with glibc's own rule a function was seen to take 1 ms in one process and 30 ms in
    another.
    """
    with contextlib.suppress(AttributeError, OSError):  # a C library without these settings
        set_option = ctypes.CDLL(None).mallopt
        set_option(_MMAP_THRESHOLD, 1 << 25)
        set_option(_TRIM_THRESHOLD, (1 << 31) - 1)


def prepared(function: Callable[..., Any], plan: Plan, seed: int) -> Prepared:
    """The call for one seed, with everything drawn."""
    dtype = getattr(torch, plan["dtype"])
    arguments = draw(plan["recipes"], seed, plan["device"], dtype)
    inputs = tuple(arguments[name].requires_grad_() for name in plan["differentiate"])
    rng = torch.Generator(plan["device"]).manual_seed(seed + 1)
    cotangents = tuple(normal(shape, rng, dtype) for shape in plan["cotangents"])
    return Prepared(function, tuple(arguments.values()), inputs, cotangents)


def _on_cpu(calls: list[Prepared], plan: Plan) -> tuple[Times, list[Any]]:
    seconds, results = [0.0] * len(calls), [None] * len(calls)
    _flush(plan)
    first, spent = perf_counter(), process_time()
    for k in plan["order"]:
        started = perf_counter()
        results[k] = calls[k]()
        seconds[k] = perf_counter() - started
    return (seconds, perf_counter() - first, process_time() - spent), results


def _on_cuda(calls: list[Prepared], plan: Plan) -> tuple[Times, list[Any]]:
    """Without waiting between the calls, so that launching one is hidden behind what the one before does.

    The caches are flushed in the same queue, which keeps the GPU busy while the first call is launched.
    """
    stream = torch.cuda.current_stream()
    around = [(event(), event()) for _ in calls]
    closing = event()
    results = [None] * len(calls)
    torch.cuda.synchronize()
    _flush(plan)
    for k in plan["order"]:
        before, after = around[k]
        before.record(stream)
        results[k] = calls[k]()
        after.record(stream)
    torch.cuda.synchronize()
    closing.record(stream)
    closing.synchronize()
    seconds = [before.elapsed_time(after) / 1e3 for before, after in around]
    return (seconds, around[plan["order"][0]][0].elapsed_time(closing) / 1e3, 0.0), results


def event() -> torch.cuda.Event:
    """One that notes when the GPU came to it."""
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]  # torch says no types here


def _flush(plan: Plan) -> None:
    """Read and write so much that no cache holds anything else; the memory is got once."""
    key = plan["device"], plan["flushed"]
    if key not in _flushing:
        _flushing[key] = torch.zeros(plan["flushed"], dtype=torch.uint8, device=plan["device"])
    _flushing[key].add_(1)


_flushing: dict[tuple[str, int], torch.Tensor] = {}


def _leaves(result: Any, plan: Plan) -> Leaves:
    """A result as plain tensors of the shapes that are expected."""
    parts = list(islice(result, MOST_RESULTS)) if isinstance(result, tuple | list) else [result]
    leaves = tuple(_plain(part, plan["device"]) for part in parts)
    shapes = [list(leaf.shape) for leaf in leaves]
    if shapes != plan["shapes"]:
        raise ValueError(f"expected results of the shapes {plan['shapes']}, got {shapes}")
    return leaves


def _plain(part: Any, device: str) -> torch.Tensor:
    if issubclass(type(part), torch.Tensor):
        return torch.Tensor.detach(part).as_subclass(torch.Tensor)
    if type(part) in (bool, int, float):
        return torch.tensor(part, device=device)
    raise TypeError(f"expected tensors, got {type(part).__name__}")


def _mark(leaves: Leaves) -> int:
    """A number that is another one where bits have changed, but for chance."""
    return sum(int(_bits(leaf).sum(dtype=torch.int64)) for leaf in leaves)


def _bits(leaf: torch.Tensor) -> torch.Tensor:
    whole_numbers = {8: torch.int64, 4: torch.int32, 2: torch.int16, 1: torch.uint8}
    return leaf.contiguous().view(whole_numbers[leaf.element_size()])


def recall(done: Burst, seed: int, elements: int) -> tuple[torch.Tensor, list[torch.Tensor], list[int]]:
    """What every call gave: weighed sums (calls, results), some elements of each result (calls, elements), and which
    calls' results have changed since the burst.

    The weights are drawn from the seed, which is told only now: a sum can't be known without all elements.
    """
    count = len(done.kept[0])
    sums = torch.zeros(len(done.kept), count, dtype=torch.float64)
    chosen = []
    for i in range(count):
        column = [leaves[i].reshape(-1) for leaves in done.kept]
        rng = torch.Generator(column[0].device).manual_seed(seed + i)
        sums[:, i] = _weighed(column, rng).cpu()
        most = max(1, column[0].numel())
        where = torch.randint(most, (elements if column[0].numel() else 0,), generator=rng, device=rng.device)
        chosen.append(torch.stack([flat[where].double() for flat in column]).cpu())
    changed = [k for k, leaves in enumerate(done.kept) if _mark(leaves) != done.marks[k]]
    return sums, chosen, changed


def _weighed(column: list[torch.Tensor], rng: torch.Generator) -> torch.Tensor:
    total = torch.zeros(len(column), dtype=torch.float64, device=rng.device)
    size = PIECE[rng.device.type]
    for start in range(0, column[0].numel(), size):
        pieces = [flat[start : start + size].double() for flat in column]
        weights = normal([len(pieces[0])], rng, torch.float32).double()
        total += torch.stack([piece @ weights for piece in pieces])
    return total
