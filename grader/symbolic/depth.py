"""Room for deep recursion: expressions are nested as deeply as a graph is long."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

DEEPEST = 60_000
"""Frames. The prover's thread has a stack for as many; elsewhere only graphs of ours are read."""


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Raise the limit on recursion for a while."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
