"""Temporal differences and the targets of critics, each in one pass over memory.

For N steps of A actions, of s bytes each:

| | bytes read and written | operations |
|---|---|---|
| `td_error` | 5 N s, and backward 2 N s | 4 N |
| `sarsa_td_error` | N (3 s + 16), and two sectors of 32 bytes for what is gathered | 4 N |
| its backward | N A s, and N (s + 8) | N A |
| `td3_target` | 5 N s | 4 N |
| `sac_target` | 6 N s | 6 N |

Less than one operation a byte: memory bounds all of them, and PyTorch's own operations, one after the other, touch it
two to three times as often. The gradient of Q is written once, with its zeros, and not zeroed first.

Sources: Sutton & Barto 2018, eq. 6.5 and 6.7; Fujimoto et al. 2018, eq. 10; Haarnoja et al. 2018, eq. 3 and 5.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.launch import power_of_two, refuse_what_kernels_cannot_read

TILE = 2_048
"""Elements of each tensor that a program takes: 16 for each of 128 threads, which is 64 bytes of float32."""

SAMPLES = 512
"""That a program gathers for: 4 for each of 128 threads."""


def td_error(rewards: Tensor, values: Tensor, next_values: Tensor, dones: Tensor, gamma: float) -> Tensor:
    """Temporal-difference error, δ_t = r_t + γ (1 − d_t) V(s_{t+1}) − V(s_t); the bootstrap is a constant.

    Args:
        rewards: `(T, ...)`, reward of each step.
        values: `(T, ...)`, V of the state before each step.
        next_values: `(T, ...)`, V of the state after it; no gradient flows into them.
        dones: `(T, ...)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `(T, ...)`, in the dtype of `rewards`; differentiable with respect to `values` alone.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Sutton & Barto 2018, eq. 6.5.
    """
    refuse_what_kernels_cannot_read(rewards, values, next_values, dones)
    result: Tensor = _TDError.apply(rewards, values.expand(rewards.shape), next_values, dones, gamma)
    return result


def sarsa_td_error(
    rewards: Tensor,
    q_values: Tensor,
    actions: Tensor,
    next_q_values: Tensor,
    next_actions: Tensor,
    dones: Tensor,
    gamma: float,
) -> Tensor:
    """Temporal-difference error of SARSA, δ = r + γ (1 − d) Q(s', a') − Q(s, a); the bootstrap is a constant.

    Args:
        rewards: `(N,)`, reward of each step.
        q_values: `(N, A)`, Q of every action in the state before each step.
        actions: `(N,)` int64, the action taken there; an error is NaN where there is no such action.
        next_q_values: `(N, A)`, Q of every action in the state after it; no gradient flows into them.
        next_actions: `(N,)` int64, the action taken in that state.
        dones: `(N,)`, 1 where the episode terminated at that step.
        gamma: discount factor per step.

    Returns:
        `(N,)`, in the dtype of `rewards`; differentiable with respect to `q_values` alone.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Sutton & Barto 2018, eq. 6.7.
    """
    refuse_what_kernels_cannot_read(rewards, q_values, next_q_values, dones)
    n = len(rewards)
    result: Tensor = _SarsaTDError.apply(
        rewards, q_values.expand(n, -1), actions.expand(n), next_q_values.expand(n, -1), next_actions.expand(n),
        dones.expand(n), gamma,
    )  # fmt: skip
    return result


def td3_target(rewards: Tensor, dones: Tensor, next_q1: Tensor, next_q2: Tensor, gamma: float) -> Tensor:
    """Target of clipped double Q-learning, r + γ (1 − d) min(Q₁', Q₂').

    Args:
        rewards: `(N,)`.
        dones: `(N,)`, 1 where the episode terminated.
        next_q1: `(N,)`, the first target critic's value of the next state and action.
        next_q2: `(N,)`, the second one's.
        gamma: discount factor per step.

    Returns:
        `(N,)`, in the dtype of `rewards`, a constant: no gradient flows through it.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Fujimoto et al. 2018, eq. 10.
    """
    refuse_what_kernels_cannot_read(rewards, dones, next_q1, next_q2)
    return _bootstrapped(rewards, dones, next_q1, gamma, next_q2=next_q2)


def sac_target(
    rewards: Tensor,
    dones: Tensor,
    next_q1: Tensor,
    next_q2: Tensor,
    next_log_prob: Tensor,
    alpha: float,
    gamma: float,
) -> Tensor:
    """Target of the soft critics, r + γ (1 − d) (min(Q₁', Q₂') − α log π(a'|s')).

    Args:
        rewards: `(N,)`.
        dones: `(N,)`, 1 where the episode terminated.
        next_q1: `(N,)`, the first target critic's value of the next state and of an action sampled there.
        next_q2: `(N,)`, the second one's.
        next_log_prob: `(N,)`, log-density of that action.
        alpha: temperature, the weight of the entropy.
        gamma: discount factor per step.

    Returns:
        `(N,)`, in the dtype of `rewards`, a constant: no gradient flows through it.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU, or two whose shapes don't fit.

    Source: Haarnoja et al. 2018, arXiv:1812.05905, eq. 3 and 5.
    """
    refuse_what_kernels_cannot_read(rewards, dones, next_q1, next_q2, next_log_prob)
    return _bootstrapped(rewards, dones, next_q1, gamma, next_q2=next_q2, next_log_prob=next_log_prob, alpha=alpha)


class _TDError(torch.autograd.Function):
    @staticmethod
    def forward(_ctx: Any, rewards: Tensor, values: Tensor, next_values: Tensor, dones: Tensor, gamma: float) -> Tensor:
        return _bootstrapped(rewards, dones, next_values, gamma, values=values)

    @staticmethod
    @once_differentiable
    def backward(_ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        return None, -grad_output, None, None, None


class _SarsaTDError(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        rewards: Tensor,
        q_values: Tensor,
        actions: Tensor,
        next_q_values: Tensor,
        next_actions: Tensor,
        dones: Tensor,
        gamma: float,
    ) -> Tensor:
        ctx.save_for_backward(q_values, actions)
        errors = torch.empty(rewards.shape, dtype=rewards.dtype, device=rewards.device)
        n = len(rewards)
        if n:
            with torch.cuda.device_of(rewards):
                _gathered_errors[(triton.cdiv(n, SAMPLES),)](
                    rewards, q_values, actions, next_q_values, next_actions, dones, errors,
                    rewards.stride(0), *q_values.stride(), actions.stride(0), *next_q_values.stride(),
                    next_actions.stride(0), dones.stride(0), n, q_values.shape[1], next_q_values.shape[1],
                    float(gamma), BLOCK=min(SAMPLES, power_of_two(n)), num_warps=4,
                )  # fmt: skip
        return errors

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        q_values, actions = ctx.saved_tensors
        dq = torch.empty(q_values.shape, dtype=q_values.dtype, device=q_values.device)
        n, available = q_values.shape
        if dq.numel():
            rows, columns = _tile(n, available)
            blocks = triton.cdiv(available, columns)
            with torch.cuda.device_of(q_values):
                _scattered_gradient[(triton.cdiv(n, rows) * blocks,)](
                    grad_output, actions, dq, grad_output.stride(0), actions.stride(0), n, available, blocks,
                    ROWS=rows, COLUMNS=columns, num_warps=4,
                )  # fmt: skip
        return None, dq, None, None, None, None, None


def _bootstrapped(
    rewards: Tensor,
    dones: Tensor,
    next_values: Tensor,
    gamma: float,
    *,
    values: Tensor | None = None,
    next_q2: Tensor | None = None,
    next_log_prob: Tensor | None = None,
    alpha: float = 0.0,
) -> Tensor:
    """Reward and what is expected after it, minus `values` where they are given."""
    result = torch.empty(rewards.shape, dtype=rewards.dtype, device=rewards.device)
    if not rewards.numel():
        return result
    given = (rewards, dones, next_values, next_q2, next_log_prob, values)
    flat = _as_matrices(rewards.shape, given)
    n, count = next(each.shape for each in flat if each is not None)
    strides = [stride for each in flat for stride in ((0, 0) if each is None else each.stride())]
    rows, columns = _tile(n, count)
    blocks = triton.cdiv(count, columns)
    with torch.cuda.device_of(rewards):
        _bootstrapped_kernel[(triton.cdiv(n, rows) * blocks,)](
            *flat, result, *strides, n, count, blocks, float(gamma), float(alpha),
            ROWS=rows, COLUMNS=columns, num_warps=4,
        )  # fmt: skip
    return result


def _as_matrices(shape: torch.Size, tensors: tuple[Tensor | None, ...]) -> list[Tensor | None]:
    """All of one shape with two axes: a single row, if they lie in memory one element after the other."""
    wide = [None if tensor is None else tensor.expand(shape) for tensor in tensors]
    dense = all(tensor is None or tensor.is_contiguous() for tensor in wide)
    rows = 1 if dense else shape[0]
    return [None if tensor is None else tensor.reshape(rows, -1) for tensor in wide]


def _tile(rows: int, columns: int) -> tuple[int, int]:
    """Rows and columns that a program takes: as much of a row as there is, and as many rows as fit."""
    wide = min(TILE, power_of_two(columns))
    return min(TILE // wide, power_of_two(rows)), wide


@triton.jit
def _bootstrapped_kernel(
    rewards_ptr, dones_ptr, next_ptr, second_ptr, log_prob_ptr, values_ptr, result_ptr,
    rewards_row, rewards_column, dones_row, dones_column, next_row, next_column, second_row, second_column,
    log_prob_row, log_prob_column, values_row, values_column, rows, columns, blocks, gamma, alpha,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    program = tl.program_id(0)
    row = ((program // blocks).to(tl.int64) * ROWS + tl.arange(0, ROWS))[:, None]
    column = ((program % blocks).to(tl.int64) * COLUMNS + tl.arange(0, COLUMNS))[None, :]
    inside = (row < rows) & (column < columns)
    rewards = tl.load(rewards_ptr + row * rewards_row + column * rewards_column, mask=inside, other=0.0)
    dones = tl.load(dones_ptr + row * dones_row + column * dones_column, mask=inside, other=0.0)
    bootstrap = tl.load(next_ptr + row * next_row + column * next_column, mask=inside, other=0.0).to(tl.float32)
    if second_ptr is not None:
        second = tl.load(second_ptr + row * second_row + column * second_column, mask=inside, other=0.0)
        bootstrap = tl.minimum(bootstrap, second.to(tl.float32), propagate_nan=tl.PropagateNan.ALL)
    if log_prob_ptr is not None:
        log_prob = tl.load(log_prob_ptr + row * log_prob_row + column * log_prob_column, mask=inside, other=0.0)
        bootstrap -= alpha * log_prob.to(tl.float32)
    result = rewards.to(tl.float32) + gamma * (1.0 - dones.to(tl.float32)) * bootstrap
    if values_ptr is not None:
        values = tl.load(values_ptr + row * values_row + column * values_column, mask=inside, other=0.0)
        result -= values.to(tl.float32)
    tl.store(result_ptr + row * columns + column, result.to(result_ptr.dtype.element_ty), mask=inside)


@triton.jit
def _taken(q_ptr, row_stride, column_stride, row, action, there, available):
    """Q of the actions that were taken, and NaN where there is no such action."""
    exists = there & (action >= 0) & (action < available)
    return tl.load(q_ptr + row * row_stride + action * column_stride, mask=exists, other=float("nan")).to(tl.float32)


@triton.jit
def _gathered_errors(
    rewards_ptr, q_ptr, actions_ptr, next_q_ptr, next_actions_ptr, dones_ptr, errors_ptr, rewards_stride,
    q_row, q_column, actions_stride, next_row, next_column, next_actions_stride, dones_stride,
    n, available, next_available, gamma, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    there = row < n
    action = tl.load(actions_ptr + row * actions_stride, mask=there, other=0).to(tl.int64)
    following = tl.load(next_actions_ptr + row * next_actions_stride, mask=there, other=0).to(tl.int64)
    taken = _taken(q_ptr, q_row, q_column, row, action, there, available)
    bootstrap = _taken(next_q_ptr, next_row, next_column, row, following, there, next_available)
    rewards = tl.load(rewards_ptr + row * rewards_stride, mask=there, other=0.0).to(tl.float32)
    dones = tl.load(dones_ptr + row * dones_stride, mask=there, other=0.0).to(tl.float32)
    errors = rewards + gamma * (1.0 - dones) * bootstrap - taken
    tl.store(errors_ptr + row, errors.to(errors_ptr.dtype.element_ty), mask=there)


@triton.jit
def _scattered_gradient(
    grad_ptr, actions_ptr, dq_ptr, grad_stride, actions_stride, n, available, blocks,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """−g for the action that was taken and 0 for all others, written once."""
    program = tl.program_id(0)
    row = (program // blocks).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column = (program % blocks).to(tl.int64) * COLUMNS + tl.arange(0, COLUMNS)
    action = tl.load(actions_ptr + row * actions_stride, mask=row < n, other=-1)
    grad = tl.load(grad_ptr + row * grad_stride, mask=row < n, other=0.0).to(tl.float32)
    dq = tl.where(column[None, :] == action[:, None], -grad[:, None], 0.0)
    inside = (row < n)[:, None] & (column < available)[None, :]
    tl.store(dq_ptr + row[:, None] * available + column[None, :], dq.to(dq_ptr.dtype.element_ty), mask=inside)
