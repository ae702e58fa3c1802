"""What every kernel needs before it is launched: tensors it can read, blocks of a fitting size, the number of programs.

A tensor on the device "meta" has shapes and no values: launching with one shows how a kernel would be launched.
"""

from __future__ import annotations

import torch
import triton
from torch import Tensor

DTYPES = (torch.float32, torch.bfloat16, torch.float16)
"""What kernels read and write; they compute in float32."""

MULTIPROCESSORS = 132
"""Of an H200, taken where there is no GPU to ask."""

SHARED_MEMORY = 99 * 1024
"""Bytes a program may use on a laptop's GPU (capability 8.6), taken where there is no GPU to ask; an H200 has 227."""


def refuse_what_kernels_cannot_read(*tensors: Tensor) -> None:
    """Look at the floating inputs of a kernel.

    Raises:
        TypeError: one is neither float32 nor bfloat16 nor float16.
        RuntimeError: one is on a device where kernels don't run.
    """
    for tensor in tensors:
        if tensor.dtype not in DTYPES:
            raise TypeError(f"a kernel takes float32, bfloat16 or float16 tensors, and got {tensor.dtype}")
        if tensor.device.type == "cpu" and not triton.knobs.runtime.interpret:
            raise RuntimeError(
                "a kernel runs on a GPU, and got a tensor on the CPU: move it there with `.cuda()`, "
                "or set TRITON_INTERPRET=1 before Python starts, which is slow and for tests"
            )


def rows_of(tensor: Tensor) -> Tensor:
    """`(..., d)` as `(rows, d)`, without a copy where strides allow it."""
    return tensor.reshape(-1, tensor.shape[-1]) if tensor.numel() else tensor.new_empty(0, tensor.shape[-1])


def power_of_two(size: int) -> int:
    """The least power of two that is not smaller: what the sizes of blocks have to be."""
    return 1 << max(0, size - 1).bit_length()


def programs_for(work: int, device: torch.device, each: int = 4) -> int:
    """How many programs share `work` equal pieces: `each` for every multiprocessor, and no more than pieces."""
    if device.type == "cuda":
        multiprocessors = torch.cuda.get_device_properties(device).multi_processor_count
    else:
        multiprocessors = MULTIPROCESSORS if device.type == "meta" else 1
    return max(1, min(work, each * multiprocessors))


def shared_memory(device: torch.device) -> int:
    """How many bytes of a multiprocessor's shared memory one program may use."""
    if device.type != "cuda":
        return SHARED_MEMORY
    properties = torch.cuda.get_device_properties(device)
    most: int = properties.shared_memory_per_block_optin  # type: ignore[attr-defined]  # not in its stubs
    return most
