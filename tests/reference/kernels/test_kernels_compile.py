"""Every kernel becomes machine code for a GPU, and fits it: Triton's compiler shows that without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reference.kernels import KERNELS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> list[dict]:
    """What is launched at one size in bfloat16, for the GPU with the least shared memory."""
    environment = {key: value for key, value in os.environ.items() if key != "TRITON_INTERPRET"}
    environment |= {"PYTHONPATH": str(ROOT), "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton"))}
    command = [sys.executable, "-m", "tests.reference.kernels.compiled", "--capability", "86", "--first", "--dtype"]
    done = subprocess.run([*command, "bfloat16"], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_kernel_is_compiled(compiled) -> None:
    assert {each["problem"] for each in compiled} == set(KERNELS)


def test_what_is_launched_fits_shared_memory_and_registers(compiled) -> None:
    def named(each: dict) -> str:
        return f"{each['problem']} {each['function']}"

    assert {named(each): each["shared"] for each in compiled if each["shared"] > each["most_shared"]} == {}
    assert {named(each): each["stack"] for each in compiled if each["stack"]} == {}
