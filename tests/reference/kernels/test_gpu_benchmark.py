"""`benchmarks/gpu.py`, as far as it goes without a GPU: what it would run, how it counts, judges and tells."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import gpu
from benchmarks.kernels import measuring, workloads
from benchmarks.kernels.measuring import Competitor, Task, competitors, measure
from benchmarks.kernels.results import Ceilings, Result, Row, Run, Times
from benchmarks.kernels.table import markdown
from benchmarks.kernels.workloads import WORKLOADS, Bound, Workload
from grader.model.signature import Gradient
from reference.kernels import KERNELS
from tests.reference.kernels.against import DEVICE, entry_of

FILE = Path(gpu.__file__)
TINY = {"N": 5, "d": 7, "A": 3, "T": 6, "B": 3, "S": 2, "H": 2, "L": 9, "h": 3}
OF_PROBLEMS = [each for each in WORKLOADS if each.name in KERNELS]
named = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each.name)


class HostClock:
    """Times calls on the CPU."""

    def milliseconds(self, call: Callable[[], object]) -> float:
        started = time.perf_counter()
        call()
        return (time.perf_counter() - started) * 1000


@pytest.fixture(autouse=True)
def few_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("SETS", 2), ("WARM_UP", 1), ("FEWEST", 2), ("MOST", 2)):
        monkeypatch.setattr(measuring, name, number)


def _tiny(workload: Workload) -> Workload:
    return replace(workload, sizes={axis: TINY[axis] for axis in workload.sizes})


def _measured(task: Task, *entrants: Competitor) -> dict[str, Result]:
    row = measure(task, entrants, torch.device(DEVICE), HostClock(), budget=0.0)
    return {each.competitor: each for each in row.results}


def _layer_norm() -> Workload:
    return _tiny(next(each for each in WORKLOADS if each.name == "layer_norm"))


def _bytes(*values: object) -> int:
    return sum(value.numel() * value.itemsize for value in values if isinstance(value, Tensor))


def test_every_kernel_has_one_workload() -> None:
    names = [each.name for each in WORKLOADS]
    assert len(names) == len(set(names))
    assert set(KERNELS) | {"causal_attention"} == set(names)


@pytest.mark.parametrize("workload", OF_PROBLEMS, ids=lambda each: each.name)
def test_a_workload_has_the_arguments_and_gradients_of_the_problem(workload: Workload) -> None:
    problem = entry_of(workload.name).problem
    inputs = workload.make(_tiny(workload).sizes, torch.float32, torch.device("cpu"))
    graded = {name for name, tensor in problem.signature.tensors() if tensor.gradient is Gradient.GRADED}
    assert set(inputs) == set(problem.signature.arguments)
    assert set(workload.differentiable) == graded
    assert (workload.both is not None) == bool(graded)
    assert workload.reference is problem.reference


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("workload", [each for each in WORKLOADS if each.bound is Bound.MEMORY], ids=lambda w: w.name)
def test_bytes_are_those_of_reading_inputs_and_writing_results_once(workload: Workload, dtype: torch.dtype) -> None:
    inputs = workload.make(workload.sizes, dtype, torch.device("meta"))
    result = workload.reference(**inputs)
    least = _bytes(*inputs.values(), *(result if isinstance(result, tuple) else (result,)))
    if workload.name == "sarsa_td_error":  # of the values, a sector of 32 bytes for each step is read
        least += workload.sizes["N"] * 2 * 32 - _bytes(inputs["q_values"], inputs["next_q_values"])
    assert workload.work(dtype, backward=False) == pytest.approx(least, rel=2e-3)


@pytest.mark.parametrize("workload", [each for each in WORKLOADS if each.bound is Bound.MATRIX], ids=lambda w: w.name)
def test_operations_are_those_of_the_reference_and_half_where_half_is_hidden(workload: Workload) -> None:
    inputs = workload.make(workload.sizes, torch.bfloat16, torch.device("meta"))
    with FlopCounterMode(display=False) as counter:
        workload.reference(**inputs)
    hidden = 2 if workload.name == "causal_attention" else 1
    assert workload.work(torch.bfloat16, backward=False) == counter.get_total_flops() // hidden


@named
def test_a_workload_fills_an_h200(workload: Workload) -> None:
    least = {Bound.MEMORY: 2.5e8, Bound.MATRIX: 1e11, Bound.TANH: 1e8}[workload.bound]
    assert workload.work(torch.bfloat16, backward=False) > least
    if workload.both is not None:
        assert workload.work(torch.bfloat16, backward=True) > workload.work(torch.bfloat16, backward=False)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value|overflow) encountered:RuntimeWarning")  # of NumPy's
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@named
def test_every_kernel_and_library_call_is_right_and_timed(workload: Workload, backward: bool) -> None:
    if backward and workload.both is None:
        assert not workload.differentiable
        return
    task = Task(_tiny(workload), torch.float32, backward)
    results = _measured(task, *competitors(task.workload, compiled=False))
    assert list(results) == ["kernel", "eager", *(each.name for each in workload.libraries)]
    for result in results.values():
        assert result.failure is None
        assert result.times is not None
        assert result.error is not None
        assert result.error < 1e-5


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of PyTorch, when its compiler is imported
def test_only_references_without_loops_over_time_are_compiled() -> None:
    compiled = {w.name for w in WORKLOADS if "compiled" in dict(competitors(w, compiled=True))}
    looping = {"discounted_returns", "generalized_advantage_estimate", "n_step_advantages"}
    assert compiled == {w.name for w in WORKLOADS} - looping


def test_a_wrong_kernel_is_told_and_not_timed() -> None:
    task = Task(_layer_norm(), torch.float32, backward=False)
    found = _measured(task, ("kernel", lambda **inputs: 1.001 * task.workload.reference(**inputs)))["kernel"]
    assert found.times is None
    assert found.failure == "wrong: off by 1.0e-03"


@pytest.mark.parametrize("place", [0, -1])
def test_a_kernel_with_a_nan_is_wrong(place: int) -> None:
    workload = next(_tiny(each) for each in WORKLOADS if each.name == "layer_norm_backward")

    def with_nan(**inputs: Any) -> tuple[Tensor, ...]:
        results = workload.reference(**inputs)
        results[place][0] = torch.nan
        return results

    found = _measured(Task(workload, torch.float32, backward=False), ("kernel", with_nan))["kernel"]
    assert found.failure == "wrong: off by nan"


def test_a_kernel_that_raises_is_a_line_and_the_others_are_timed() -> None:
    def fails(**inputs: Any) -> Tensor:
        raise RuntimeError("out of | registers\nand of words")

    task = Task(_layer_norm(), torch.float32, backward=True)
    found = _measured(task, ("kernel", fails), ("eager", task.workload.reference))
    assert found["kernel"] == Result("kernel", failure="RuntimeError: out of / registers")
    assert found["eager"].times is not None


def test_a_rival_that_is_less_accurate_is_timed_and_its_error_told() -> None:
    task = Task(_layer_norm(), torch.float32, backward=False)
    rival = ("eager", lambda **inputs: 1.5 * task.workload.reference(**inputs))
    found = _measured(task, ("kernel", task.workload.reference), rival)["eager"]
    assert found.times is not None
    assert found.error == pytest.approx(0.5)


def test_competitors_take_turns_and_inputs_rotate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "FEWEST", 3)
    monkeypatch.setattr(measuring, "MOST", 3)
    seen: list[tuple[str, float]] = []
    workload = _layer_norm()

    def entrant(name: str) -> Competitor:
        def noting(**inputs: Any) -> Tensor:
            seen.append((name, float(inputs["x"][0, 0])))
            return workload.reference(**inputs)

        return name, noting

    _measured(Task(workload, torch.float32, backward=False), entrant("kernel"), entrant("eager"))
    assert [name for name, _ in seen[-6:]] == ["kernel", "eager"] * 3
    of_kernel = [value for name, value in seen[-6:] if name == "kernel"]
    assert of_kernel[0] == of_kernel[2] != of_kernel[1]


def test_what_fails_before_anything_is_measured_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(*sizes: object) -> dict[str, Any]:
        raise torch.OutOfMemoryError("no memory")

    tasks = [Task(replace(_layer_norm(), make=make), torch.float32, False), Task(_layer_norm(), torch.float32, False)]
    device, pace = torch.device(DEVICE), gpu.Pace(60.0)
    failed, measured = gpu._rows(tasks, device, HostClock(), pace, compiled=False, budget=0.0)
    assert failed.results == (Result("kernel", failure="not measured: OutOfMemoryError"),)
    assert measured.results[0].times is not None


def test_when_time_is_up_the_rest_is_named() -> None:
    task = Task(_layer_norm(), torch.float32, backward=False)
    (row,) = gpu._rows([task], torch.device(DEVICE), HostClock(), gpu.Pace(0.0), compiled=False, budget=0.0)
    assert row.results == (Result("kernel", failure="not measured: time was up"),)


def test_compiling_waits_until_the_run_is_ahead_of_its_time() -> None:
    pace = gpu.Pace(100.0, started=time.perf_counter() - 30.0)
    assert not pace.ahead(done=1, of=10)
    assert pace.ahead(done=3, of=10)


def test_times_are_a_median_with_its_quartiles() -> None:
    times = Times.of([1.0, 2.0, 3.0, 4.0, 100.0])
    assert (times.median, times.lower, times.upper, times.repetitions) == (3.0, 2.0, 4.0, 5)
    assert times.spread == pytest.approx(1 / 3)


def _run() -> Run:
    def of(name: str, median: float, error: float = 1e-7) -> Result:
        return Result(name, error, Times(median, 0.98 * median, 1.02 * median, 50))

    sizes = {"N": 32_768, "d": 4096}
    normalised = (of("kernel", 0.5), of("eager", 4.0), of("compiled", 0.6), of("F.layer_norm", 0.55))
    returned = (of("kernel", 1.0, 1e-3), of("eager", 30.0, 0.1))
    products = (Result("kernel", 0.5, failure="wrong: off by 5.0e-01"), of("eager", 2.0))
    return Run(
        {"GPU": "one"},
        Ceilings(4e12, {"bfloat16": 8e14, "float32": 5e13}),
        (
            Row("layer_norm", sizes, "float32", True, 1_600_000_000, "B", 1e-4, normalised),
            Row("discounted_returns", {"T": 512}, "bfloat16", False, 10**9, "B", 2e-2, returned),
            Row("multiplicative_score", {"N": 4}, "bfloat16", False, 10**12, "FLOP", 2e-2, products),
            Row("additive_score", {"h": 64}, "bfloat16", False, 10**9, "tanh", 2e-2, (of("kernel", 1.0),)),
        ),
    )


TABLE = """\
| measured on | |
|---|---|
| GPU | one |

