"""A run as Markdown: what was measured where, the ceilings, and a row for each task."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.kernels.results import Ceilings, Result, Row, Run

SCALES = {"B": (1e9, "GB/s"), "FLOP": (1e12, "TFLOP/s"), "tanh": (1e12, "T tanh/s")}
HEAD = ("kernel", "pass", "time, ms", "rate", "of the ceiling", "error", "eager", "torch.compile", "library")


def markdown(run: Run) -> str:
    """The whole page, without a heading."""
    return "\n".join([*_environment(run), "", *_ceilings(run.ceilings), *_tables(run)]) + "\n"


def _environment(run: Run) -> Iterator[str]:
    yield "| measured on | |"
    yield "|---|---|"
    for what, told in run.environment.items():
        yield f"| {what} | {told} |"


def _ceilings(ceilings: Ceilings) -> Iterator[str]:
    yield "| ceiling | |"
    yield "|---|---|"
    yield f"| copy on the device, read and written | {_rate(ceilings.copy, 'B')} |"
    for dtype, rate in ceilings.products.items():
        yield f"| product of two 8192 × 8192 matrices, {dtype} | {_rate(rate, 'FLOP')} |"


def _tables(run: Run) -> Iterator[str]:
    for dtype in dict.fromkeys(row.dtype for row in run.rows):
        yield ""
        yield f"In {dtype}; a competitor's time, and how many times the kernel's it is:"
        yield ""
        yield f"| {' | '.join(HEAD)} |"
        yield f"|{'---|' * len(HEAD)}"
        for row in run.rows:
            if row.dtype == dtype:
                yield f"| {' | '.join(_cells(row, run.ceilings))} |"


def _cells(row: Row, ceilings: Ceilings) -> Iterator[str]:
    of = {each.competitor: each for each in row.results}
    kernel = of.pop("kernel")
    sizes = ", ".join(f"{axis} = {size:,}" for axis, size in row.sizes.items())
    yield f"`{row.name}`, {sizes}"
    yield "forward and backward" if row.backward else "forward"
    yield from _of_kernel(kernel, row, ceilings)
    for name in ("eager", "compiled"):
        yield _against(of.pop(name, None), kernel, row.allowed)
    (library,) = of.values() or (None,)
    told = _against(library, kernel, row.allowed)
    yield told if library is None else f"{told}, `{library.competitor}`"


def _of_kernel(kernel: Result, row: Row, ceilings: Ceilings) -> Iterator[str]:
    """Its time, rate, share of the ceiling, and error."""
    error = "" if kernel.error is None else f"{kernel.error:.1e}"
    if kernel.times is None:
        yield from (f"**{kernel.failure}**", "", "", error)
        return
    rate, ceiling = row.work / (kernel.times.median / 1000), ceilings.of(row.unit, row.dtype)
    yield f"{kernel.times.median:.3g} ± {kernel.times.spread:.0%}"
    yield _rate(rate, row.unit)
    yield "" if ceiling is None else f"{rate / ceiling:.0%}"
    yield error


def _against(result: Result | None, kernel: Result, allowed: float) -> str:
    if result is None:
        return "—"
    if result.times is None:
        return str(result.failure)
    told = f"{result.times.median:.3g}"
    if kernel.times is not None:
        told += f" ({result.times.median / kernel.times.median:.2g}×)"
    if result.error is not None and not result.error <= allowed:
        told += f", off by {result.error:.1e}"
    return told


def _rate(rate: float, unit: str) -> str:
    scale, name = SCALES[unit]
    return f"{rate / scale:.3g} {name}" if rate < 1000 * scale else f"{rate / scale:,.0f} {name}"
