"""Policies over discrete actions, straight from logits: each logit is read once, for the softmax and all that is asked.

For N rows of A logits z of s bytes each, with s_a = z_a − max z, and π the softmax:

| | bytes read and written | operations |
|---|---|---|
| entropy, forward | N A s + N s | about 7 N A, N A of them exponentials |
| entropy, backward | 2 N A s + N s | about 9 N A, N A of them exponentials |
| loss alone | N A s + N (8 + s) | about 5 N A + 20 N, N A of them exponentials |
| loss with its gradient | 2 N A s + N (8 + s) | about 8 N A + 20 N, N A of them exponentials |

Memory bounds them in float32: counted in compiled code, what is computed takes half to three quarters of the cycles for
most A that its bytes take to come and go. In bfloat16, where these are half as many, the two are about equal.

Short rows are taken many at a time, so that as many bytes are under way for 2 actions as for 2,000. Rows too long for
registers are read in parts, and what was summed up is corrected wherever a greater maximum turns up. The gradient of a
loss then reads them once more, last part first, as that is the one which is still in the cache.

Both terms of the entropy, log Σ e^s − Σ π s, are never negative, so nothing cancels; its derivative is
−π_a (s_a − Σ π s). An action that is forbidden, z_a = −∞, has π_a = 0, and −1000 in the place of s_a: e^−1000 is 0.

Sources: Milakov & Gimelshein 2018, "Online normalizer calculation for softmax", algorithm 3, for rows in parts. That a
loss brings its gradient along is the way of Hsu et al. 2024, "Liger Kernel", with the cross entropy.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.launch import power_of_two, refuse_what_kernels_cannot_read, rows_of
from reference.kernels.losses import loss_of

LONGEST = 8_192
"""Logits of a row up to which it is held in registers."""

TILE = 1_024
"""Logits that a program holds at least: short rows are taken several at a time."""

SHORT = 32
"""Logits of a row that one thread can hold. Up to there, rows that fill no block are read column by column, each thread
its own row: what is asked for at a time is as far apart as the rows are, but the next columns find it in the cache, and
what is done once for a row is not done by all the threads that share it. Compiled, PPO's loss takes a seventh of the
instructions so for 17 actions.
"""

PART = 2_048
"""Logits that are read at once of a row too long to be held."""


def categorical_entropy(logits: Tensor) -> Tensor:
    """Entropy in nats, H = −Σ_a π(a) log π(a), with 0 · log 0 = 0.

    Args:
        logits: `(..., A)`, −inf for an action that is not allowed; at least one of each row is finite.

    Returns:
        `(...)`, in the dtype of `logits`; differentiable with respect to them.

    Raises:
        TypeError: a dtype that kernels don't read.
        RuntimeError: a tensor on the CPU.

    Source: Shannon 1948, §6.
    """
    refuse_what_kernels_cannot_read(logits)
    result: Tensor = _CategoricalEntropy.apply(logits)
    return result


def policy_gradient_loss(logits: Tensor, actions: Tensor, returns: Tensor) -> Tensor:
    """Loss whose descent ascends the policy gradient, −mean log π(a|s) G; the returns are constants.

    Args:
        logits: `(N, A)`.
        actions: `(N,)` int64; one that is not in `[0, A)` makes the loss NaN.
        returns: `(N,)`, weight of each sample; no gradient flows into them.

    Returns:
        `()`, in the dtype of `logits`; differentiable with respect to them.

    Raises:
        TypeError: a dtype that kernels don't read, or actions that are not whole numbers.
        ValueError: not one action and one return for each row of logits.
        RuntimeError: a tensor on the CPU.

    Source: Williams 1992; Sutton & Barto 2018, eq. 13.8.
    """
    refuse_what_kernels_cannot_read(logits, returns)
    refuse_samples_that_do_not_fit(logits, actions=actions, returns=returns)
    return loss_of(_launch_policy_gradient, logits, actions, returns)


def refuse_samples_that_do_not_fit(logits: Tensor, actions: Tensor, **others: Tensor) -> None:
    """Look at what there has to be one of for each row of logits: a kernel would read past the end of it.

    Raises:
        TypeError: actions that are not whole numbers.
        ValueError: another shape.
    """
    if logits.dim() != 2:
        raise ValueError(f"logits are (N, A), a row for each sample, and got the shape {tuple(logits.shape)}")
    for name, tensor in {"actions": actions, **others}.items():
        if tensor.shape != logits.shape[:1]:
            raise ValueError(
                f"{name}: one for each row of logits, {tuple(logits.shape[:1])}, and got {tuple(tensor.shape)}"
            )
    if actions.is_floating_point() or actions.is_complex() or actions.dtype is torch.bool:
        raise TypeError(f"actions are indices, in int64, and got {actions.dtype}")


def tiles_of(rows: Tensor) -> tuple[int, dict[str, Any]]:
    """How many programs share rows of logits, and the constants of each: a policy's number of actions is one of them.

    Known when the kernel is compiled, it tells how rows are aligned, and so how many bytes can be asked for at a time.
    """
    count, width = rows.shape
    block = power_of_two(width) if width <= LONGEST else PART
    at_once = max(1, TILE // block) if width <= LONGEST else 1
    by_column = width < block <= SHORT
    if by_column:
        warps = at_once // 32
    else:
        each = 16 if block < 512 else 32  # a thread holds their exponentials as well, and numbers of every row
        warps = at_once * block // (32 * each) if width <= LONGEST else PART // 256
    constants = {"ROW": rows.stride(0), "WIDTH": width, "BLOCK_ROWS": at_once, "BLOCK": block, "BY_COLUMN": by_column}
    return triton.cdiv(count, at_once), {**constants, "num_warps": max(1, warps)}


class _CategoricalEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        entropy = torch.zeros(logits.shape[:-1], dtype=logits.dtype, device=logits.device)
        rows = rows_of(logits)
        statistics = None
        if rows.numel():
            programs, constants = tiles_of(rows)
            if ctx.needs_input_grad[0] and constants["BLOCK"] < rows.shape[1]:
                statistics = torch.empty(3, len(rows), dtype=torch.float32, device=rows.device)
            with torch.cuda.device_of(rows):
                _entropy[(programs,)](rows, entropy, statistics, rows.stride(1), len(rows), **constants)
        ctx.save_for_backward(logits, statistics)
        return entropy

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        logits, statistics = ctx.saved_tensors
        gradient = torch.empty(logits.shape, dtype=logits.dtype, device=logits.device)
        rows, grads = rows_of(logits), grad_output.reshape(-1)
        if rows.numel():
            programs, constants = tiles_of(rows)
            parts = triton.cdiv(rows.shape[1], constants["BLOCK"])
            with torch.cuda.device_of(rows):
                _entropy_backward[(programs, parts)](
                    grads, rows, statistics, gradient, grads.stride(0), rows.stride(1), len(rows), **constants
                )
        return gradient


def _launch_policy_gradient(
    *tensors: Tensor, wanted: tuple[bool, ...], grad_output: Tensor | None
) -> tuple[Tensor, tuple[Tensor | None, ...]]:
    logits, actions, returns = tensors
    count = len(logits)
    gradient = torch.empty(logits.shape, dtype=logits.dtype, device=logits.device) if wanted[0] else None
    programs, constants = tiles_of(logits) if logits.numel() else (0, {})
    sums = torch.empty(programs, dtype=torch.float32, device=logits.device)
    if programs:
        strides = (logits.stride(1), actions.stride(0), returns.stride(0))
        with torch.cuda.device_of(logits):
            _policy_gradient[(programs,)](
                logits, actions, returns, sums, gradient, grad_output, *strides, count, 1.0 / count, **constants
            )
    return mean_of(sums, count, logits.dtype), (gradient, None, None)


def mean_of(sums: Tensor, count: int, dtype: torch.dtype) -> Tensor:
    """The mean over samples, of the sums that each program left; of no samples it is NaN."""
    return (sums.sum() / count).to(dtype)


@triton.jit
def softmax_whole(
    z_ptrs, there, z_column, WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr,
    BY_COLUMN: tl.constexpr,
):  # fmt: skip
    """Of each row: max z, log Σ e^s and Σ π s, where s = z − max z; and s, made finite where π is 0 anyway, and π."""
    if BY_COLUMN:
        z = _columns(z_ptrs, there, z_column, 0, 1, WIDTH, BLOCK_ROWS, BLOCK)
        z = tl.reshape(z, (BLOCK_ROWS, BLOCK)).to(tl.float32)
    else:
        columns = tl.arange(0, BLOCK).to(tl.int64)[None, :]
        inside = there[:, None] & (columns < WIDTH)
        z = tl.load(z_ptrs[:, None] + columns * z_column, mask=inside, other=float("-inf")).to(tl.float32)
    highest = tl.max(z, axis=1)
    shifted = z - highest[:, None]
    weights = tl.exp(shifted)
    shifted = tl.maximum(shifted, -1000.0)
    total = tl.sum(weights, axis=1)
    inverse = 1.0 / total
    return highest, tl.log(total), tl.sum(weights * shifted, axis=1) * inverse, shifted, weights * inverse[:, None]


@triton.jit
def _columns(
    z_ptrs, there, z_column, FIRST: tl.constexpr, STEP: tl.constexpr,
    WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Every STEP-th column from the first on; joined so, the columns of a row end up in one thread, and in order."""
    if STEP < BLOCK:
        even = _columns(z_ptrs, there, z_column, FIRST, 2 * STEP, WIDTH, BLOCK_ROWS, BLOCK)
        odd = _columns(z_ptrs, there, z_column, FIRST + STEP, 2 * STEP, WIDTH, BLOCK_ROWS, BLOCK)
        z = tl.join(even, odd)
    elif FIRST < WIDTH:
        place = tl.full((BLOCK_ROWS,), FIRST, tl.int64) * z_column
        z = tl.load(z_ptrs + place, mask=there, other=float("-inf"))
    else:
        z = tl.full((BLOCK_ROWS,), float("-inf"), tl.float32).to(z_ptrs.dtype.element_ty)
    return z


