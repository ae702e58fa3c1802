"""The page about other libraries names every problem, every test module, and the versions that are pinned."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "third-party.md").read_text(encoding="utf-8")
PACKAGES = {
    "Gymnasium": "gymnasium",
    "PyTorch": "torch",
    "SciPy": "scipy",
    "Stable-Baselines3": "stable_baselines3",
    "TorchRL": "torchrl",
}


def test_every_problem_is_compared_or_said_to_have_no_counterpart() -> None:
    problems = {path.stem for path in (PROJECT / "problems").glob("q*/*.py")}

    assert len(problems) > 70
    assert sorted(name for name in problems if f"`{name}`" not in PAGE) == []


def test_the_test_modules_are_those_that_exist() -> None:
    named = set(re.findall(r"`(test_third_party_\w+\.py)`", PAGE))

    assert named == {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}


def test_the_versions_are_the_pinned_ones() -> None:
    pins = dict(
        line.split("==") for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line
    )
    versions = dict(re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|$", PAGE, flags=re.MULTILINE))

    assert versions == {library: pins[package] for library, package in PACKAGES.items()}
