"""The whole loss of PPO, straight from logits: one pass gives the loss and the gradients of the policy and the critic.

For N rows of A logits of s bytes each, and as many samples of an action and four numbers, 8 + 4 s bytes:

| | bytes read and written | operations |
|---|---|---|
| loss alone | N A s + N (8 + 4 s) | about 7 N A + 30 N, N A of them exponentials |
| loss with its gradients | 2 N A s + N (8 + 5 s) | about 12 N A + 40 N, N A of them exponentials |

PyTorch's operations, each by itself, read and write the logits' size some twenty times. How rows are shared out, and
what is done with rows too long for registers, is that of `categorical`, and so is the entropy.

With w = ∂min(r Â, clip(r) Â)/∂log π(a|s), which is r Â or 0, the derivative for the logit of the action b is
(π_b (w + c_e (s_b − Σ π s)) − 1_{a=b} w) / N.

Source: Schulman et al. 2017, eq. 7 and 9.
"""

from __future__ import annotations

from functools import partial

import torch
import triton
import triton.language as tl
from torch import Tensor

from reference.kernels.categorical import (
    mean_of,
    part_of,
    refuse_samples_that_do_not_fit,
    softmax_in_parts,
    softmax_whole,
    taken_logit,
    tiles_of,
)
from reference.kernels.launch import refuse_what_kernels_cannot_read
from reference.kernels.losses import loss_of


def ppo_loss(
    logits: Tensor,
    actions: Tensor,
    old_log_prob: Tensor,
    advantages: Tensor,
    values: Tensor,
    returns: Tensor,
    epsilon: float,
    value_coef: float,
    entropy_coef: float,
) -> Tensor:
    """The whole loss of PPO, −L_clip + c_v ½ mean (V − R)² − c_e mean H; to be minimised.

    Args:
        logits: `(N, A)`, unnormalised log-probabilities of the policy that is trained.
        actions: `(N,)` int64, the actions taken; one that is not in `[0, A)` makes the loss NaN.
        old_log_prob: `(N,)`, their log-probabilities under the policy that collected the data; a constant.
        advantages: `(N,)`, constants.
        values: `(N,)`, what the critic predicts, differentiable.
        returns: `(N,)`, what it should have predicted; constants.
        epsilon: how far from 1 the ratio counts.
        value_coef: weight of the critic's loss.
        entropy_coef: weight of the entropy bonus.

    Returns:
        `()`, in the dtype of `logits`; differentiable with respect to `logits` and `values`, with PyTorch's own
        choice of a subgradient where the clip and the minimum have several.

    Raises:
        TypeError: a dtype that kernels don't read, or actions that are not whole numbers.
        ValueError: not one of each for each row of logits.
        RuntimeError: a tensor on the CPU.

    Source: Schulman et al. 2017, eq. 9, with the sign of a loss.
    """
    samples = {"old_log_prob": old_log_prob, "advantages": advantages, "values": values, "returns": returns}
    refuse_what_kernels_cannot_read(logits, *samples.values())
    refuse_samples_that_do_not_fit(logits, actions=actions, **samples)
    numbers = (1.0 - epsilon, 1.0 + epsilon, float(value_coef), float(entropy_coef))
    return loss_of(partial(_launch, numbers), logits, actions, *samples.values())


def _launch(
    numbers: tuple[float, ...], logits: Tensor, *samples: Tensor, wanted: tuple[bool, ...], grad_output: Tensor | None
) -> tuple[Tensor, tuple[Tensor | None, ...]]:
    count, values = len(logits), samples[3]
    dlogits = torch.empty(logits.shape, dtype=logits.dtype, device=logits.device) if wanted[0] else None
    dvalues = torch.empty(values.shape, dtype=values.dtype, device=values.device) if wanted[4] else None
    programs, constants = tiles_of(logits) if logits.numel() else (0, {})
    sums = torch.empty(programs, dtype=torch.float32, device=logits.device)
    if programs:
        strides = (logits.stride(1), *(sample.stride(0) for sample in samples))
        with torch.cuda.device_of(logits):
            _ppo[(programs,)](
                logits, *samples, sums, dlogits, dvalues, grad_output, *strides, count, 1.0 / count, *numbers,
                **constants,
            )  # fmt: skip
    return mean_of(sums, count, logits.dtype), (dlogits, None, None, None, dvalues, None)


