"""Keeps the few of the inputs found that take the readers where no other kept one does: `python -m tests.fuzz.keep`.

Counted is which line of the project was run after which. The smallest inputs come first; those that were once a crash,
`was-…`, stay whatever they reach.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

KEPT = Path(__file__).parent / "corpus"
READERS = str(Path(__file__).resolve().parents[2] / "grader")
MOST = 11
"""For one target."""

LONGEST = 8_000
"""Bytes of an input that is kept."""

Step = tuple[Any, int, int]


def steps(target: str, data: bytes) -> set[Step]:
    """Which line of the readers was run after which."""
    seen: set[Step] = set()
    last: dict[FrameType, int] = {}

    def line(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event == "line":
            seen.add((frame.f_code, last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        return line

    def call(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        return line if frame.f_code.co_filename.startswith(READERS) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        TARGETS[target](data)
    finally:
        sys.settrace(before)
    return seen


def chosen(target: str, inputs: list[bytes]) -> list[bytes]:
    """Those that reach most beyond the valid examples and each other."""
    known = set().union(*(steps(target, seed) for seed in seeds(target)))
    reached = {data: steps(target, data) for data in sorted(set(inputs), key=len) if len(data) <= LONGEST}
    kept: list[bytes] = []
    while len(kept) < MOST and reached:
        best = max(reached, key=lambda data: len(reached[data] - known))
        if not reached[best] - known:
            break
        known |= reached.pop(best)
        kept.append(best)
    return kept


def main() -> None:
    """Choose anew for every target, from what is kept and what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.keep", description=__doc__)
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir(), "grader-fuzz"), metavar="DIR")
    found = parser.parse_args().found
    for target in TARGETS:
        own = KEPT / target
        own.mkdir(parents=True, exist_ok=True)
        before = [path for path in own.iterdir() if not path.name.startswith("was-")]
        inputs = [path.read_bytes() for path in (*before, *(found / target).glob("*"))]
        kept = chosen(target, inputs)
        for path in before:
            path.unlink()
        for data in kept:
            (own / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        print(f"{target}: {len(kept)} of {len(inputs)} are kept, {sum(map(len, kept))} bytes")


if __name__ == "__main__":
    main()
