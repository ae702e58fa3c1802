"""Worker processes: real ones, with a sandbox each, that grade, die, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader.batch.job import Faulted, Graded, Job, Share, Terms
from grader.batch.local import LocalWorkers
from grader.batch.worker import clear, do
from grader.intake import read_submission
from grader.run.backend import Isolation
from grader.run.zygote import BACKENDS
from grader.session import Options, check_submission

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROBLEMS = ("td_error", "layer_norm")
TERMS = Terms(11, EXAMPLES / "nine.toml")


def job(number: int, example: str = "mixed", terms: Terms = TERMS) -> Job:
    return Job(number, read_submission(EXAMPLES / example), PROBLEMS, terms)


def process_id(_job: Job) -> int:
    return os.getpid()


def die(_job: Job) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_grades_as_a_check_does_and_again_from_what_it_remembers() -> None:
    whole = check_submission(EXAMPLES / "mixed", Options(PROBLEMS, seed=11, assignment=EXAMPLES / "nine.toml"))
    wanted = [(problem.id, problem.verdicts) for problem in whole.problems]
    with LocalWorkers(1) as workers:
        done = [workers.submit(do, job(number)).result() for number in range(3)]
    for each in done:
        assert isinstance(each, Graded)
        assert [(problem.id, problem.verdicts) for problem in each.report.problems] == wanted
        assert sum(each.seconds.values()) > 0


def test_what_only_some_answers_need_is_imported_before_the_first(tmp_path: Path) -> None:
    answer = tmp_path / "td_error.py"
    told = "import sys\nprint([name in sys.modules for name in ('sympy', 'torch._dynamo')])\n"
    answer.write_text(told + "def td_error():\n    raise NotImplementedError\n")
    names = ("td_error",)
    checked = check_submission(answer, Options(names, seed=1))
    done = do(Job(1, read_submission(answer), names, Terms(1)))
    clear()
    assert isinstance(done, Graded)
    assert (checked.output, done.report.output) == ("[False, False]\n", "[True, True]\n")


def test_the_time_it_takes_to_load_a_submission_is_the_sandboxs(tmp_path: Path) -> None:
    slow = tmp_path / "td_error.py"
    slow.write_text("import time\ntime.sleep(1)\ndef td_error():\n    raise NotImplementedError\n")
    with LocalWorkers(1) as workers:
        assert isinstance(workers.submit(do, job(1)).result(), Graded)
        done = workers.submit(do, Job(2, read_submission(slow), ("td_error",), TERMS)).result()
    assert isinstance(done, Graded)
    assert done.seconds[Share.SANDBOX] > 1 > done.seconds[Share.ORACLE]


def test_without_an_assignment_problems_are_graded_as_they_are() -> None:
    done = do(job(1, terms=Terms(11)))
    clear()
    assert isinstance(done, Graded)
    assert [problem.id for problem in done.report.problems] == ["td_error", "layer_norm"]


def test_threads_of_a_worker_take_turns() -> None:
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(do, [job(number) for number in range(3)]))
    clear()
    first, *others = [each.report.problems for each in done if isinstance(each, Graded)]
    assert len(others) == 2
    for other in others:
        assert [problem.verdicts for problem in other] == [problem.verdicts for problem in first]


def test_a_worker_that_dies_fails_its_job_alone() -> None:
    with LocalWorkers(1) as workers:
        first = workers.submit(process_id, job(1)).result()
        with pytest.raises(Exception, match=r"(?i)terminat|expired|abnormal"):
            workers.submit(die, job(2)).result()
        assert workers.submit(process_id, job(3)).result() != first


def test_an_interrupt_at_the_terminal_ends_no_worker_that_is_only_starting() -> None:
    with LocalWorkers(1) as workers:
        first = workers.submit(process_id, job(1))
        while not first.done():
            for child in psutil.Process().children():
                with suppress(psutil.NoSuchProcess):
                    if "spawn_main" in "".join(child.cmdline()):
                        child.send_signal(signal.SIGINT)
            time.sleep(0.05)
        assert workers.submit(process_id, job(2)).result() == first.result()


def test_a_worker_without_a_sandbox_grades_nothing_unless_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = BACKENDS[Isolation.NONE], ("No sandbox can run here.",)
    monkeypatch.setattr("grader.batch.worker.choose_backend", lambda _wanted: nothing)
    done = do(job(1))
    assert isinstance(done, Faulted)
    assert done.message.startswith("Nothing here can keep submissions from reading or changing this machine's files.")
    assert isinstance(do(job(1, terms=replace(TERMS, isolation=Isolation.NONE))), Graded)
    clear()


def test_a_problem_that_is_ours_is_told_and_the_worker_goes_on() -> None:
    with LocalWorkers(1) as workers:
        broken = workers.submit(do, job(1, terms=Terms(11, EXAMPLES / "no such file.toml"))).result()
        assert isinstance(broken, Faulted)
        assert "can't be read" in broken.message
        assert isinstance(workers.submit(do, job(2)).result(), Graded)


def test_workers_that_are_ended_at_once_leave_no_process_and_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    workers = LocalWorkers(1)
    assert isinstance(workers.submit(do, job(1)).result(), Graded)
    pid = workers.submit(process_id, job(2)).result()
    endless = workers.submit(time.sleep, 60)
    wait([endless], timeout=0.5)
    workers.shutdown(cancel_futures=True)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("grader-")] == []