@triton.jit
def softmax_in_parts(z_ptrs, there, z_column, WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr):
    """Max z, log Σ e^s and Σ π s of rows that are read in parts, as `softmax_whole` gives them."""
    columns = tl.arange(0, BLOCK).to(tl.int64)[None, :]
    inside = there[:, None]
    highest = tl.full((BLOCK_ROWS,), float("-inf"), tl.float32)
    total = tl.zeros((BLOCK_ROWS, BLOCK), tl.float32)
    weighted = tl.zeros((BLOCK_ROWS, BLOCK), tl.float32)
    part = tl.load(z_ptrs[:, None] + columns * z_column, mask=inside & (columns < WIDTH), other=float("-inf"))
    for start in range(0, WIDTH, BLOCK):
        z = part.to(tl.float32)
        at = start + BLOCK + columns  # the next part, on its way while this one is summed up
        part = tl.load(z_ptrs[:, None] + at * z_column, mask=inside & (at < WIDTH), other=float("-inf"))
        greater = tl.maximum(highest, tl.max(z, axis=1))
        base = tl.where(greater == float("-inf"), 0.0, greater)  # until an action is allowed
        grown = tl.where(highest == float("-inf"), 0.0, base - highest)
        kept = tl.exp(highest - base)
        shifted = z - base[:, None]
        weights = tl.exp(shifted)
        # Σ e^(z − new) (z − new), of what came before, from Σ e^(z − old) (z − old) and Σ e^(z − old)
        weighted = (weighted - grown[:, None] * total) * kept[:, None] + weights * tl.maximum(shifted, -1000.0)
        total = total * kept[:, None] + weights
        highest = greater
    sums = tl.sum(total, axis=1)
    return highest, tl.log(sums), tl.sum(weighted, axis=1) / sums


