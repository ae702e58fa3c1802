"""Returns and advantages as a scan over time, from the last step back: stretches of steps are combined in parallel.

What a stretch of steps makes of the return G that follows it is value + decay · G: a stretch is a pair. Two
neighbouring ones are one again, with decay = decay₁ decay₂ and value = value₁ + decay₁ value₂, which is associative.
Where an episode ends the decay is 0, and nothing that follows is looked at, infinite or not.

For T steps of B columns (all the axes after time) of s bytes each, and c tensors that are read: 2 for returns, 4 for
the generalised estimate, 3 for n-step advantages (2 of them for the pairs):

| | bytes read and written | operations |
|---|---|---|
| very many columns | (c + 1) T B s | about 6 T B |
| many columns | (c + 1) T B s | about 4 T B log₂ (steps of a tile) |
| few columns: the pairs of R ranges of time | c T B s, and 8 R B | the same |
| and then the results | (c + 1) T B s, and 4 R² B | the same |

Memory bounds all of them. Where there are so many columns that a thread can take four of its own, it goes back through
time row by row, with the rows before on their way meanwhile. Where there are fewer, a program takes some columns tile
by tile, and scans the steps of each tile. Either way each element is touched once. Where columns are too few to fill a
GPU, time is cut into ranges too, in three phases: one launch reduces each range to its pair; a second one combines the
pairs of the ranges that follow, and goes through its own with what they leave. It reads everything again, from the
second-level cache where it fits there, as a million steps of one column do. A single pass that looks back at other
programs would read once; this way nothing depends on the order in which programs run, and a result is the same in
every run.

Scans run forward over steps counted back from the last one, and don't rely on Triton's reversed ones (its issue 4362 is
open). A product of decays that float32 can't tell from 0, below 1e-45, ends an episode as well.

Sources: Blelloch 1990, §1.4 (recurrences as scans); Sutton & Barto 2018, eq. 3.9; Schulman et al. 2016, eq. 16; Mnih et
al. 2016, algorithm S3.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import triton
import triton.language as tl
from torch import Tensor

from reference.kernels.launch import power_of_two, programs_for, refuse_what_kernels_cannot_read

ROW = 128
"""Columns that a program goes through row by row, four for each thread of its one warp."""

ROWS_AHEAD = 10
"""Rows of which one is computed while the others are on their way: at some 100 cycles each, as long as memory takes."""

TILE = 1_024
"""Elements of each tensor that a program of one warp scans at once, 32 for each thread, and without a barrier."""

WIDE_TILE = 2_048
"""And a program of several warps, which have to tell each other what they found."""

WARPS = 4
"""Of a program where programs are few."""

STAGES = 3
"""Tiles of which one is scanned while the others are on their way: 72 kB of them at most, four tensors of float32."""

WIDEST = 32
"""Columns of a tile where there are plenty of them; it holds the fewer steps of each."""

NARROWEST = 16
"""And where there are few: 64 bytes of float32, two sectors of memory."""

SHORT = 16
"""Tiles of a column up to which it is not worth a second launch to share them out."""

RANGES = 256
"""Of time at most: every program combines the pairs of all those after its own."""


def discounted_returns(rewards: Tensor, dones: Tensor, gamma: float) -> Tensor:
    """Discounted return from every step on, G_t = r_t + γ (1 − d_t) G_{t+1}.

    Args:
        rewards: `(T, ...)`, reward of each step.
        dones: `(T, ...)`, 1 where the episode terminated at that step.
        gamma: discount factor per step, from 0 to 1.

    Returns:
        `(T, ...)`, in the dtype of `rewards`; constants, without a gradient.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Sutton & Barto 2018, eq. 3.9; G_t of the policy gradient theorem.
    """
    return _scan(rewards, dones, gamma, gamma)


def generalized_advantage_estimate(
    rewards: Tensor, values: Tensor, next_values: Tensor, dones: Tensor, gamma: float, lam: float
) -> Tensor:
    """Exponentially weighted advantage, Â_t = δ_t + γ λ (1 − d_t) Â_{t+1}.

    Args:
        rewards: `(T, ...)`, reward of each step.
        values: `(T, ...)`, V of the state before each step.
        next_values: `(T, ...)`, V of the state after it.
        dones: `(T, ...)`, 1 where the episode terminated at that step.
        gamma: discount factor per step, from 0 to 1.
        lam: λ, 0 for the one-step error, 1 for the whole return minus the value.

    Returns:
        `(T, ...)`, in the dtype of `rewards`; constants, without a gradient.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Schulman et al. 2016, eq. 16.
    """
    return _scan(rewards, dones, gamma, gamma * lam, values=values, next_values=next_values)


def n_step_advantages(rewards: Tensor, values: Tensor, bootstrap_value: Tensor, dones: Tensor, gamma: float) -> Tensor:
    """Return over all steps to the end of the data, bootstrapped there, minus the value of the state.

    Args:
        rewards: `(T, B)`, reward of each step.
        values: `(T, B)`, V of the state before each step.
        bootstrap_value: `(B,)`, V of the state after the last step.
        dones: `(T, B)`, 1 where the episode terminated at that step.
        gamma: discount factor per step, from 0 to 1.

    Returns:
        `(T, B)`, in the dtype of `rewards`; constants, without a gradient.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Mnih et al. 2016, algorithm S3.
    """
    return _scan(rewards, dones, gamma, gamma, values=values, bootstrap=bootstrap_value)


def _scan(
    rewards: Tensor,
    dones: Tensor,
    gamma: float,
    trace: float,
    *,
    values: Tensor | None = None,
    next_values: Tensor | None = None,
    bootstrap: Tensor | None = None,
) -> Tensor:
    """The scan with decays `trace` (1 − d), over TD errors where `next_values` are given, else over rewards."""
    given = [rewards, dones, *(each for each in (values, next_values, bootstrap) if each is not None)]
    refuse_what_kernels_cannot_read(*given)
    result = torch.empty(rewards.shape, dtype=rewards.dtype, device=rewards.device)
    if not rewards.numel():
        return result
    steps, count = len(rewards), rewards[0].numel()
    tensors, strides = [], []
    for tensor in (rewards, dones, values, next_values):
        flat = None if tensor is None else tensor.expand(rewards.shape).reshape(steps, count)
        tensors.append(flat)
        strides += [0, 0] if flat is None else [flat.stride(0), flat.stride(1)]
    start = None if bootstrap is None else bootstrap.expand(rewards.shape[1:]).reshape(count)
    plan = sharing(steps, count, rewards.device)
    grid = (triton.cdiv(count, plan.columns), plan.ranges)
    first = 0 if start is None else start.stride(0)
    sizes = (*strides, steps, count, plan.tiles, float(gamma), float(trace))
    blocks = {"ROWS": plan.rows, "COLUMNS": plan.columns, "STAGES": STAGES, "num_warps": plan.warps}
    with torch.cuda.device_of(rewards):
        pairs = None
        if plan.by_rows:
            _results_by_rows[grid](
                *tensors, start, result, first, *sizes, COLUMNS=plan.columns, STAGES=ROWS_AHEAD, num_warps=plan.warps
            )
            return result
        if plan.ranges > 1:
            pairs = torch.empty(2, plan.ranges, count, dtype=torch.float32, device=rewards.device)
            _pairs_of_ranges[grid](*tensors, pairs, *sizes, **blocks)
        _results[grid](
            *tensors, start, pairs, result, first, plan.ranges, *sizes,
            RANGES=power_of_two(plan.ranges), **blocks,
        )  # fmt: skip
    return result


@dataclass(frozen=True, slots=True)
class Sharing:
    """What of the data each program takes."""

    columns: int
    rows: int
    """Steps of a tile."""

    warps: int
    ranges: int
    """Of time, each for another program."""

    tiles: int
    """Of a range, one after the other."""

    @property
    def by_rows(self) -> bool:
        """Whether there is nothing to scan: every tile is one step, and follows from the one before."""
        return self.rows == 1 and self.ranges == 1


def sharing(steps: int, count: int, device: torch.device) -> Sharing:
    """Many columns for a program, as long as that leaves four programs for every multiprocessor; else time is cut."""
    wanted = programs_for(steps * count, device, 4)
    if 2 * triton.cdiv(count, ROW) >= wanted and count > ROW:
        return Sharing(columns=ROW, rows=1, warps=1, ranges=1, tiles=steps)
    columns = WIDEST
    while columns > NARROWEST and triton.cdiv(count, columns) < wanted:
        columns //= 2
    columns = min(columns, power_of_two(count))
    blocks = triton.cdiv(count, columns)
    warps = 1 if blocks >= wanted else WARPS
    rows = max(1, min((TILE if warps == 1 else WIDE_TILE) // columns, power_of_two(steps)))
    tiles = triton.cdiv(steps, rows)
    if tiles > SHORT and 4 * blocks < wanted:
        tiles = triton.cdiv(tiles, min(RANGES, triton.cdiv(wanted, 2 * blocks)))
    return Sharing(columns, rows, warps, triton.cdiv(steps, rows * tiles), tiles)


@triton.jit
def _carried(value, decay, following):
    """value + decay · following, and of what follows an end not even its infinities."""
    return tl.where(decay == 0.0, value, value + decay * following)


@triton.jit
def _joined(decay, value, earlier_decay, earlier_value):
    """Two stretches as one; scans go back in time, so that the earlier steps come second."""
    return decay * earlier_decay, _carried(earlier_value, earlier_decay, value)


@triton.jit
def _last_row(x, ROWS: tl.constexpr):
    return tl.sum(tl.where((tl.arange(0, ROWS) == ROWS - 1)[:, None], x, 0.0), axis=0)


@triton.jit
def _stretches(
    rewards_ptr, dones_ptr, values_ptr, next_values_ptr, rewards_time, rewards_column, dones_time, dones_column,
    values_time, values_column, next_time, next_column, time, column, inside, gamma, trace,
):  # fmt: skip
    """Decay and value of each step by itself. Those before the first are scanned last, and change nothing."""
    value = tl.load(rewards_ptr + time * rewards_time + column * rewards_column, mask=inside, other=0.0).to(tl.float32)
    done = tl.load(dones_ptr + time * dones_time + column * dones_column, mask=inside, other=0.0).to(tl.float32)
    if next_values_ptr is not None:
        before = tl.load(values_ptr + time * values_time + column * values_column, mask=inside, other=0.0)
        after = tl.load(next_values_ptr + time * next_time + column * next_column, mask=inside, other=0.0)
        value = _carried(value, gamma * (1.0 - done), after.to(tl.float32)) - before.to(tl.float32)
    return trace * (1.0 - done), value


@triton.jit
def _pairs_of_ranges(
    rewards_ptr, dones_ptr, values_ptr, next_values_ptr, pairs_ptr,
    rewards_time, rewards_column, dones_time, dones_column, values_time, values_column, next_time, next_column,
    steps, count, tiles, gamma, trace, ROWS: tl.constexpr, COLUMNS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """Decay and value of all the steps of a range together."""
    columns = tl.program_id(0).to(tl.int64) * COLUMNS + tl.arange(0, COLUMNS)
    all_decay = tl.full((COLUMNS,), 1.0, tl.float32)
    all_value = tl.zeros((COLUMNS,), tl.float32)
    for tile in tl.range(tiles, num_stages=STAGES):
        back = (tl.program_id(1) * tiles + tile).to(tl.int64) * ROWS + tl.arange(0, ROWS)
        inside = (back < steps)[:, None] & (columns < count)[None, :]
        decay, value = _stretches(
            rewards_ptr, dones_ptr, values_ptr, next_values_ptr, rewards_time, rewards_column, dones_time,
            dones_column, values_time, values_column, next_time, next_column,
            (steps - 1 - back)[:, None], columns[None, :], inside, gamma, trace,
        )  # fmt: skip
        decay, value = tl.associative_scan((decay, value), 0, _joined)
        decay, value = _last_row(decay, ROWS), _last_row(value, ROWS)
        all_decay, all_value = _joined(all_decay, all_value, decay, value)
    place = tl.program_id(1).to(tl.int64) * count + columns
    tl.store(pairs_ptr + place, all_decay, mask=columns < count)
    tl.store(pairs_ptr + tl.num_programs(1).to(tl.int64) * count + place, all_value, mask=columns < count)


@triton.jit
def _results_by_rows(
    rewards_ptr, dones_ptr, values_ptr, next_values_ptr, start_ptr, result_ptr, start_stride,
    rewards_time, rewards_column, dones_time, dones_column, values_time, values_column, next_time, next_column,
    steps, count, tiles, gamma, trace, COLUMNS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    columns = tl.program_id(0).to(tl.int64) * COLUMNS + tl.arange(0, COLUMNS)
    there = columns < count
    following = tl.zeros((COLUMNS,), tl.float32)
    if start_ptr is not None:
        following = tl.load(start_ptr + columns * start_stride, mask=there, other=0.0).to(tl.float32)
    time = tl.full((), steps, tl.int64)  # counted down: a product of 64 bits in every row would double its instructions
    for _ in tl.range(tiles, num_stages=STAGES):
        time -= 1
        decay, value = _stretches(
            rewards_ptr, dones_ptr, values_ptr, next_values_ptr, rewards_time, rewards_column, dones_time,
            dones_column, values_time, values_column, next_time, next_column, time, columns, there, gamma, trace,
        )  # fmt: skip
        following = _carried(value, decay, following)
        result = following
        if values_ptr is not None and next_values_ptr is None:
            baseline = tl.load(values_ptr + time * values_time + columns * values_column, mask=there, other=0.0)
            result -= baseline.to(tl.float32)
        tl.store(result_ptr + time * count + columns, result.to(result_ptr.dtype.element_ty), mask=there)


@triton.jit
def _after_ranges(pairs_ptr, columns, count, ranges, following, RANGES: tl.constexpr):
    """What a range begins with: the value at the end of the data, carried through all the ranges after its own."""
    each = tl.arange(0, RANGES)
    after = (each < tl.program_id(1))[:, None] & (columns < count)[None, :]
    place = each.to(tl.int64)[:, None] * count + columns[None, :]
    decay = tl.load(pairs_ptr + place, mask=after, other=1.0)
    value = tl.load(pairs_ptr + ranges.to(tl.int64) * count + place, mask=after, other=0.0)
    decay, value = tl.associative_scan((decay, value), 0, _joined)
    return _carried(_last_row(value, RANGES), _last_row(decay, RANGES), following)


@triton.jit
def _results(
    rewards_ptr, dones_ptr, values_ptr, next_values_ptr, start_ptr, pairs_ptr, result_ptr, start_stride, ranges,
    rewards_time, rewards_column, dones_time, dones_column, values_time, values_column, next_time, next_column,
    steps, count, tiles, gamma, trace,
    RANGES: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    columns = tl.program_id(0).to(tl.int64) * COLUMNS + tl.arange(0, COLUMNS)
    there = columns < count
    following = tl.zeros((COLUMNS,), tl.float32)
    if start_ptr is not None:
        following = tl.load(start_ptr + columns * start_stride, mask=there, other=0.0).to(tl.float32)
    if pairs_ptr is not None:
        following = _after_ranges(pairs_ptr, columns, count, ranges, following, RANGES)
    for tile in tl.range(tiles, num_stages=STAGES):
        back = (tl.program_id(1) * tiles + tile).to(tl.int64) * ROWS + tl.arange(0, ROWS)
        inside = (back < steps)[:, None] & there[None, :]
        time, column = (steps - 1 - back)[:, None], columns[None, :]
        decay, value = _stretches(
            rewards_ptr, dones_ptr, values_ptr, next_values_ptr, rewards_time, rewards_column, dones_time,
            dones_column, values_time, values_column, next_time, next_column, time, column, inside, gamma, trace,
        )  # fmt: skip
        decay, value = tl.associative_scan((decay, value), 0, _joined)
        result = _carried(value, decay, following[None, :])
        following = _last_row(result, ROWS)
        if values_ptr is not None and next_values_ptr is None:
            baseline = tl.load(values_ptr + time * values_time + column * values_column, mask=inside, other=0.0)
            result -= baseline.to(tl.float32)
        tl.store(result_ptr + time * count + column, result.to(result_ptr.dtype.element_ty), mask=inside)