@triton.jit
def _clipped(ratio, advantages, lowest, highest):
    """min(r Â, clip(r) Â), and its derivative for log r: r Â within the bounds, and beyond them half of it at a tie."""
    clipped_ratio = tl.where(ratio < lowest, lowest, tl.where(ratio > highest, highest, ratio))
    free = ratio * advantages
    clipped = clipped_ratio * advantages
    beyond = tl.where(free > clipped, 0.0, tl.where(free == clipped, 0.5 * free, free))
    return tl.where(clipped < free, clipped, free), tl.where(ratio == clipped_ratio, free, beyond)


@triton.jit
def _ppo(
    z_ptr, actions_ptr, old_log_prob_ptr, advantages_ptr, values_ptr, returns_ptr, sums_ptr, dz_ptr, dvalues_ptr,
    grad_ptr, z_column, action_stride, old_log_prob_stride, advantage_stride, value_stride, return_stride, count,
    weight, lowest_ratio, highest_ratio, value_coef, entropy_coef,
    ROW: tl.constexpr, WIDTH: tl.constexpr, BLOCK_ROWS: tl.constexpr, BLOCK: tl.constexpr, BY_COLUMN: tl.constexpr,
):  # fmt: skip
    """The losses of some samples, added up, and those gradients of the mean for which there is a place."""
    rows = tl.program_id(0).to(tl.int64) * BLOCK_ROWS + tl.arange(0, BLOCK_ROWS)
    there = rows < count
    z_ptrs = z_ptr + rows * ROW
    action = tl.load(actions_ptr + rows * action_stride, mask=there, other=0).to(tl.int64)
    old_log_prob = tl.load(old_log_prob_ptr + rows * old_log_prob_stride, mask=there, other=0.0).to(tl.float32)
    advantages = tl.load(advantages_ptr + rows * advantage_stride, mask=there, other=0.0).to(tl.float32)
    values = tl.load(values_ptr + rows * value_stride, mask=there, other=0.0).to(tl.float32)
    returns = tl.load(returns_ptr + rows * return_stride, mask=there, other=0.0).to(tl.float32)
    taken = taken_logit(z_ptrs, action, there, z_column, WIDTH)
    if BLOCK >= WIDTH:
        highest, log_total, mean, shifted, probs = softmax_whole(
            z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK, BY_COLUMN
        )
    else:
        highest, log_total, mean = softmax_in_parts(z_ptrs, there, z_column, WIDTH, BLOCK_ROWS, BLOCK)
    # the two that may be large come first, so that little is lost of their difference
    ratio = tl.exp((taken - highest - old_log_prob) - log_total)
    objective, along_taken = _clipped(ratio, advantages, lowest_ratio, highest_ratio)
    error = values - returns
    loss = 0.5 * value_coef * error * error - objective - entropy_coef * (log_total - mean)
    tl.store(sums_ptr + tl.program_id(0), tl.sum(tl.where(there, loss, 0.0), axis=0))
    if grad_ptr is not None:
        weight = weight * tl.load(grad_ptr).to(tl.float32)
    if dvalues_ptr is not None:
        dvalues = weight * value_coef * error
        tl.store(dvalues_ptr + rows, dvalues.to(dvalues_ptr.dtype.element_ty), mask=there)
    if dz_ptr is not None:
        bonus = entropy_coef * weight
        along_taken = along_taken * weight
        steady = (along_taken - bonus * mean)[:, None]
        along_taken = along_taken[:, None]
        places = dz_ptr + rows[:, None] * WIDTH
        if BLOCK >= WIDTH:
            columns = tl.arange(0, BLOCK).to(tl.int64)[None, :]
            inside = there[:, None] & (columns < WIDTH)
            dz = probs * (bonus * shifted + steady)
            dz = tl.where(columns == action[:, None], dz - along_taken, dz)
            tl.store(places + columns, dz.to(dz_ptr.dtype.element_ty), mask=inside)
        else:
            for read in range(0, WIDTH, BLOCK):
                start = (WIDTH - 1) // BLOCK * BLOCK - read
                columns, inside, shifted, probs = part_of(
                    start, z_ptrs, there, z_column, highest, log_total, WIDTH, BLOCK
                )
                dz = probs * (bonus * shifted + steady)
                dz = tl.where(columns == action[:, None], dz - along_taken, dz)
                tl.store(places + columns, dz.to(dz_ptr.dtype.element_ty), mask=inside)
