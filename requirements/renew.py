#!/usr/bin/env python3
"""Writes the files of this folder anew: every package an environment installs, with the sha256 of each of its files.

    tox run -e pins

The versions are those of `constraints.txt`; uv reads the hashes from PyPI. PyTorch stands apart, in two files: PyPI has
the build with GPU libraries, and other places have the CPU build, whose hash is taken from the file that pip finds.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
TORCH = re.compile(r"torch$|triton$|nvidia-|cuda-")
BUILD = "hatchling\neditables\n"
COMPILE = ["uv", "pip", "compile", "--quiet", "--no-config", "--no-header", "--no-annotate", "--universal"]
HEAD = "# Written by `tox run -e pins` from pyproject.toml and constraints.txt; see docs/supply-chain.md.\n"


def main() -> None:
    whole = _names(_compile(["-"], "torch"))
    torch = [name for name in whole if TORCH.match(name)]
    _write("tools.txt", _hashed(["-"], "tox\nruff\nimport-linter\n"))
    _write("grader.txt", _hashed(["pyproject.toml", "-"], BUILD, torch))
    beside = [name for name in torch if name != "triton"]  # which interprets kernels where PyTorch is for the CPU
    _write("tests.txt", _hashed(["pyproject.toml", "-", "--all-extras"], BUILD, beside))
    _write("torch.txt", _hashed(["-"], "torch", [name for name in whole if name not in torch]))
    _write("torch-cpu.txt", _cpu_build())


def _write(name: str, text: str) -> None:
    (HERE / name).write_text(HEAD + text, encoding="utf-8")
    print(f"requirements/{name}: {len(_names(text))} packages")


def _compile(arguments: list[str], wanted: str) -> str:
    command = [*COMPILE, "--python-version", "3.11", "--constraints", "constraints.txt", *arguments]
    return subprocess.run(command, cwd=PROJECT, input=wanted, text=True, check=True, stdout=subprocess.PIPE).stdout


def _hashed(arguments: list[str], wanted: str, without: list[str] | None = None) -> str:
    return _compile(["--generate-hashes", *(f"--no-emit-package={name}" for name in without or []), *arguments], wanted)


def _names(text: str) -> list[str]:
    return re.findall(r"^([\w.-]+)==", text, re.MULTILINE)


def _cpu_build() -> str:
    """The requirement for the CPU build: the file that pip finds from here, and those that were listed already."""
    pinned = re.search(r"^torch==.*", (PROJECT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    if pinned is None:
        sys.exit("constraints.txt does not pin torch.")
    requirement = f"{pinned[0]}+cpu"
    written = HERE / "torch-cpu.txt"
    earlier = written.read_text(encoding="utf-8") if written.exists() else ""
    hashes = set(re.findall(r"sha256:(\w+)", earlier)) if f"{requirement} " in earlier else set()
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries=0", f"--dest={folder}"]
        subprocess.run([*pip, "--extra-index-url=https://download.pytorch.org/whl/cpu", requirement], check=True)
        hashes |= {hashlib.sha256(file.read_bytes()).hexdigest() for file in Path(folder).iterdir()}
    return " \\\n    ".join([requirement, *(f"--hash=sha256:{digest}" for digest in sorted(hashes))]) + "\n"


if __name__ == "__main__":
    main()
