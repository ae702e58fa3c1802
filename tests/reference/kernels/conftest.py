"""Mends what Triton's interpreter, which runs the kernels where there is no GPU, does to bfloat16."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import torch

if find_spec("triton") is not None:
    import triton.language as tl
    from triton.runtime import interpreter
elif os.environ.get("GRADER_NO_SKIPS"):
    raise RuntimeError("Triton is not installed, and no test may be left out here.")
else:
    collect_ignore_glob = ["test_*.py"]  # Triton is there for Linux alone


@pytest.fixture(autouse=True, scope="session")
def bfloat16_as_on_a_gpu() -> Iterator[None]:
    """Multiply it, where the interpreter takes its bits for integers, and round to nearest, where it cuts bits off."""
    builder = interpreter.InterpreterBuilder
    multiply, cast = builder.create_dot, builder.cast_impl

    def multiply_widened(self: Any, a: Any, b: Any, *others: Any) -> Any:
        return multiply(self, _widened(a), _widened(b), *others)

    def cast_to_nearest(self: Any, source: Any, target: Any) -> Any:
        if source.dtype.scalar == tl.bfloat16 and target.scalar == tl.float32:
            return _widened(source)
        if source.dtype.scalar == tl.float32 and target.scalar == tl.bfloat16:
            return _narrowed(source)
        return cast(self, source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "create_dot", multiply_widened)
        patch.setattr(builder, "cast_impl", cast_to_nearest)
        yield


def _widened(handle: Any) -> Any:
    """A bfloat16 as a float32, which is the same number; anything else as it is."""
    if handle.dtype.scalar != tl.bfloat16:
        return handle
    widened = torch.from_numpy(handle.data.copy()).view(torch.bfloat16).float()
    return interpreter.TensorHandle(widened.numpy(), tl.float32)


def _narrowed(handle: Any) -> Any:
    narrowed = torch.from_numpy(handle.data.copy()).bfloat16().view(torch.uint16)
    return interpreter.TensorHandle(narrowed.numpy(), tl.bfloat16)
