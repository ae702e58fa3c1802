"""Commands where the system refuses what they need: one line, the published exit code, and nothing half-written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from grader.batch.output import write_output
from grader.classroom.model import Student
from grader.commands.destination import write_file
from grader.commands.interrupts import interrupts_wait_for
from grader.commands.verify_cache import Cache, default_folder
from grader.errors import GradebookError, UsageError
from grader.exit_codes import ExitCode
from grader.gradebook.model import State
from grader.gradebook.store import Gradebook
from tests.gradebook.samples import ADA, BEN, FACTS, entry, grade_all

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(tmp_path: Path, environment: dict[str, str]) -> Shell:
    """Runs a line in a shell, where `grader` is the command."""

    def run(line: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", "-c", line.replace("grader", f"{sys.executable} -m grader", 1)],
            capture_output=True, encoding="utf-8", cwd=tmp_path, env={**environment, **changes}, timeout=120,
            check=False,
        )  # fmt: skip

    return run


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes: writing fails in the middle, as on a full disk, and needs no root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_changes_no_exit_code(closed: str, shell: Shell) -> None:
    done = shell(f"grader --version {closed}")
    assert done.returncode == ExitCode.PASSED
    assert "Traceback" not in done.stderr
    assert shell(f"grader history ada {closed}").returncode == ExitCode.USAGE


def test_a_file_never_takes_the_place_of_a_stream_that_is_closed(tmp_path: Path, environment: dict[str, str]) -> None:
    code = (
        "import os; from grader.commands.streams import prepare_streams\n"
        "prepare_streams(); file = open('gradebook', 'wb'); os.write(1, b'printed'); os.write(2, b'printed')\n"
    )
    line = f'{sys.executable} -c "{code}" <&- >&- 2>&-'
    subprocess.run(["/bin/bash", "-c", line], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "gradebook").read_bytes() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("grader history ada >/dev/full", 4, "error: The result can't be printed: No space left on device.\n"),
        ("grader history nobody 2>/dev/full", 4, ""),
        ("grader history ada | true; exit ${PIPESTATUS[0]}", 0, ""),
        ("grader history nobody 2>&1 >&- | true; exit ${PIPESTATUS[0]}", 4, ""),
    ],
)
def test_a_full_disk_or_a_closed_pipe_is_told_in_a_line_at_most(
    line: str, code: int, said: str, shell: Shell, tmp_path: Path
) -> None:
    _graded(tmp_path / "gradebook.sqlite").close()
    done = shell(line)
    assert (done.returncode, done.stderr) == (code, said)


def test_a_stream_without_unicode_escapes_what_it_lacks(shell: Shell, tmp_path: Path) -> None:
    with Gradebook.open(str(tmp_path / "gradebook.sqlite")) as gradebook:
        gradebook.enrol([Student("asa", "Åsa")])
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = shell("grader history asa", **plain)
    assert (done.returncode, done.stderr) == (ExitCode.PASSED, "")
    assert "\\xc5sa" in done.stdout


def test_a_report_that_does_not_fit_leaves_the_older_one_whole(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("the older one", encoding="utf-8")
    (tmp_path / "report.txt").chmod(0o640)
    with files_of_at_most(100), pytest.raises(UsageError, match=r"report\.txt can't be written: File too large\."):
        write_file(tmp_path / "report.txt", "x" * 100_000)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "report.txt": "the older one"
    }
    write_file(tmp_path / "report.txt", "a newer one")
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == "a newer one"
    assert (tmp_path / "report.txt").stat().st_mode & 0o777 == 0o640


def test_what_is_no_plain_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to("target")
    write_file(tmp_path / "link", "through the link")
    write_file(Path(os.devnull), "nowhere")
    assert (tmp_path / "target").read_text(encoding="utf-8") == "through the link"
    assert Path(os.devnull).is_char_device()


def _graded(path: Path) -> Gradebook:
    gradebook = Gradebook.open(str(path))
    gradebook.describe(FACTS)
    for student in (ADA, BEN):
        grade_all(gradebook, gradebook.enter(entry(student), "a", NOON), 4, 3, 2)
    return gradebook


def test_pages_that_do_not_fit_leave_the_older_ones_whole(tmp_path: Path) -> None:
    with _graded(tmp_path / "gradebook.sqlite") as gradebook:
        write_output(gradebook, tmp_path / "grades")
        files = {path: path.read_bytes() for path in (tmp_path / "grades").rglob("*") if path.is_file()}
        with files_of_at_most(2000), pytest.raises(UsageError, match="can't be written: File too large") as caught:
            write_output(gradebook, tmp_path / "grades")
    assert len(str(caught.value).splitlines()) == 1
    assert {path: path.read_bytes() for path in (tmp_path / "grades").rglob("*") if path.is_file()} == files


def _grade_many(gradebook: Gradebook) -> None:
    for version in range(10_000):
        grade_all(gradebook, gradebook.enter(entry(ADA), f"version {version}", NOON), 1, 1, 1)


def test_a_gradebook_that_can_not_grow_keeps_what_it_has(tmp_path: Path) -> None:
    with _graded(tmp_path / "gradebook.sqlite") as gradebook:
        before = gradebook.course()
        size = sum(path.stat().st_size for path in tmp_path.iterdir())
        with files_of_at_most(size), pytest.raises(GradebookError) as caught:
            _grade_many(gradebook)
        assert len(str(caught.value).splitlines()) == 1
        assert "can't be written: " in str(caught.value)
        after = gradebook.course()
    assert after.grades[1] == before.grades[1]
    assert after.grades[0].points == 3 or after.grades[0].state is State.WAITING
    with Gradebook.open(str(tmp_path / "gradebook.sqlite")) as again:
        assert again.course() == after


def test_without_a_home_nothing_is_remembered_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    cache = Cache(default_folder())
    cache.put(Path("problem.py"), "key", [])
    cache.save()
    assert Cache(default_folder()).get(Path("problem.py"), "key") is None


BARE = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/proc", "--tmpfs", "/dev/shm"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_neither_proc_nor_shared_memory_nor_a_home_is_needed(tmp_path: Path, environment: dict[str, str]) -> None:
    """In a folder for temporary files whose name needs care, and with few descriptors."""
    temporary = tmp_path / "für alles $HOME 'x"
    temporary.mkdir()
    check = [sys.executable, "-m", "grader", "check", str(EXAMPLES / "good"), "--isolation", "none"]
    chosen = ["--problem", "layer_norm", "--problem", "td_error", "--verbose"]
    environment = {key: value for key, value in environment.items() if key != "HOME"}
    done = subprocess.run(
        [*BARE, "/bin/bash", "-c", 'ulimit -n 64 && exec "$@"', "-", *check, *chosen],
        capture_output=True, encoding="utf-8", env={**environment, "TMPDIR": str(temporary)}, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.PASSED
    assert "Traceback" not in done.stderr  # a library of PyTorch's says that it misses /proc/cpuinfo
    assert "Total 20 / 20 points: every check passed." in done.stdout
    assert [path.name for path in temporary.iterdir()] == []


def test_with_too_few_descriptors_nothing_is_taken_for_the_student_s_mistake(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    check = f"{sys.executable} -m grader check {EXAMPLES / 'good'} --problem td_error --isolation none"
    done = subprocess.run(
        ["/bin/bash", "-c", f"ulimit -n 6 && exec {check}"],
        capture_output=True, encoding="utf-8", env=environment, cwd=tmp_path, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.GRADER_ERROR
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_ends_a_command_is_an_interrupt_and_one_that_is_ignored_stays_so(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # these tests may run under nohup themselves
    try:
        with pytest.raises(KeyboardInterrupt):
            _receive(number)
        assert signal.getsignal(number) is signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN)  # as under nohup
        _receive(number)
    finally:
        signal.signal(number, before)


def _receive(number: signal.Signals) -> None:
    with interrupts_wait_for("torch"):
        os.kill(os.getpid(), number)
        time.sleep(0.1)


ENDLESS = "def td_error(rewards, values, next_values, dones, gamma):\n    while True: pass\n"


def test_a_class_whose_terminal_goes_away_ends_cleanly(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_text(ENDLESS, encoding="utf-8")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [
        sys.executable, "-m", "grader", "batch", "class", "--problem", "td_error", "--workers", "1",
        "--timeout", "600", "--gradebook", "gradebook.sqlite", "--output", "grades",
    ]  # fmt: skip
    running = subprocess.Popen(
        command, cwd=tmp_path, env={**environment, "TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )  # fmt: skip
    while not list(temporary.glob("grader-*/scratch/child-*")):
        assert running.poll() is None
        time.sleep(0.05)
    group = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(signal.SIGHUP)
    _, told = running.communicate(timeout=60)
    assert running.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in told
    assert told.endswith("the same command goes on from there.\n")
    assert psutil.wait_procs(group, timeout=10)[1] == []
    assert list(temporary.glob("grader-*")) == []
    with Gradebook.open(str(tmp_path / "gradebook.sqlite")) as gradebook:
        assert gradebook.owners() == ()
