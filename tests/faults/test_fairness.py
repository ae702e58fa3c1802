"""A machine that is busy with other things changes no verdict. `benchmarks/fairness.py` looks longer."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "fairness.py"


def benchmark() -> ModuleType:
    specification = importlib.util.spec_from_file_location("benchmark_of_fairness", FILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def test_beside_two_busy_processes_every_verdict_is_the_same_and_no_limit_is_reached() -> None:
    found = benchmark().measure(gradings=3, busy=2)
    assert found.verdicts[True] == 3 * found.verdicts[False] > 100
    assert dict(found.changed) == {}
    assert dict(found.reached) == {}
