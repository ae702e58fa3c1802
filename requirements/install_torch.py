#!/usr/bin/env python3
"""Installs the pinned PyTorch into the environment of this Python: the CPU build where pip finds it, else PyPI's.

Both are checked against their hashes. Two calls, since pip prefers a file whose hash an index tells it: with one list
for both builds it would take PyPI's, and its gigabytes of GPU libraries, even where the CPU build lies on the disk.
"""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
PYTORCH = ["--retries=0", "--extra-index-url=https://download.pytorch.org/whl/cpu"]


def main() -> int:
    if _installed() in {_version("torch.txt"), _version("torch-cpu.txt")}:
        return 0
    if subprocess.call([*PIP, *PYTORCH, "-r", HERE / "torch-cpu.txt"]) == 0:
        return 0
    print("The CPU build of PyTorch was not found or was refused: installing the build of PyPI.", file=sys.stderr)
    return subprocess.call([*PIP, "-r", HERE / "torch.txt"])


def _installed() -> str | None:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


def _version(name: str) -> str:
    pinned = re.search(r"^torch==(\S+)", (HERE / name).read_text(encoding="utf-8"), re.MULTILINE)
    return pinned[1] if pinned else ""


if __name__ == "__main__":
    sys.exit(main())
