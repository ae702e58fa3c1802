"""What a hostile answer costs the grader itself: memory of the process that grades, measured while it does."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from grader.run.zygote import Slot
from tests.hostile.attacks import Attack, all_attacks
from tests.hostile.promises import graded, honest

MB = 1 << 20
MOST = 640 * MB
"""Measured: six times the largest of these answers, which has 68 MB, in the forms that it takes at one moment."""

LARGE = {
    "resources-expanded_result",
    "resources-large_result",
    "resources-long_exception",
    "resources-one_endless_line",
    "resources-output_just_below_the_limit",
    "resources-result_of_millions_of_items",
}
ATTACKS = [attack for attack in all_attacks() if str(attack) in LARGE]


class Growth:
    """Of this process's memory, at its highest."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._before = self._process.memory_info().rss
        self.most = 0

    def look(self) -> None:
        """Note what it is now."""
        self.most = max(self.most, self._process.memory_info().rss - self._before)


@contextmanager
def measured() -> Iterator[Growth]:
    """Looks every few milliseconds."""
    gc.collect()
    growth, done = Growth(), threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            growth.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield growth
    finally:
        done.set()
        watcher.join()


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_the_grader_does_not_grow_with_an_answer(attack: Attack, sandlock: Slot, tmp_path: Path) -> None:
    graded(honest(tmp_path / "before"), sandlock)
    folder = tmp_path / "attack"
    folder.mkdir()
    with measured() as growth:
        graded(attack.lay_out(folder), sandlock)

    assert growth.most < MOST


def test_all_large_answers_are_in_the_corpus() -> None:
    assert len(ATTACKS) == len(LARGE)
