"""The libraries a sandbox may see: a folder of links to every installed package except ours.

Nothing of `grader` but the guest and the environments, and nothing of `reference` and `problems`, may be readable
from inside.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE.parent
OURS = frozenset({"grader", "reference", "problems", "tests"})
GUEST = "grader_guest"
ENVIRONMENTS = "grader_environments"
NEEDED = ("torch", "numpy", "safetensors", "gymnasium")
"""What the guest imports for submissions; sandlock lies beside them where it is installed."""


def guest_command(library: Path, settings: str) -> list[str]:
    """The command that starts a zygote: isolated from the environment and from site-packages, libraries by link."""
    boot = f"import sys; sys.path.insert(0, {str(library)!r}); from {GUEST}.zygote import main; main()"
    return [os.path.realpath(sys.executable), "-I", "-S", "-B", "-c", boot, settings]


def build_library(folder: Path) -> list[str]:
    """Fill `folder` with links to the guest and the installed packages; the paths that have to be readable for them."""
    folder.mkdir()
    readable = [str(folder)]
    for name, source in ((GUEST, PACKAGE / "guest"), (ENVIRONMENTS, PACKAGE / "environments")):
        (folder / name).symlink_to(source)
        readable.append(str(source))
    for site in _site_folders():
        entries = [entry for entry in sorted(site.iterdir()) if _is_library(entry)]
        for entry in entries:
            link = folder / entry.name
            if not link.is_symlink():
                link.symlink_to(entry)
        readable += [str(site)] if not any((site / ours).exists() for ours in OURS) else [str(e) for e in entries]
    return readable


def _site_folders() -> list[Path]:
    """The folders that hold installed packages: an installation's own, and wherever what the guest needs lies.

    Not all of our own path: the folder one stands in is on it, and may hold the submissions of a whole class.
    """
    installed = [Path(entry).resolve() for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    specs = (importlib.util.find_spec(name) for name in NEEDED)  # finds a package without importing it
    needed = [Path(spec.origin).resolve().parents[1] for spec in specs if spec is not None and spec.origin]
    return [folder for folder in dict.fromkeys([*installed, *needed]) if folder.is_dir()]


def _is_library(entry: Path) -> bool:
    name = entry.name
    if name.partition(".")[0].partition("-")[0] in OURS or name.endswith((".pth", ".egg-link")):
        return False
    return not name.startswith(("__editable__", "_distutils", "."))


def system_paths() -> list[str]:
    """What an interpreter needs to start: its installation, shared libraries, a few devices and facts."""
    candidates = [
        "/usr", "/lib", "/lib64", "/bin", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/proc",
        "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu", sys.base_prefix,
    ]  # fmt: skip
    return [path for path in dict.fromkeys(candidates) if Path(path).exists()]


def hidden_paths() -> list[str]:
    """Our own packages, wherever they lie; refused even if they lie under a path that is readable."""
    return [str(PROJECT / name) for name in sorted(OURS - {"grader"}) if (PROJECT / name).exists()]
