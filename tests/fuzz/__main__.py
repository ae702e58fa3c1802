"""Coverage-guided fuzzing of one target, or of all one after the other: `python -m tests.fuzz TARGET --seconds 60`.

Starts from the valid examples, from the inputs that are kept with the tests, and from those of earlier runs, which
`--found` keeps. An input that breaks a promise ends the run and is written there too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import atheris

for early in ("zipfile", "tokenize"):  # imported by Python's own start, and so without instruments
    sys.modules.pop(early, None)

with atheris.instrument_imports(
    include=[
        "grader", "json", "zipfile", "tarfile", "gzip", "csv", "tomllib", "tokenize", "safetensors", "yaml", "nbformat",
    ]
):  # fmt: skip
    from tests.fuzz.targets import TARGETS  # before anything else imports it

from tests.fuzz.mutate import MUTATIONS, longest, mutated  # noqa: E402
from tests.fuzz.seeds import seeds  # noqa: E402

KEPT = Path(__file__).parent / "corpus"
EVERY = "every"
SLOWEST = 10
"""Seconds that one input may take before that counts as a crash."""

MEMORY = 4096
"""Megabytes that the process may take; torch alone has several hundred."""


def main() -> int:
    """Fuzz; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=[EVERY, *TARGETS])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir(), "grader-fuzz"), metavar="DIR")
    parser.add_argument("--seed", type=int, default=0, help="0: another one every time")
    chosen = parser.parse_args()
    if chosen.target == EVERY:
        return _every(sys.argv[1:])
    found = chosen.found / chosen.target
    found.mkdir(parents=True, exist_ok=True)
    kept = KEPT / chosen.target
    kept.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as first:
        for number, seed in enumerate(seeds(chosen.target)):
            Path(first, str(number)).write_bytes(seed)
        _fuzz(
            chosen.target,
            found,
            f"-max_total_time={chosen.seconds}",
            f"-seed={chosen.seed}",
            *map(str, (found, kept, first)),
        )
    return 0


def _every(arguments: list[str]) -> int:
    """All targets, each in a process of its own; 1 where one broke a promise."""
    failed = []
    for target in TARGETS:
        own = [target if argument == EVERY else argument for argument in arguments]
        if subprocess.run([sys.executable, "-m", "tests.fuzz", *own], check=False).returncode:
            failed.append(target)
    print(f"A promise was broken in: {', '.join(failed)}" if failed else "All promises were kept.", file=sys.stderr)
    return int(bool(failed))


def _fuzz(target: str, found: Path, *options: str) -> None:
    """Hand over to libFuzzer, which ends the process."""
    fixed = (
        f"-max_len={longest(target)}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY}", "-print_final_stats=1",
        f"-artifact_prefix={found.parent}/{target}-",
    )  # fmt: skip
    mutator = {"custom_mutator": _mutator(target)} if target in MUTATIONS else {}

    def read(data: bytes) -> None:
        TARGETS[target](data)

    atheris.Setup([sys.argv[0], *fixed, *options], read, **mutator)
    atheris.Fuzz()


def _mutator(target: str) -> Callable[[bytes, int, int], bytes]:
    """Mostly ours, and sometimes libFuzzer's own, which knows what the code compares with."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        own = random.random() < 0.7
        return mutated(target, data, random)[:most] if own else atheris.Mutate(data, most)

    return mutate


if __name__ == "__main__":
    sys.exit(main())
