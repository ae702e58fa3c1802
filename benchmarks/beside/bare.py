"""Executes notebooks and the assertions in one process, without any grader, and prints what that takes.

    python -m beside.bare FOLDER

This is what every grader has to do; whatever it takes beyond that is its overhead.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from beside import assertions
from beside.course import QUESTIONS, code_of


def main(folder: Path) -> None:
    torch.set_num_threads(
        1
    )  # as in our sandbox; on a busy machine two threads wait for each other longer than they work
    cells = [code_of(path) for path in sorted(folder.glob("*.ipynb"))]
    for each in cells:
        _execute(each)  # what torch imports at the first use of something is no part of it
    wall, cpu = time.perf_counter(), time.process_time()
    for each in cells:
        _execute(each)
    taken = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({key: seconds / len(cells) for key, seconds in taken.items()}))


def _execute(cells: list[str]) -> None:
    space: dict[str, Any] = {}
    for cell in cells:
        exec(cell, space)
    for name in QUESTIONS:
        getattr(assertions, f"test_{name}")(space[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
