"""Installs otter-grader and nbgrader, each into an environment of its own, which lies in a cache folder."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from beside.metering import succeed

OTTER = "otter-grader==7.0.0"
NBGRADER = "nbgrader==0.9.6"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "grader-benchmarks"

SHARED = ("torch", "numpy")
"""Taken from the running environment with what they require: the same torch for all, and no second copy of it."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.command("python")

    def command(self, name: str) -> Path:
        """One of its commands."""
        return self.folder / "bin" / name

    def variables(self, home: Path) -> dict[str, str]:
        """For processes that run in it: settings of the person who starts them stay out."""
        return {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "JUPYTER_PLATFORM_DIRS": "0",
            "PYTHONPATH": "",
        }

    def versions(self, *names: str) -> dict[str, str]:
        """Of distributions that are installed in it."""
        program = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
        found = succeed([self.python, "-c", program, *names], self.folder).output.split()
        return dict(zip(names, found, strict=True))


def installed(requirement: str, cache: Path) -> Environment:
    """The environment of a tool; made with `venv` and filled with pip where it is not there yet."""
    folder = cache / requirement.replace("==", "-")
    environment = Environment(folder)
    finished = folder / "finished"
    if not finished.exists():
        print(f"installing {requirement} in {folder}", file=sys.stderr)
        cache.mkdir(parents=True, exist_ok=True)
        succeed([sys.executable, "-m", "venv", "--clear", folder], cache)
        _share(_shared_folder(cache), environment)
        succeed([environment.python, "-m", "pip", "install", requirement, "ipykernel", *SHARED], cache)
        finished.touch()
    return environment


def _share(folder: Path, environment: Environment) -> None:
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(succeed([environment.python, "-c", program], folder).output.strip())
    (packages / "shared.pth").write_text(f"{folder}\n", encoding="utf-8")


def _shared_folder(cache: Path) -> Path:
    """A folder of links to what is shared, and to nothing else of the running environment."""
    folder = cache / f"shared-torch-{metadata.version('torch')}-python-{sysconfig.get_python_version()}"
    folder.mkdir(exist_ok=True)
    for distribution in _with_requirements(SHARED).values():
        for name in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            link = folder / name
            if not link.is_symlink():
                link.symlink_to(Path(str(distribution.locate_file(name))))
    return folder


def _with_requirements(names: tuple[str, ...]) -> dict[str, metadata.Distribution]:
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found or name == "setuptools":  # which every program may bring along in its own version
            continue
        found[name] = metadata.distribution(name)
        required = map(Requirement, found[name].requires or ())
        waiting += [each.name for each in required if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found