@triton.jit
def part_of(start, z_ptrs, there, z_column, highest, log_total, WIDTH: tl.constexpr, BLOCK: tl.constexpr):
    """A part of rows once more, for the gradient: its columns, which of them there are, s and π."""
    at = (start + tl.arange(0, BLOCK).to(tl.int64))[None, :]
    inside = there[:, None] & (at < WIDTH)
    z = tl.load(z_ptrs[:, None] + at * z_column, mask=inside, other=float("-inf")).to(tl.float32)
    shifted = z - highest[:, None]
    return at, inside, tl.maximum(shifted, -1000.0), tl.exp(shifted - log_total[:, None])


@triton.jit
def taken_logit(z_ptrs, action, there, z_column, WIDTH: tl.constexpr):
    """The logit of the action that was taken, which the row's being read brings into the cache; NaN where none is."""
    known = there & (action >= 0) & (action < WIDTH)
    return tl.load(z_ptrs + action * z_column, mask=known, other=float("nan")).to(tl.float32)


@triton.jit
def _entropy(
    z_ptr, entropy_ptr, statistics_ptr, z_column, count,
    ROW: tl.constexpr, WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr, BY_COLUMN: tl.constexpr,
):  # fmt: skip
    rows = tl.program_id(0).to(tl.int64) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)
    there = rows < count
    z_ptrs = z_ptr + rows * ROW
    if BLOCK >= WIDTH:
        highest, log_total, mean, _, _ = softmax_whole(z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK, BY_COLUMN)
    else:
        highest, log_total, mean = softmax_in_parts(z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK)
    tl.store(entropy_ptr + rows, (log_total - mean).to(entropy_ptr.dtype.element_ty), mask=there)
    if statistics_ptr is not None:
        tl.store(statistics_ptr + rows, highest, mask=there)
        tl.store(statistics_ptr + count + rows, log_total, mask=there)
        tl.store(statistics_ptr + 2 * count + rows, mean, mask=there)


