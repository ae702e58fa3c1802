"""Two submissions that would talk to each other: one leaves something and one comes later, or both run at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.model.verdict import Report
from grader.run.zygote import Slot
from tests.hostile.built_leftovers import CALLS, accomplice, caller
from tests.hostile.promises import TARGET, everything_told, graded
from tests.run.conftest import LIMITS
from tests.run.submissions import layer_norm, named

SOLUTION = layer_norm()

LEAVER = """
SOLUTION = {solution!r}

def layer_norm(x, gamma, beta, eps=1e-5):
{body}
    return x
"""

SPY = """
def layer_norm(x, gamma, beta, eps=1e-5):
{body}
    space = {{}}
    exec(found, space)
    return space["layer_norm"](x, gamma, beta, eps)
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """One submission leaves a right solution somewhere, and a later one in the same slot looks there."""

    name: str
    tries: str
    leave: str
    look: str
    is_open: bool = False
    """Whether it works where there is no sandbox: the proof that it would."""


LATER = (
    Pair("temporary file", "a file in the folder for temporary files", """
with open("/tmp/pwned-pair", "w") as file:
    file.write(SOLUTION)""", "found = open('/tmp/pwned-pair').read()", is_open=True),
    Pair("shared memory", "a file in the memory that processes share", """
with open("/dev/shm/pwned-pair", "w") as file:
    file.write(SOLUTION)""", "found = open('/dev/shm/pwned-pair').read()", is_open=True),
    Pair("named block", "a named block of Python's shared memory", """
from multiprocessing import resource_tracker, shared_memory
resource_tracker.register = lambda *_: None
block = shared_memory.SharedMemory("pwned-block", create=True, size=len(SOLUTION))
block.buf[:] = SOLUTION.encode()""", """
from multiprocessing import shared_memory
block = shared_memory.SharedMemory("pwned-block")
found = bytes(block.buf).rstrip(b"\\0")""", is_open=True),
    Pair("beside its folder", "a file in the folder that all scratch folders lie in", """
with open("../pwned-pair", "w") as file:
    file.write(SOLUTION)""", "found = open('../pwned-pair').read()"),
    Pair("its folder", "the scratch folder itself, moved away and found again", """
import glob, os
with open("pwned-pair", "w") as file:
    file.write(SOLUTION)
os.rename(os.getcwd(), "../pwned-folder")""", """
import glob
found = open(glob.glob("../*/pwned-pair")[0]).read()"""),
    Pair("cache of compiled models", "the folders in which PyTorch, Matplotlib and others cache, by whatever name", """
import os
for name in ("TORCHINDUCTOR_CACHE_DIR", "MPLCONFIGDIR", "TORCH_HOME", "XDG_CACHE_HOME", "HOME", "TMPDIR"):
    folder = os.environ.get(name, os.path.expanduser("~/.cache"))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "pwned-pair"), "w") as file:
        file.write(SOLUTION)""", """
import glob, os
folders = [os.environ[name] for name in os.environ if name.endswith(("DIR", "HOME"))]
paths = [path for folder in folders for path in glob.glob(f"{folder}/**/pwned-pair", recursive=True)]
found = open(paths[0]).read()"""),
    Pair("compiled module", "a compiled module in the cache beside a library", """
import importlib.util, os, marshal, torch
path = importlib.util.cache_from_source(os.path.join(os.path.dirname(torch.__file__), "pwned_pair.py"))
with open(path, "wb") as file:
    file.write(importlib.util.MAGIC_NUMBER + bytes(12) + marshal.dumps(compile(SOLUTION, "pwned", "exec")))""", """
import torch.pwned_pair
found = torch.pwned_pair.__loader__.get_code("torch.pwned_pair")"""),
    Pair("name of the zygote", "the name and environment of the process both are forked from", """
import os, torch
os.environ["PWNED"] = torch.pwned = SOLUTION
with open(f"/proc/{os.getppid()}/comm", "w") as file:
    file.write("pwned")""", """
import os, torch
found = os.environ.get("PWNED") or torch.pwned"""),
    Pair("daemon", "a daemon that answers at an abstract socket", """
import os, socket
server = socket.socket(socket.AF_UNIX)
server.bind("\\0pwned-later")
server.listen()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        while True:
            server.accept()[0].sendall(SOLUTION.encode())
    os._exit(0)""", """
import socket
caller = socket.socket(socket.AF_UNIX)
caller.connect("\\0pwned-later")
found = caller.recv(65536)"""),
    Pair("keyring", "the user's and the session's keyring", """
import ctypes, os
number = {"x86_64": 248, "aarch64": 217}[os.uname().machine]
for keyring in (-3, -4, -5):
    ctypes.CDLL(None).syscall(number, b"user", b"pwned-pair", SOLUTION.encode(), len(SOLUTION), keyring)""", """
import ctypes, os
ask, act = {"x86_64": (249, 250), "aarch64": (218, 219)}[os.uname().machine]
key = ctypes.CDLL(None).syscall(ask, b"user", b"pwned-pair", None, 0)
room = ctypes.create_string_buffer(65536)
found = room.raw[: ctypes.CDLL(None).syscall(act, 11, key, room, 65536)].decode()"""),
    Pair("System V", "a block of System V's shared memory", """
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
ctypes.memmove(libc.shmat(libc.shmget(0x50574E44, 65536, 0o1666), None, 0), SOLUTION.encode(), len(SOLUTION))""", """
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
found = ctypes.string_at(libc.shmat(libc.shmget(0x50574E44, 65536, 0o666), None, 0))"""),
    Pair("message queue", "a POSIX message queue", """
import ctypes, os
librt = ctypes.CDLL("librt.so.1")
queue = librt.mq_open(b"/pwned", os.O_CREAT | os.O_RDWR, 0o666, None)
assert queue >= 0 and librt.mq_send(queue, SOLUTION.encode(), len(SOLUTION), 0) == 0""", """
import ctypes, os
librt = ctypes.CDLL("librt.so.1")
room = ctypes.create_string_buffer(65536)
found = room.raw[: librt.mq_receive(librt.mq_open(b"/pwned", os.O_RDONLY), room, 65536, None)].decode()"""),
)  # fmt: skip

