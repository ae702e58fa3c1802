"""Mistakes with devices, as PyTorch words them and as a student is told of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.model.evidence import DeviceMismatch, ExceptionRaised, Setting
from grader.model.wording import describe

SETTING = Setting("a case", "float32", {})
ON_GPU = torch.ones(3, 3, device="meta")
"""A device of its own, as a GPU is, which every build of PyTorch has."""


def told(kind: str, message: str) -> str:
    return describe(ExceptionRaised(SETTING, kind, message, "answers.py", 4, "return x + torch.zeros(3)"))


@pytest.mark.parametrize(
    "mixing",
    [
        lambda x: x + torch.zeros(3),
        lambda x: torch.cat([x, torch.zeros(1, 3)]),
        lambda x: torch.where(x > 0, x, torch.zeros(3, 3)),
        lambda x: torch.ones(3, 3).masked_fill(x > 0, 1.0),
    ],
)
def test_mixing_devices_is_explained_with_the_line(mixing: Callable[[torch.Tensor], torch.Tensor]) -> None:
    with pytest.raises(RuntimeError) as raised:
        mixing(ON_GPU)
    words = told("RuntimeError", str(raised.value))
    assert "one that you made on the CPU" in words
    assert "`device=x.device`" in words
    assert "at answers.py, line 4: `return x + torch.zeros(3)`." in words


@pytest.mark.parametrize(
    "message",
    [
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        "Expected all tensors to be on the same device, but got mat2 is on cpu, different from other tensors on cuda:0 "
        "(when checking argument in method wrapper_CUDA_mm)",
        "Expected condition, x and y to be on the same device, but condition is on cuda:0 and x and y are on cuda:0 "
        "and cpu respectively",
        "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
    ],
)
def test_so_are_the_words_that_cuda_has_for_it(message: str) -> None:
    assert "one that you made on the CPU" in told("RuntimeError", message)


def test_another_error_is_told_in_its_own_words() -> None:
    assert "made on the CPU" not in told("RuntimeError", "The size of tensor a (3) must match the size of tensor b (4)")
    assert "made on the CPU" not in told("ValueError", "is not on the expected device")


def test_numpy_is_named_where_it_was_given_a_tensor_on_the_gpu() -> None:
    with pytest.raises(TypeError) as raised:
        ON_GPU.numpy()
    assert "NumPy computes on the CPU" in told("TypeError", str(raised.value))


def test_a_result_on_the_cpu_is_told_with_its_cause() -> None:
    assert "your result is on cpu: you made a tensor on the CPU." in describe(DeviceMismatch(SETTING, "cuda", "cpu"))
    assert "your result is on cuda. " in describe(DeviceMismatch(SETTING, "cpu", "cuda"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously", "out of range"),
        ("CUDA error: an illegal memory access was encountered\nCUDA kernel errors", "memory that is not its own"),
        ("CUDA error: misaligned address\nCUDA kernel errors", "an address that its type does not allow"),
        ("CUDA error: unspecified launch failure\nCUDA kernel errors", "kernel ended in the middle"),
    ],
)
def test_a_gpu_that_fails_is_told_with_the_likely_cause_and_the_line(error: str, words: str) -> None:
    for kind in ("RuntimeError", "AcceleratorError"):
        found = told(kind, error)
        assert "your code made the GPU fail" in found
        assert words in found
        assert "at answers.py, line 4: `return x + torch.zeros(3)`. " in found
        assert "asynchronously" not in found
