"""What the kernels reach on a GPU: time, rate, and share of the ceiling, beside PyTorch and its library.

    python benchmarks/gpu.py [--quick] [--only NAME]… [--json FILE] [--minutes N]

Prints Markdown for docs/gpu.md. Ceilings are measured in the same run: a copy on the device, and a product of matrices
in each dtype. Every competitor is first compared with the reference in float64. Figures are medians, beside them half
of what lies between the quartiles; competitors take turns. `torch.compile` takes part as long as there is time for it.
Needs PyTorch for CUDA with Triton, and nothing that has to be installed of this project.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # `reference` is not installed on such machines

import torch

from benchmarks.kernels.measuring import ALLOWED, Clock, EventClock, Task, competitors, free, measure
from benchmarks.kernels.results import Ceilings, Result, Row, Run, Times
from benchmarks.kernels.table import markdown
from benchmarks.kernels.workloads import WORKLOADS

NO_GPU = 2
"""Exit code."""

COPIED = 1 << 31
"""Bytes of the copy that shows what memory does."""

SIDE = 8192
"""Of the matrices whose product shows what the matrix units do."""

REPETITIONS = 20
"""Of each ceiling."""

ASKED = (
    "driver_version",
    "clocks.sm",
    "clocks.max.sm",
    "clocks.mem",
    "clocks.max.mem",
    "power.limit",
    "temperature.gpu",
)
"""What `nvidia-smi` is asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="bfloat16 alone, and without torch.compile")
    parser.add_argument("--only", action="append", choices=[each.name for each in WORKLOADS], metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=float, default=9.0, help="after which nothing more is begun (9)")
    given = parser.parse_args(arguments)
    if not torch.cuda.is_available():
        print(f"This measures kernels on a GPU, and PyTorch {torch.__version__} finds none: {_why()}", file=sys.stderr)
        return NO_GPU
    pace = Pace(given.minutes * 60)
    tasks = [each for each in _tasks(given.quick) if given.only is None or each.workload.name in given.only]
    device, before = torch.device("cuda"), _environment()
    ceilings = _ceilings(EventClock())
    rows = tuple(_rows(tasks, device, EventClock(), pace, compiled=not given.quick, budget=0.2 if given.quick else 0.6))
    run = Run(before | {"clocks after": _asked()[1]}, ceilings, rows)
    print(markdown(run), end="")
    if given.json is not None:
        given.json.write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")
    return 0


def _why() -> str:
    if torch.version.cuda is None:
        return "it was built without CUDA. Install PyTorch's build for the CUDA of a machine with an NVIDIA GPU."
    return "see what `nvidia-smi` shows, and whether CUDA_VISIBLE_DEVICES hides it."


@dataclass(frozen=True, slots=True)
class Pace:
    """How far along the run should be."""

    seconds: float
    started: float = field(default_factory=time.perf_counter)

    def ended(self) -> bool:
        """Whether all the time is used."""
        return time.perf_counter() - self.started > self.seconds

    def ahead(self, done: int, of: int) -> bool:
        """Whether there is time for what can be left out."""
        return time.perf_counter() - self.started < self.seconds * (done + 1) / of


def _tasks(quick: bool) -> list[Task]:
    return [
        Task(workload, dtype, backward)
        for dtype in ((torch.bfloat16,) if quick else (torch.bfloat16, torch.float32))
        for workload in WORKLOADS
        for backward in ((False, True) if workload.both else (False,))
    ]


def _rows(
    tasks: Sequence[Task], device: torch.device, clock: Clock, pace: Pace, *, compiled: bool, budget: float
) -> Iterator[Row]:
    """One for each task, whatever becomes of it."""
    for done, task in enumerate(tasks):
        if pace.ended():
            yield task.row([Result("kernel", failure="not measured: time was up")])
            continue
        print(f"{done + 1} of {len(tasks)}: {task.workload.name}, {task.dtype}", file=sys.stderr, flush=True)
        try:
            free()
            entrants = list(competitors(task.workload, compiled=compiled and pace.ahead(done, len(tasks))))
            row = measure(task, entrants, device, clock, budget)
        except Exception as trouble:  # noqa: BLE001 - a line in the table, and not the end
            row = task.row([Result("kernel", failure=f"not measured: {type(trouble).__name__}")])
            print(f"{type(trouble).__name__}: {trouble}", file=sys.stderr)
        yield row


def _ceilings(clock: Clock) -> Ceilings:
    copy, products = _copy(clock), {str(dtype).removeprefix("torch."): _product(clock, dtype) for dtype in ALLOWED}
    free()
    return Ceilings(copy, products)


def _copy(clock: Clock) -> float:
    source = torch.randn(COPIED // 4, device="cuda")
    target = torch.empty_like(source)
    return 2 * COPIED / _median_seconds(clock, lambda: target.copy_(source))


def _product(clock: Clock, dtype: torch.dtype) -> float:
    one, other = (torch.randn(SIDE, SIDE, device="cuda", dtype=dtype) for _ in range(2))
    return 2 * SIDE**3 / _median_seconds(clock, lambda: one @ other)


def _median_seconds(clock: Clock, call: Callable[[], object]) -> float:
    return Times.of([clock.milliseconds(call) for _ in range(3 + REPETITIONS)][3:]).median / 1000


def _environment() -> dict[str, str]:
    import triton  # noqa: PLC0415 - comes with PyTorch for CUDA, and only then

    device = torch.cuda.get_device_properties(0)
    driver, clocks = _asked()
    return {
        "GPU": f"{device.name}, {device.multi_processor_count} multiprocessors, {device.total_memory >> 30} GiB, "
        f"{device.L2_cache_size >> 20} MiB of second-level cache",
        "driver": driver,
        "versions": f"torch {torch.__version__}, triton {triton.__version__}, CUDA {torch.version.cuda}, "
        f"Python {sys.version.split()[0]}",
        "float32 products of the library": f"TF32 {'allowed' if torch.backends.cuda.matmul.allow_tf32 else 'off'}",
        "clocks before": clocks,
    }


def _asked() -> tuple[str, str]:
    """Driver, and clocks with what may throttle them, as `nvidia-smi` tells them."""
    which = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0] or "0"
    command = ["nvidia-smi", f"--id={which}", f"--query-gpu={','.join(ASKED)}", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as trouble:
        return "unknown", f"unknown: nvidia-smi, {type(trouble).__name__}"
    driver, *rest = (each.strip() for each in told.splitlines()[0].split(","))
    return driver, ", ".join(f"{what} {value}" for what, value in zip(ASKED[1:], rest, strict=True))


if __name__ == "__main__":
    sys.exit(main())
