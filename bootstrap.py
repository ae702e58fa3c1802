#!/usr/bin/env python3
"""Sets the project up in `.venv` and runs one command in it. Needs Python 3.11 or newer and nothing else.

    python3 bootstrap.py check examples/mixed --assignment examples/nine.toml      set up, then `grader check …`
    python3 bootstrap.py test                                                      set up, then all tests through tox

Everything after `bootstrap.py` but `test` goes to `grader`. Nothing outside the project's folder is changed; a second
call finds the environment and starts at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "installed-from"
LEAST = (3, 11)


def main() -> int:
    if sys.version_info < LEAST:
        return _refuse(f"Python {'.'.join(map(str, LEAST))} or newer is needed; this is {sys.version.split()[0]}.")
    if len(sys.argv) < 2:
        return _refuse(__doc__ or "")
    try:
        _set_up()
    except subprocess.CalledProcessError as failed:
        return _refuse(f"Setting up failed: {' '.join(map(str, failed.cmd))} ended with {failed.returncode}.")
    if sys.argv[1] == "test":
        return subprocess.call([PYTHON, "-m", "tox", "run", *sys.argv[2:]], cwd=PROJECT)
    return subprocess.call([PYTHON, "-m", "grader", *sys.argv[1:]])


def _set_up() -> None:
    """Make the environment and install the project with the tested versions, unless the same files did so before."""
    wanted = _fingerprint()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Setting up .venv (once; PyTorch is large, this takes a minute or more) …", file=sys.stderr)
    pip = _make_environment()
    requirements = ["--constraint", PROJECT / "constraints.txt", "--editable", PROJECT, "tox"]
    subprocess.run([*pip, "install", "--quiet", "--disable-pip-version-check", *requirements], check=True)
    STAMP.write_text(wanted, encoding="utf-8")


def _make_environment() -> list[object]:
    """An empty environment, and the pip that installs into it.

    Debian packages `ensurepip` apart from Python: where it is missing, the system's pip installs into the environment.
    """
    if ENVIRONMENT.is_file():
        ENVIRONMENT.unlink()  # tox leaves one where there is no environment yet
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401, PLC0415 -- only whether it is there
    except ImportError:
        if subprocess.call([sys.executable, "-m", "pip", "--version"], stdout=subprocess.DEVNULL):
            sys.exit(_refuse("This Python has neither ensurepip nor pip: install python3-venv or python3-pip."))
        venv.create(ENVIRONMENT, with_pip=False, symlinks=os.name != "nt")
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    venv.create(ENVIRONMENT, with_pip=True, symlinks=os.name != "nt")
    return [PYTHON, "-m", "pip"]


def _fingerprint() -> str:
    files = (PROJECT / "pyproject.toml", PROJECT / "constraints.txt")
    return hashlib.sha256(b"\0".join([sys.version.encode(), *(f.read_bytes() for f in files)])).hexdigest()


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 4


if __name__ == "__main__":
    sys.exit(main())
