#!/usr/bin/env python3
"""Sets the project up in `.venv` and runs one command in it. Needs Python 3.11 or newer and nothing else.

    python3 bootstrap.py check examples/mixed --assignment examples/nine.toml      set up, then `grader check …`
    python3 bootstrap.py test                                                      set up, then all tests through tox

Everything after `bootstrap.py` but `test` goes to `grader`. `test` needs tox alone, in `.tox/start`; tox installs the
rest. Nothing outside the project's folder is changed; a second call finds the environment and starts at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
GRADER = PROJECT / ".venv"
TOX = PROJECT / ".tox" / "start"
TOOLS = PROJECT / "requirements" / "tools.txt"
CONSTRAINTS = PROJECT / "constraints.txt"
LEAST = (3, 11)


def main() -> int:
    if sys.version_info < LEAST:
        return _refuse(f"Python {'.'.join(map(str, LEAST))} or newer is needed; this is {sys.version.split()[0]}.")
    if len(sys.argv) < 2:
        return _refuse(__doc__ or "")
    try:
        if sys.argv[1] == "test":
            python = _set_up(TOX, ["--require-hashes", "--no-deps", "-r", TOOLS], [TOOLS])
            return subprocess.call([python, "-m", "tox", "run", *sys.argv[2:]], cwd=PROJECT)
        wanted = ["--constraint", CONSTRAINTS, "--editable", PROJECT]
        python = _set_up(GRADER, wanted, [PROJECT / "pyproject.toml", CONSTRAINTS])
    except subprocess.CalledProcessError as failed:
        return _refuse(f"Setting up failed: {' '.join(map(str, failed.cmd))} ended with {failed.returncode}.")
    return subprocess.call([python, "-m", "grader", *sys.argv[1:]])


def _set_up(environment: Path, requirements: list[object], files: list[Path]) -> Path:
    """The Python of an environment with these requirements; nothing is done if the same files made it before."""
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = environment / "installed-from"
    wanted = _fingerprint(files)
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    name = environment.relative_to(PROJECT)
    print(f"Setting up {name} (once; this takes a minute or more) …", file=sys.stderr)
    pip = _make_environment(environment, python)
    subprocess.run([*pip, "install", "--quiet", "--disable-pip-version-check", *requirements], check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _make_environment(environment: Path, python: Path) -> list[object]:
    """An empty environment, and the pip that installs into it.

    Debian packages `ensurepip` apart from Python: where it is missing, the system's pip installs into the environment.
    """
    if environment.is_file():
        environment.unlink()  # tox leaves one where there is no environment yet
    shutil.rmtree(environment, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401, PLC0415 -- only whether it is there
    except ImportError:
        if subprocess.call([sys.executable, "-m", "pip", "--version"], stdout=subprocess.DEVNULL):
            sys.exit(_refuse("This Python has neither ensurepip nor pip: install python3-venv or python3-pip."))
        venv.create(environment, with_pip=False, symlinks=os.name != "nt")
        return [sys.executable, "-m", "pip", "--python", python]
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")
    return [python, "-m", "pip"]


def _fingerprint(files: list[Path]) -> str:
    return hashlib.sha256(b"\0".join([sys.version.encode(), *(f.read_bytes() for f in files)])).hexdigest()


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 4


if __name__ == "__main__":
    sys.exit(main())
