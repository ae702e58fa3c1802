"""What goes wrong in one problem costs that problem, says what it was, and nothing else."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import time

import pytest

from grader.model.verdict import Outcome, ProblemReport
from grader.run.zygote import Slot
from tests.run.submissions import Grade, both, layer_norm, named, returns


def _told(problem: ProblemReport) -> str:
    return " ".join(verdict.message for verdict in problem.verdicts)


EVERYWHERE = {
    "exit": ("__import__('os')._exit(0)", "ended the whole Python process"),
    "exit status": ("__import__('os')._exit(7)", "exit status 7"),
    "sys.exit": ("raise SystemExit(3)", "raised SystemExit: 3"),
    "endless loop": ("while True: pass", "took longer than 2 s"),
    "sleep": ("__import__('time').sleep(1000)", "did not return within 4 s"),
    "segmentation fault": ("__import__('os').kill(__import__('os').getpid(), 11)", "SIGSEGV"),
    "tensor too large": ("torch.zeros(1 << 36)", "more memory than allowed"),
    "bytes too large": ("bytearray(1 << 36)", "more memory than allowed"),
    "many tensors": ("keep = [torch.empty(1 << 26) for _ in range(1000)]", "more memory than allowed"),
    "endless printing": ("while True: print('y' * 100000)", "printed more than 16 MB"),
    "large file": ("open('f', 'wb').write(b'0' * (9 << 20))", "wrote a file larger than 8 MB"),
    "many files": ("keep = [open('/dev/null', 'r+b', buffering=0) for _ in range(5000)]", "too many open files"),
    "recursion": ("return discounted_returns(rewards, dones, gamma)", "RecursionError"),
    "input": ("input('n?')", "nobody to answer"),
    "closed descriptors": ("__import__('os').closerange(0, 100)", "ended the whole Python process"),
    "garbage for an answer": ("__import__('os').write(3, b'\\xff' * 100000)", "could not be read"),
}


@pytest.mark.parametrize("what", EVERYWHERE)
def test_misbehaviour_costs_its_own_problem_alone(what: str, any_slot: Slot, grade: Grade) -> None:
    first, explanation = EVERYWHERE[what]
    report = grade(any_slot, both(first), "discounted_returns", "layer_norm")
    culprit, other = named(report, "discounted_returns"), named(report, "layer_norm")
    assert culprit.outcome is Outcome.SUBMISSION_ERROR
    assert culprit.score == 0
    assert explanation in _told(culprit)
    assert other.score == other.max_score


CONFINED = {
    "fork bomb": ("""
    import os
    while True:
        try: os.fork()
        except OSError: pass""", "more processes than allowed (16)"),
    "full disk, from one call to the next": ("""
    import os, shutil
    if os.path.exists("full"):
        shutil.rmtree("full")
        os.mkdir("emptied")
    elif not os.path.exists("emptied"):
        os.mkdir("full")
        for number in range(9):
            with open(f"full/{number}", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, 8 << 20)""", "filled the disk"),
    "full disk, and an answer all the same": ("""
    import os
    if not os.path.exists("full"):
        os.mkdir("full")
        for number in range(9):
            with open(f"full/{number}", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, 8 << 20)
        return rewards * 0""", "filled the disk"),
    "problems": (f"open({os.path.abspath('problems/q12_transformer/layer_norm.py')!r})", "raised"),
    "reference": ("import reference.returns", "ModuleNotFoundError"),
    "problems as a package": ("import problems", "ModuleNotFoundError"),
    "the grader": ("import grader.grading", "ModuleNotFoundError"),
    "home": ("__import__('os').listdir(__import__('pwd').getpwuid(__import__('os').getuid()).pw_dir + '/.')", "raised"),
    "writing": ("open('/usr/local/pwned', 'w')", "raised"),
    "checkout": (f"open({os.path.abspath('tests/pwned')!r}, 'w')", "raised"),
}  # fmt: skip


@pytest.mark.parametrize("what", CONFINED)
def test_the_sandbox_refuses(what: str, sandbox: Slot, grade: Grade) -> None:
    first, explanation = CONFINED[what]
    report = grade(sandbox, both(first), "discounted_returns", "layer_norm")
    culprit, other = named(report, "discounted_returns"), named(report, "layer_norm")
    assert culprit.outcome is Outcome.SUBMISSION_ERROR
    assert explanation in _told(culprit)
    assert other.score == other.max_score


CALLING_HOME = {
    "a connection": "__import__('socket').create_connection(('127.0.0.1', {port}), timeout=2)",
    "a datagram": "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', {port}))",
}


def _called(how: str, slot: Slot, grade: Grade) -> bool:
    """Whether a server in this process, on loopback, hears from the submission."""
    kind = socket.SOCK_STREAM if how == "a connection" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            server.listen()
        grade(slot, returns(CALLING_HOME[how].format(port=server.getsockname()[1])), "discounted_returns")
        return bool(select.select([server], [], [], 0.2)[0])


@pytest.mark.parametrize("how", CALLING_HOME)
def test_the_network_is_out_of_reach_of_a_sandbox(how: str, sandbox: Slot, grade: Grade) -> None:
    assert not _called(how, sandbox, grade)


@pytest.mark.parametrize("how", CALLING_HOME)
def test_without_a_sandbox_the_same_call_arrives(how: str, plain: Slot, grade: Grade) -> None:
    assert _called(how, plain, grade)


def test_a_child_cannot_signal_the_zygote(sandlock: Slot, grade: Grade) -> None:
    report = grade(sandlock, both("__import__('os').kill(__import__('os').getppid(), 9)"), "discounted_returns")
    assert "PermissionError" in _told(report.problems[0])


def test_killing_every_process_in_sight_leaves_the_grader_alive(sandbox: Slot, grade: Grade) -> None:
    report = grade(sandbox, both("__import__('os').kill(-1, 9)"), "discounted_returns", "layer_norm")
    assert named(report, "layer_norm").score == 10


SECONDS = 10_000_000 + os.getpid()
"""That nobody else sleeps, in particular not the same test for another sandbox, in another worker."""


def test_folders_too_deep_are_the_submissions_fault(sandbox: Slot, grade: Grade) -> None:
    slow_to_lay_out = {f"data/{number}.txt": "1" for number in range(1500)}  # so that the disk is looked at meanwhile
    answers = {"/".join([*["a"] * 120, "answers.py"]): layer_norm()}
    report = grade(sandbox, {**slow_to_lay_out, **answers}, "layer_norm")
    assert report.problems[0].outcome is Outcome.SUBMISSION_ERROR
    assert "filled the disk" in " ".join(notice.message for notice in report.notices)


DAEMON = """
    import os, time
    is_first = not os.path.exists("daemon")
    open("daemon", "w").close()
    if is_first and os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            os.execv("/bin/sleep", ["/bin/sleep", "SECONDS"])
        os._exit(0)
    if is_first: os.wait()""".replace("SECONDS", str(SECONDS))


def test_daemons_end_with_the_submission(any_slot: Slot, grade: Grade) -> None:
    report = grade(any_slot, returns(DAEMON), "discounted_returns")
    assert report.score == report.max_score
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert f"sleep {SECONDS}" not in running


def test_nothing_is_left_in_the_scratch_folder(any_slot: Slot, grade: Grade) -> None:
    leave = """
    import os
    if not os.path.exists('deep'):
        os.makedirs('deep/er')
        open('deep/er/f', 'w').close()
        os.chmod('deep/er', 0)"""
    report = grade(any_slot, returns(leave), "discounted_returns")
    scratch = any_slot.zygote._folder / "scratch"
    assert report.score == report.max_score
    assert not [entry for entry in scratch.iterdir() if entry.name.startswith("child-")]


def test_the_sandbox_and_its_folder_are_gone_after_closing(grade: Grade) -> None:
    from grader.run.backend import Isolation
    from grader.run.limits import Limits
    from grader.run.zygote import BACKENDS

    slot = Slot(BACKENDS[Isolation.NONE], Limits())
    folder = slot.zygote._folder
    grade(slot, layer_norm(), "layer_norm")
    slot.close()
    time.sleep(0.1)
    assert not folder.exists()
    assert str(folder) not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_one_submission_cannot_see_what_another_left(any_slot: Slot, grade: Grade) -> None:
    grade(any_slot, returns("import torch, builtins; torch.secret = builtins.secret = 42"), "discounted_returns")
    spy = "import torch, builtins; assert not hasattr(torch, 'secret') and not hasattr(builtins, 'secret')"
    report = grade(any_slot, returns(spy), "discounted_returns")
    assert report.score == report.max_score
