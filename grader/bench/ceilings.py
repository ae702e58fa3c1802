"""What the device can do: a large copy and a product of matrices, timed in this run; and what nothing on it exceeds."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path
from time import process_time

import torch

from grader.bench.model import Ceilings
from grader.compare.evaluate import one_thread
from grader.guest.stopwatch import event

MB = 1 << 20

USUAL_CACHE = 32 * MB
"""The last level of a processor that doesn't say."""

LARGEST_CACHE = 256 * MB
"""More than that is shared by more cores than time one function, and would take long to write."""

REPEATS = 9

HEADROOM = 1.25
"""Times the measured ceiling of a GPU that something may still be: a copy is no perfect measure of a memory."""

HEADROOM_OF_A_CORE = 2.0
"""Times what one core was seen to copy within its own cache, for each core: no data moves faster than that."""


def cache_bytes(device: str) -> int:
    """Bytes of the largest cache between the memory and what computes."""
    if device == "cuda":
        return int(torch.cuda.get_device_properties(0).L2_cache_size)
    sizes = [_size(path) for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")]
    return min(max(sizes, default=USUAL_CACHE) or USUAL_CACHE, LARGEST_CACHE)


def flushed(device: str) -> int:
    """Bytes to write so that nothing else is left in a cache; on a GPU it takes longer than launching a call does."""
    return max(2 * cache_bytes(device), 512 * MB if device == "cuda" else 0)


def _size(path: Path) -> int:
    text = path.read_text(encoding="ascii").strip()
    units = {"K": 1 << 10, "M": MB, "G": 1 << 30}
    return int(text[:-1]) * units[text[-1]] if text[-1:] in units else int(text or 0)


def machine(device: str) -> str:
    """What computes, by name, and the version of PyTorch."""
    name = torch.cuda.get_device_name(0) if device == "cuda" else _processor()
    return f"{name}, PyTorch {torch.__version__}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def measure(device: str, dtype: torch.dtype) -> Ceilings:
    """Time a copy and a product; the fastest of a few."""
    return _of_gpu(dtype) if device == "cuda" else _of_processor(dtype)


def _of_processor(dtype: torch.dtype) -> Ceilings:
    """One core, since everything is timed on one; nothing exceeds all of them working within their caches."""
    with one_thread():
        return _of_core(dtype)


def _of_core(dtype: torch.dtype) -> Ceilings:
    copied = _copied(4 * cache_bytes("cpu"), "cpu")
    within_cache = max(copied, *(_copied(size, "cpu") for size in (MB // 16, MB // 4)))
    multiplied = _multiplied(512, dtype, "cpu")
    cores = HEADROOM_OF_A_CORE * (os.cpu_count() or 1)
    return Ceilings(copied, multiplied, cores * within_cache, cores * multiplied)


def _of_gpu(dtype: torch.dtype) -> Ceilings:
    copied = _copied(max(8 * cache_bytes("cuda"), 512 * MB), "cuda")
    multiplied = _multiplied(8192, dtype, "cuda")
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")  # TF32 rounds more than a right answer may, but a part of one may use it
    try:
        fastest = max(multiplied, _multiplied(8192, dtype, "cuda"))
    finally:
        torch.set_float32_matmul_precision(before)
    most = max(HEADROOM * copied, _specified_bandwidth())
    return Ceilings(copied, multiplied, most, HEADROOM * fastest, cache_bytes("cuda"))


def _specified_bandwidth() -> float:
    """Bytes per second from clock and width of the memory, two transfers in a cycle; 0 where PyTorch doesn't tell."""
    properties = torch.cuda.get_device_properties(0)
    kilohertz = getattr(properties, "memory_clock_rate", 0)
    return 2 * 1e3 * kilohertz * getattr(properties, "memory_bus_width", 0) / 8


def _copied(size: int, device: str) -> float:
    source, target = (torch.ones(size, dtype=torch.uint8, device=device) for _ in range(2))
    return 2 * size / _fastest(lambda: target.copy_(source), device)


def _multiplied(size: int, dtype: torch.dtype, device: str) -> float:
    left, right = (torch.ones(size, size, dtype=dtype, device=device) for _ in range(2))
    return float(size**3 / _fastest(lambda: left @ right, device))


def _fastest(work: Callable[[], object], device: str) -> float:
    work()
    return min(_timed(work, device) for _ in range(REPEATS))


def _timed(work: Callable[[], object], device: str) -> float:
    if device != "cuda":
        started = process_time()  # however busy the machine is
        work()
        return max(process_time() - started, 1e-9)
    before, after = event(), event()
    torch.cuda.synchronize()
    work()  # keeps the GPU busy while what is timed is launched
    before.record()
    work()
    after.record()
    torch.cuda.synchronize()
    return float(before.elapsed_time(after)) / 1e3
