"""`grader serve`: starts, says where, ends quietly, and refuses in one sentence."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from grader.commands import serve
from grader.errors import UsageError
from grader.gradebook.store import Gradebook

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A gradebook without anybody."""
    path = tmp_path / "book.sqlite"
    Gradebook.open(str(path)).close()
    return path


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_quietly(book: Path, environment: dict[str, str], ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "grader", "serve", "--gradebook", str(book), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment
    ) as running:
        said = running.stdout.readline()
        url = said.split()[-1]
        assert said == f"{book} is shown until Ctrl-C at {url}\n"
        assert httpx.get(url).status_code == 200
        running.send_signal(ending)
        rest = running.communicate(timeout=60)
    assert (running.returncode, rest) == (0, ("", ""))


def test_a_port_that_somebody_has_is_named(run: Run, book: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--gradebook", book, "--port", port)
    assert done.returncode == 4
    assert done.stderr == (
        f"error: Can't listen at 127.0.0.1, port {port}: address already in use. "
        "Choose another with --port; 0 takes a free one.\n"
    )


def test_other_machines_are_not_let_in_without_a_token(run: Run, book: Path) -> None:
    done = run("serve", "--gradebook", book, "--port", "0", "--host", "0.0.0.0")
    assert (done.returncode, done.stdout) == (4, "")
    assert "Other machines could reach this address, so it takes a --token." in done.stderr


def test_the_token_may_come_from_the_environment(run: Run, book: Path) -> None:
    done = run("serve", "--gradebook", book, "--port", "0", GRADER_TOKEN="pssst")
    assert done.returncode == 4
    assert "The token is too short" in done.stderr
    assert "pssst" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "no.such.host.invalid"), "There is no address no.such.host.invalid, port 8765 on this machine."),
        (("--host", "192.0.2.1"), "Can't listen at 192.0.2.1, port 8765: "),
        (("--port", "70000"), "less than or equal to 65535"),
        (("--gradebook", "missing.sqlite"), "There is no gradebook"),
        (("--gradebook", "mysql://here/there"), "can't be kept in mysql"),
        (("--allow-host", "http://x"), "`http://x` is no name of a host."),
    ],
)
def test_what_can_not_be_served_is_said_in_a_sentence(
    run: Run, book: Path, arguments: tuple[str, ...], said: str
) -> None:
    given = arguments if "--gradebook" in arguments else ("--gradebook", book, *arguments)
    done = run("serve", *given)
    assert (done.returncode, done.stdout) == (4, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_the_extra_the_command_says_how_to_install_it(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        serve.run(serve.Request(str(book), "127.0.0.1", 0, None, ()))
    assert str(refused.value) == "Serving pages needs starlette and uvicorn: pip install 'rl-transformer-grader[serve]'"