AT_ONCE = {
    "abstract": ("an abstract Unix socket", "_serve('\\0pwned-pair')", "_call('\\0pwned-pair')"),
    "datagram": ("a datagram to an abstract Unix socket", "_hear('\\0pwned-datagram')", "_tell('\\0pwned-datagram')"),
    "tmp": ("a file in /tmp", "open('/tmp/pwned-now', 'w').close()", "open('/tmp/pwned-now').close()"),
    "shm": ("a file in /dev/shm", "open('/dev/shm/pwned-now', 'w').close()", "open('/dev/shm/pwned-now').close()"),
    "port": ("a port on loopback", "_serve(('127.0.0.1', 45991))", "_call(('127.0.0.1', 45991))"),
    "process": ("the name of a process", "ctypes.CDLL(None).prctl(15, b'pwned-now')", "_named('pwned-now')"),
    "signal": ("a signal to every process in sight", "pass", "_signalled()"),
    "scratch": ("each other's scratch folders", "open('pwned-now', 'w').close()", "_elsewhere('pwned-now')"),
}
"""Channels between two submissions that run at once: what they are, how one opens it, how the other finds it."""

PAIRS = tuple((pair.name, pair.tries) for pair in LATER) + tuple((name, tries) for name, (tries, *_) in AT_ONCE.items())
"""What pairs try, by name: attacks of the corpus too."""

COMMON = """
import ctypes, glob, os, socket, time

def _server(kind, address):
    server = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX, kind)
    server.bind(address)
    return server

def _serve(address):
    server = _server(socket.SOCK_STREAM, address)
    server.listen()
    globals().setdefault("kept", []).append(server)

def _hear(address):
    globals().setdefault("kept", []).append(_server(socket.SOCK_DGRAM, address))

def _call(address):
    with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as caller:
        caller.connect(address)

def _tell(address):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
        caller.sendto(b"x", address)

def _processes():
    return [int(path[6:]) for path in glob.glob("/proc/[0-9]*")]

def _named(name):
    for pid in _processes():
        with open(f"/proc/{pid}/comm") as file:
            if file.read().strip() == name:
                return
    raise LookupError(name)

def _signalled():
    for pid in range(max(2, os.getpid() - 300), os.getpid() + 300):
        if pid not in (os.getpid(), os.getppid()):
            try:
                os.kill(pid, 0)
            except OSError:
                continue
            return
    raise LookupError("nobody")

def _elsewhere(name):
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.getcwd())))
    if not [path for path in glob.glob(f"{here}/*/scratch/*/{name}") if not path.startswith(os.getcwd())]:
        raise LookupError(name)
"""


def _indented(body: str) -> str:
    return textwrap.indent(body.strip(), "    ")


def _grade(slot: Slot, folder: Path, source: str) -> Report:
    folder.mkdir()
    (folder / "answers.py").write_text(source)
    return graded(folder, slot)


def _score_of_the_spy(pair: Pair, slot: Slot, folder: Path) -> float:
    _grade(slot, folder / "leaver", LEAVER.format(solution=SOLUTION, body=_indented(pair.leave)))
    spying = _grade(slot, folder / "spy", SPY.format(body=_indented(pair.look)))
    return float(named(spying, TARGET).score)


@pytest.mark.parametrize("pair", LATER, ids=lambda pair: pair.name)
def test_nothing_is_left_for_a_later_submission(pair: Pair, sandbox: Slot, tmp_path: Path) -> None:
    assert _score_of_the_spy(pair, sandbox, tmp_path) == 0


