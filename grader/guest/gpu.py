"""The GPU as a child uses it: ready before a student's code runs, asked after every request whether it still works."""

from __future__ import annotations

import os

import torch

CACHES = ("CUDA_CACHE_PATH", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR")
"""Variables that say where compiled kernels are kept: nowhere that another submission would find them."""

LONGEST = 1000

_ready: list[bool] = []
"""Not empty once the context of this process is made."""


def prepare(memory: int, *, in_step: bool = True) -> str | None:
    """Make the context, bound what PyTorch allocates on each GPU to these bytes, and load what most answers call.

    Why that can't be, or None. With `in_step` an operation has ended before the next line runs, so that an error has
    the line of its cause.
    """
    os.environ["CUDA_LAUNCH_BLOCKING"] = str(int(in_step))
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]  # as below
        for number in range(torch.cuda.device_count()):
            whole = torch.cuda.get_device_properties(number).total_memory
            torch.cuda.set_per_process_memory_fraction(min(1.0, memory / whole), number)
        _warm_up()
        _ready.append(True)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:LONGEST]
    return None


def _warm_up() -> None:
    """The first matrix product and the first gradient load libraries, for up to a second."""
    for dtype in (torch.float32, torch.float64):
        x = torch.ones(4, 4, device="cuda", dtype=dtype, requires_grad=True)
        (x @ x).softmax(-1).square().sum().backward()  # type: ignore[no-untyped-call]  # torch says no types here
    torch.cuda.synchronize()


def finish(device: str) -> None:
    """Wait until everything that was started on the device has ended.

    Raises:
        RuntimeError: some of it has failed.
    """
    if device == "cuda":
        torch.cuda.synchronize()


def failure() -> str | None:
    """Why the GPU can't be used any more in this process, or None where it can: most of its errors are for good."""
    if not _ready:
        return None
    try:
        torch.cuda.synchronize()
    except Exception as error:
        return str(error).partition("\n")[0][:LONGEST] or type(error).__name__
    return None
