"""Losses whose kernel gives their gradients along with their value: how PyTorch's backward pass gets to them.

The inputs are read once for both. Backward has only to multiply with ∂L/∂loss, and where that is 1, as after
`loss.backward()`, no memory is touched.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.autograd.function import once_differentiable

from reference.kernels.launch import programs_for

SCALED_AT_ONCE = 4_096
"""Elements that a program multiplies at once."""


class Launch(Protocol):
    """What runs a loss's kernel."""

    def __call__(
        self, *tensors: Tensor, wanted: tuple[bool, ...], grad_output: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor | None, ...]]:
        """The loss of `tensors`, and for each of them the gradient if it is wanted and there is one.

        Given `grad_output`, a number on the device, the gradients are multiplied with it and the loss may be anything.
        """
        ...


def loss_of(launch: Launch, *tensors: Tensor) -> Tensor:
    """The loss of `tensors`, `()`, differentiable with respect to those for which `launch` gives gradients."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        loss: Tensor = _Loss.apply(launch, *tensors)
        return loss
    return launch(*tensors, wanted=(False,) * len(tensors), grad_output=None)[0]


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, launch: Launch, *tensors: Tensor) -> Tensor:
        wanted = ctx.needs_input_grad[1:]
        # in float16 a gradient may underflow before the factor arrives that is to keep it from that
        at_once = not any(tensor.dtype is torch.float16 for tensor in tensors)
        loss, gradients = launch(*tensors, wanted=wanted if at_once else (False,) * len(tensors), grad_output=None)
        ctx.save_for_backward(*tensors)
        ctx.launch, ctx.gradients = launch, gradients if at_once else None
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        gradients, ctx.gradients = ctx.gradients, None  # given away: where the graph is retained, they are made anew
        if gradients is None:
            wanted = ctx.needs_input_grad[1:]
            _, gradients = ctx.launch(*ctx.saved_tensors, wanted=wanted, grad_output=grad_output)
        else:
            for gradient in gradients:
                _scale(gradient, grad_output)
        return None, *gradients


def _scale(gradient: Tensor | None, factor: Tensor) -> None:
    """Multiply in place, on the device: to ask there whether the factor is 1 would wait for all that is queued."""
    if gradient is None or not gradient.numel():
        return
    pieces = triton.cdiv(gradient.numel(), SCALED_AT_ONCE)
    programs = programs_for(pieces, gradient.device, 8)
    with torch.cuda.device_of(gradient):
        _scale_in_place[(programs,)](
            gradient, factor, gradient.numel(), triton.cdiv(pieces, programs), BLOCK=SCALED_AT_ONCE, num_warps=8
        )


@triton.jit
def _scale_in_place(gradient_ptr, factor_ptr, numel, steps, BLOCK: tl.constexpr):
    factor = tl.load(factor_ptr).to(tl.float32)
    programs = tl.num_programs(0)
    for step in range(tl.where(factor == 1.0, 0, steps)):
        place = (tl.program_id(0) + step * programs).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
        gradient = tl.load(gradient_ptr + place, mask=place < numel, other=0.0).to(tl.float32) * factor
        tl.store(gradient_ptr + place, gradient.to(gradient_ptr.dtype.element_ty), mask=place < numel)