@contextmanager
def _tidied() -> Iterator[None]:
    try:
        yield
    finally:
        for path in (*Path("/tmp").glob("pwned-*"), *Path("/dev/shm").glob("pwned-*")):
            path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="the folders are Linux's")
@pytest.mark.parametrize("pair", [pair for pair in LATER if pair.is_open], ids=lambda pair: pair.name)
def test_without_a_sandbox_the_same_is_found(pair: Pair, plain: Slot, tmp_path: Path) -> None:
    with _tidied():
        assert _score_of_the_spy(pair, plain, tmp_path) > 0


def _heard(first: Slot, second: Slot, folder: Path) -> set[str]:
    """The channels that let anything through between two submissions that run at the same time."""
    opened = [f"try: {how}\nexcept OSError: pass" for _, how, _ in AT_ONCE.values()]
    leaver = COMMON + LEAVER.format(solution="", body=_indented("\n".join([*opened, "time.sleep(3)", "os._exit(0)"])))
    tried = [f"try:\n    {how}\n    seen.add({name!r})\nexcept Exception: pass" for name, (*_, how) in AT_ONCE.items()]
    look = ["seen = set()", "for _ in range(20):", *(textwrap.indent(each, "    ") for each in tried)]
    look += [f"    if len(seen) == {len(AT_ONCE)}: break", "    time.sleep(0.1)"]
    look += ["raise LookupError(f'heard: {sorted(seen)}')"]
    spy = COMMON + LEAVER.format(solution="", body=_indented("\n".join(look)))
    both = threading.Thread(target=_grade, args=(first, folder / "leaver", leaver))
    both.start()
    told = everything_told(_grade(second, folder / "spy", spy))
    both.join()
    (listed,) = re.findall(r"heard: \[(.*?)\]", told) or [told]
    return set(re.findall(r"'(\w+)'", listed))


def test_submissions_graded_at_the_same_time_do_not_hear_each_other(sandbox: Slot, tmp_path: Path) -> None:
    with Slot(sandbox.backend, LIMITS) as second:
        second.zygote.wait_until_ready()
        assert _heard(sandbox, second, tmp_path) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="the channels are Linux's")
def test_without_a_sandbox_they_do_by_every_one_of_these_channels(plain: Slot, tmp_path: Path) -> None:
    with Slot(plain.backend, LIMITS) as second, _tidied():
        second.zygote.wait_until_ready()
        assert _heard(plain, second, tmp_path) == set(AT_ONCE)


@pytest.mark.skipif(sys.platform != "linux", reason="some of the ways are Linux's")
@pytest.mark.parametrize("name", CALLS)
def test_without_a_sandbox_the_accomplice_answers(name: str, plain: Slot, tmp_path: Path) -> None:
    source = caller(CALLS[name][1].format(**accomplice(tmp_path)))
    assert named(_grade(plain, tmp_path / "caller", source), TARGET).score > 0


SECRETIVE = """
import glob, os, stat

def layer_norm(x, gamma, beta, eps=1e-5):
    heard = [f"{name}={value}" for name, value in os.environ.items()]
    for path in [found for what in ("cmdline", "environ", "fd/*") for found in glob.glob(f"/proc/[0-9]*/{what}")]:
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                continue  # reading from the grader's pipes would not be spying but taking
            with open(path, "rb") as file:
                heard.append(file.read(100000).decode(errors="replace"))
        except OSError:
            continue
    text = "".join(heard)
    raise LookupError("heard: " + str([word for word in ("swordfish", "42424242") if word in text]))
"""


def test_command_lines_environments_and_files_of_the_host_are_out_of_sight(
    sandbox: Slot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://grader:swordfish@localhost/grades")
    (tmp_path / "gradebook").write_text("swordfish")
    with _a_grader_with_secrets(tmp_path / "gradebook"), Slot(sandbox.backend, LIMITS) as slot:
        told = everything_told(_grade(slot, tmp_path / "spy", SECRETIVE))
    assert "heard: []" in told


def test_without_a_sandbox_they_are_seen(plain: Slot, tmp_path: Path) -> None:
    (tmp_path / "gradebook").write_text("swordfish")
    with _a_grader_with_secrets(tmp_path / "gradebook"):
        told = everything_told(_grade(plain, tmp_path / "spy", SECRETIVE))
    assert "42424242" in told  # the rest is closed to a child that has fewer capabilities than its user's processes


@contextmanager
def _a_grader_with_secrets(gradebook: Path) -> Iterator[None]:
    """A process of the same user, with a seed in its command line and a password in its environment and in a file."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", "check", "--seed", "42424242"]
    environment = {**os.environ, "DATABASE_URL": "postgresql://grader:swordfish@localhost/grades"}
    with (
        gradebook.open() as file,
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, pass_fds=[file.fileno()]) as process,
    ):
        yield
        assert process.stdin is not None
        process.stdin.close()
