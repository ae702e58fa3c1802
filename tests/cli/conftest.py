"""Runs the real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forking import completed

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

ANSWERS = '''
"""Discounted returns are right, layer norm is not, the TD error is only named differently."""

import torch

print("loading \\x1b[31m")


def discounted_returns(rewards, dones, gamma):
    returns = torch.zeros_like(rewards)
    following = torch.zeros_like(rewards[0])
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * (1 - dones[t]) * following
        returns[t] = following
    return returns


def layer_norm(x, gamma, beta, eps):
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)
    return gamma * (x - mean) / torch.sqrt(variance + eps) + beta


def td_errors(rewards, values, next_values, dones, gamma):
    return rewards
'''


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A submission with a right answer, a wrong one, and one that is named differently."""
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "answers.py").write_text(ANSWERS, encoding="utf-8")
    return folder


@pytest.fixture
def environment() -> dict[str, str]:
    """An environment in which `python -m grader` is this source tree, and no terminal is guessed."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """`run("check", path)`: what `grader check path` prints, and its exit code; from its very start where `changes` are
    made to the environment.
    """

    def command(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
        if not changes:
            return completed(*arguments, cwd=tmp_path, env=environment)
        return subprocess.run(
            [sys.executable, "-m", "grader", *map(str, arguments)],
            capture_output=True, encoding="utf-8", cwd=tmp_path, env={**environment, **changes}, timeout=120,
            check=False,
        )  # fmt: skip

    return command