@triton.jit
def _entropy_backward(
    grad_ptr, z_ptr, statistics_ptr, gradient_ptr, grad_stride, z_column, count,
    ROW: tl.constexpr, WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr, BY_COLUMN: tl.constexpr,
):  # fmt: skip
    """Of rows in parts, a program takes one part: what it needs to know of all of them was kept."""
    rows = tl.program_id(0).to(tl.int64) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)
    there = rows < count
    z_ptrs = z_ptr + rows * ROW
    if BLOCK >= WIDTH:
        _, _, mean, shifted, probs = softmax_whole(z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK, BY_COLUMN)
        columns = tl.arange(0, BLOCK).to(tl.int64)[None, :]
        inside = there[:, None] & (columns < WIDTH)
    else:
        highest = tl.load(statistics_ptr + rows, mask=there, other=0.0)
        log_total = tl.load(statistics_ptr + count + rows, mask=there, other=0.0)
        mean = tl.load(statistics_ptr + 2 * count + rows, mask=there, other=0.0)
        start = tl.program_id(1).to(tl.int64) * BLOCK
        columns, inside, shifted, probs = part_of(
            start, z_ptrs, there, z_column, highest, log_total, WIDTH, BLOCK
        )  # fmt: skip
    grad = tl.load(grad_ptr + rows * grad_stride, mask=there, other=0.0).to(tl.float32)
    gradient = grad[:, None] * probs * (mean[:, None] - shifted)
    tl.store(gradient_ptr + rows[:, None] * WIDTH + columns, gradient.to(gradient_ptr.dtype.element_ty), mask=inside)


@triton.jit
def _policy_gradient(
    z_ptr, actions_ptr, returns_ptr, sums_ptr, gradient_ptr, grad_ptr, z_column, action_stride, return_stride, count,
    weight,
    ROW: tl.constexpr, WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr, BY_COLUMN: tl.constexpr,
):  # fmt: skip
    """−Σ log π(a|s) G of some samples, and the gradient of the mean if there is a place for it: (π − 1_a) G / N."""
    rows = tl.program_id(0).to(tl.int64) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)
    there = rows < count
    z_ptrs = z_ptr + rows * ROW
    action = tl.load(actions_ptr + rows * action_stride, mask=there, other=0).to(tl.int64)
    returns = tl.load(returns_ptr + rows * return_stride, mask=there, other=0.0).to(tl.float32)
    taken = taken_logit(z_ptrs, action, there, z_column, WIDTH)
    if BLOCK >= WIDTH:
        highest, log_total, _mean, _shifted, probs = softmax_whole(
            z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK, BY_COLUMN
        )
    else:
        highest, log_total, _mean = softmax_in_parts(z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK)
    log_prob = taken - highest - log_total
    tl.store(sums_ptr + tl.program_id(0), -tl.sum(tl.where(there, log_prob * returns, 0.0), axis=0))
    if gradient_ptr is not None:
        scale = returns * weight
        if grad_ptr is not None:
            scale = scale * tl.load(grad_ptr).to(tl.float32)
        scale = tl.where(taken == taken, scale, float("nan"))[:, None]
        places = gradient_ptr + rows[:, None] * WIDTH
        if BLOCK >= WIDTH:
            columns = tl.arange(0, BLOCK).to(tl.int64)[None, :]
            inside = there[:, None] & (columns < WIDTH)
            gradient = tl.where(columns == action[:, None], probs - 1.0, probs) * scale
            tl.store(places + columns, gradient.to(gradient_ptr.dtype.element_ty), mask=inside)
        else:
            for read in range(0, WIDTH, BLOCK):
                start = (WIDTH - 1) // BLOCK * BLOCK - read
                columns, inside, _shifted, probs = part_of(
                    start, z_ptrs, there, z_column, highest, log_total, WIDTH, BLOCK
                )
                gradient = tl.where(columns == action[:, None], probs - 1.0, probs) * scale
                tl.store(places + columns, gradient.to(gradient_ptr.dtype.element_ty), mask=inside)