| ceiling | |
|---|---|
| copy on the device, read and written | 4,000 GB/s |
| product of two 8192 × 8192 matrices, bfloat16 | 800 TFLOP/s |
| product of two 8192 × 8192 matrices, float32 | 50 TFLOP/s |

In float32; a competitor's time, and how many times the kernel's it is:

| kernel | pass | time, ms | rate | of the ceiling | error | eager | torch.compile | library |
|---|---|---|---|---|---|---|---|---|
| `layer_norm`, N = 32,768, d = 4,096 | forward and backward | 0.5 ± 2% | 3,200 GB/s | 80% | 1.0e-07 | 4 (8×) | 0.6 (1.2×) | 0.55 (1.1×), `F.layer_norm` |

In bfloat16; a competitor's time, and how many times the kernel's it is:

| kernel | pass | time, ms | rate | of the ceiling | error | eager | torch.compile | library |
|---|---|---|---|---|---|---|---|---|
| `discounted_returns`, T = 512 | forward | 1 ± 2% | 1,000 GB/s | 25% | 1.0e-03 | 30 (30×), off by 1.0e-01 | — | — |
| `multiplicative_score`, N = 4 | forward | **wrong: off by 5.0e-01** |  |  | 5.0e-01 | 2 | — | — |
| `additive_score`, h = 64 | forward | 1 ± 2% | 1 T tanh/s |  | 1.0e-07 | — | — | — |
"""  # noqa: E501


def test_the_table_tells_times_rates_shares_errors_and_rivals() -> None:
    assert markdown(_run()) == TABLE


def test_a_run_can_be_kept_as_json() -> None:
    kept = json.loads(json.dumps(asdict(_run())))
    assert kept["ceilings"]["copy"] == 4e12
    assert kept["rows"][0]["results"][3]["competitor"] == "F.layer_norm"
    assert kept["rows"][2]["results"][0]["failure"] == "wrong: off by 5.0e-01"


def test_without_a_gpu_it_says_so_and_ends_with_2(tmp_path: Path) -> None:
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, str(FILE), "--quick"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "measures kernels on a GPU" in done.stderr
    assert done.stdout == ""


def test_driver_and_clocks_are_what_nvidia_smi_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "nvidia-smi"
    told.write_text(
        "#!/bin/sh\n[ $1 = --id=3 ] && echo '570.1, 1980 MHz, 1980 MHz, 3201 MHz, 3201 MHz, 700.00 W, 31'\n"
    )
    told.chmod(0o755)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,4")
    monkeypatch.setenv("PATH", str(tmp_path))
    driver, clocks = gpu._asked()
    assert driver == "570.1"
    assert clocks == (
        "clocks.sm 1980 MHz, clocks.max.sm 1980 MHz, clocks.mem 3201 MHz, clocks.max.mem 3201 MHz, "
        "power.limit 700.00 W, temperature.gpu 31"
    )


def test_without_nvidia_smi_they_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu._asked() == ("unknown", "unknown: nvidia-smi, FileNotFoundError")


def test_it_needs_nothing_that_a_bare_machine_lacks() -> None:
    """PyTorch, Triton, and this project's `reference`."""
    allowed = {*sys.stdlib_module_names, "torch", "triton", "reference", "benchmarks"}
    for file in (FILE, *sorted(Path(workloads.__file__).parent.glob("*.py"))):
        imported = re.findall(r"^\s*(?:from|import) (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(imported) <= allowed, file


def test_the_page_names_every_kernel_with_its_module() -> None:
    page = (FILE.parents[1] / "docs" / "gpu.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?) \| `(\w+)` \|", page, re.MULTILINE)
    told = {name: module for names, module in rows for name in re.findall(r"`(\w+)`", names)}
    assert told == {**KERNELS, "causal_attention": "attention"}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_it_measures_one_kernel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gpu.main(["--quick", "--only", "layer_norm", "--json", str(tmp_path / "run.json")]) == 0
    rows = json.loads((tmp_path / "run.json").read_text())["rows"]
    assert [row["results"][0]["failure"] for row in rows] == [None, None]
    assert "`layer_norm`" in capsys.readouterr().out
