"""A whole batch is killed again and again, and taken up each time: the gradebook is that of an undisturbed run.

Once in the suite on SQLite and once on PostgreSQL; as often as one likes by hand:

    GRADER_KILLS=50 pytest tests/batch/test_batch_killing.py
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from grader.exit_codes import ExitCode
from grader.gradebook.store import Gradebook
from tests.batch.comparing import recorded, standings, stories, with_the_same_seed

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KILLS = int(os.environ.get("GRADER_KILLS", "1"))
STUDENTS = 8
LATEST = 1.1
"""A batch is killed before so many times what an undisturbed one took."""

HEADER = "def td_error(rewards, values, next_values, dones, gamma):\n    "
ANSWERS = (
    "return rewards + gamma * (1 - dones) * next_values.detach() - values\n",
    "return rewards - values\n",
    "raise NotImplementedError\n",
    "return rewards + (\n",
)


def make_class(folder: Path) -> Path:
    folder.mkdir()
    for number in range(STUDENTS):
        (folder / f"student {number}.py").write_text(HEADER + ANSWERS[number % len(ANSWERS)], encoding="utf-8")
    return folder


def batch(folder: Path, gradebook: str, output: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "grader", "batch", str(folder), "--assignment", str(EXAMPLES / "nine.toml"),
        "--problem", "td_error", "--workers", "2", "--gradebook", gradebook, "--output", str(output), *more,
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def test_a_batch_that_is_killed_at_random_moments_ends_as_if_nothing_had_happened(
    gradebook_url: str, tmp_path: Path
) -> None:
    folder = make_class(tmp_path / "class")
    undisturbed = str(tmp_path / "undisturbed.sqlite")
    with_the_same_seed(undisturbed, gradebook_url)
    started = time.monotonic()
    assert batch(folder, undisturbed, tmp_path / "one").wait() == ExitCode.PASSED
    latest = LATEST * (time.monotonic() - started)
    rng = random.Random(4)
    kills = first = int(gradebook_url.startswith("postgresql"))  # the two begin in different ways
    while kills < first + KILLS:
        anywhere = kills % 2 == 1
        known = recorded(gradebook_url)
        again = () if anywhere or kills == first else ("--regrade",)
        running = batch(folder, gradebook_url, tmp_path / "other", *again)
        if anywhere:
            wait(running, rng.uniform(0.0, latest))
        else:
            wait_for_results(running, gradebook_url, known + rng.randrange(1, recorded(undisturbed)))
        if running.poll() is None:
            kill(running, alone=bool(kills % 3))
            kills += 1
    assert batch(folder, gradebook_url, tmp_path / "other").wait() == ExitCode.PASSED
    assert standings(gradebook_url) == standings(undisturbed)
    assert stories(gradebook_url) == stories(undisturbed)
    with Gradebook.open(gradebook_url) as gradebook:
        assert gradebook.owners() == ()


def wait(running: subprocess.Popen[bytes], seconds: float) -> None:
    """Until a batch has run so long, or has ended."""
    with suppress(subprocess.TimeoutExpired):
        running.wait(timeout=seconds)


def wait_for_results(running: subprocess.Popen[bytes], gradebook: str, number: int) -> None:
    """Until so many results are recorded, or a batch has ended: most of its time goes into starting."""
    while running.poll() is None and recorded(gradebook) < number:
        time.sleep(0.02)


def kill(running: subprocess.Popen[bytes], *, alone: bool) -> None:
    """End a batch, and its workers and sandboxes in the same moment unless alone."""
    everything = [] if alone else _descendants(running.pid)
    for pid in (running.pid, *everything):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.wait()


def test_nothing_of_a_killed_batch_goes_on_not_even_an_endless_loop(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    endless = HEADER + "while True:\n        pass\n"
    (folder / "ada.py").write_text(endless, encoding="utf-8")
    running = batch(folder, str(tmp_path / "gradebook.sqlite"), tmp_path / "grades", "--timeout", "600")
    while not _is_busy(running.pid):
        assert running.poll() is None
        time.sleep(0.1)
    group = _descendants(running.pid)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 60
    while any(_is_alive(pid) for pid in group) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in group if _is_alive(pid)] == []


def _descendants(pid: int) -> list[int]:
    import psutil

    return [each.pid for each in psutil.Process(pid).children(recursive=True)]


def _is_busy(pid: int) -> bool:
    """Whether the endless loop has been entered: some child of a zygote's has computed for seconds."""
    import psutil

    found = [each for each in psutil.Process(pid).children(recursive=True) if "grader_guest" in "".join(each.cmdline())]
    parents = {each.pid for each in found}
    return any(each.ppid() in parents and each.cpu_times().user > 2 for each in found)


def _is_alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
