"""What a child does about its GPU, as far as that shows without one: torch.cuda is replaced where it asks a driver."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
import torch

from grader.guest import gpu
from grader.guest.trouble import described

GB = 1 << 30


@pytest.fixture
def fractions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """Stands for a driver with two GPUs; collects how much of each may be used."""
    kept: list[tuple[float, int]] = []
    monkeypatch.setattr(torch.cuda, "init", lambda: None)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda number: SimpleNamespace(total_memory=(16 * GB, 2 * GB)[number])
    )
    monkeypatch.setattr(
        torch.cuda, "set_per_process_memory_fraction", lambda share, number: kept.append((share, number))
    )
    monkeypatch.setattr(gpu, "_warm_up", lambda: None)
    monkeypatch.setattr(gpu, "_ready", [])
    monkeypatch.setenv("CUDA_LAUNCH_BLOCKING", "")
    return kept


def test_memory_is_bounded_on_each_gpu_as_a_share_of_what_it_has(fractions: list[tuple[float, int]]) -> None:
    assert gpu.prepare(4 * GB) is None
    assert fractions == [(0.25, 0), (1.0, 1)]
    assert os.environ["CUDA_LAUNCH_BLOCKING"] == "1"


def test_speed_is_measured_without_waiting_for_each_operation(fractions: list[tuple[float, int]]) -> None:
    assert gpu.prepare(4 * GB, in_step=False) is None
    assert fractions
    assert os.environ["CUDA_LAUNCH_BLOCKING"] == "0"


def test_what_the_driver_says_is_handed_on(fractions: list[tuple[float, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("CUDA unknown error")

    monkeypatch.setattr(torch.cuda, "init", fail)
    assert gpu.prepare(GB) == "RuntimeError: CUDA unknown error"
    assert fractions == []
    assert gpu.failure() is None  # it isn't asked where it was never ready


def test_a_call_waits_for_its_own_device_alone(
    fractions: list[tuple[float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waits.append("waited"))
    gpu.finish("cpu")
    assert waits == []
    gpu.finish("cuda")
    assert waits == ["waited"]
    gpu.prepare(GB)
    assert gpu.failure() is None
    assert waits == ["waited"] * 2
    assert fractions


def test_memory_of_a_gpu_that_is_used_up_is_told_like_the_computers() -> None:
    error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1024.00 MiB. GPU 0 has a total capacity of")
    assert described(error, "/folder")["type"] == "MemoryError"
