"""Decides the names under which files are executed: root folder, import roots and modules."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.intake.code import Code
from grader.model.submission import FileKind, SourceFile

DEFAULT_ROOT = "submission"
_LONGEST_ROOT = 64
_INIT = "__init__.py"

_LIBRARIES = {"torch", "torchvision", "torchaudio", "numpy", "scipy", "sympy", "pandas", "matplotlib", "tqdm", "einops"}
_TOOLS = {"gym", "gymnasium", "safetensors", "IPython", "grader", "reference", "problems", "__main__", "__init__"}
RESERVED = frozenset(sys.stdlib_module_names) | frozenset(keyword.kwlist) | _LIBRARIES | _TOOLS
"""Names that a submission's own modules must not take, or importing the real ones would find them."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file is imported from."""

    import_root: str
    package: str
    stem: str
    """Last part of the module's name; `""` for an `__init__.py`."""

    def module(self, stem: str) -> str:
        return ".".join(part for part in (self.package, stem) if part)


def root_name(folder: str) -> str:
    """Return the name of the submission's folder in the sandbox: an identifier as close to `folder` as can be.

    >>> root_name("hw-3 (final)"), root_name("torch"), root_name("2024")
    ('hw_3_final', 'torch_submission', 'submission_2024')
    """
    name = identifier(folder, prefix=DEFAULT_ROOT + "_")[:_LONGEST_ROOT]
    return f"{name}_{DEFAULT_ROOT}" if name in RESERVED else name


def identifier(text: str, prefix: str = "_") -> str:
    """Return `text` with what can't stand in a Python identifier replaced; `prefix` goes before a leading digit."""
    if text.isidentifier() and not keyword.iskeyword(text) and unicodedata.is_normalized("NFKC", text):
        return text
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")
    if not name:
        return DEFAULT_ROOT
    name = prefix + name if name[0].isdigit() else name
    return name + "_" if keyword.iskeyword(name) else name


def source_files(root: str, codes: Iterable[Code], paths: Collection[str]) -> tuple[SourceFile, ...]:
    """Give every readable file its import root and a module name that no other file has there.

    Args:
        root: name of the submission's folder in the sandbox.
        codes: the readable files.
        paths: every path in the submission, to see which folders are packages.
    """
    packages = frozenset(path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] == _INIT)
    taken: set[tuple[str, str]] = set()
    sources = []
    for code in sorted(codes, key=_first_choice):
        place = _place(root, code, packages)
        module = _free_module(place, taken)
        taken.add((place.import_root, module))
        sources.append(_source_file(code, place.import_root, module))
    return tuple(sorted(sources, key=lambda source: source.path))


def _source_file(code: Code, import_root: str, module: str) -> SourceFile:
    names = code.bindings
    return SourceFile(code.path, code.kind, import_root, module, code.units, names.names, names.aliases)


def _first_choice(code: Code) -> tuple[bool, bool, bool, str]:
    """Order in which files choose names: scripts, packages, names that need no change."""
    path = PurePosixPath(code.path)
    return (code.kind is not FileKind.SCRIPT, path.name != _INIT, identifier(path.stem) != path.stem, code.path)


def _place(root: str, code: Code, packages: frozenset[str]) -> _Place:
    path = PurePosixPath(code.path)
    folders = [root, *path.parent.parts]
    depth = max(_package_depth(path.parent.parts, packages), min(code.relative_level, len(folders)))
    split = len(folders) - depth
    package = ".".join(_importable(folder) for folder in folders[split:])
    stem = "" if path.name == _INIT and depth else identifier(path.stem)
    return _Place("/".join(folders[:split]), package, stem)


def _package_depth(parts: tuple[str, ...], packages: frozenset[str]) -> int:
    """Return how many folders, the innermost first, have an `__init__.py` without a gap; the root is the last."""
    depth = 0
    while depth <= len(parts) and "/".join(parts[: len(parts) - depth]) in packages:
        depth += 1
    return depth


def _importable(folder: str) -> str:
    # Python imports from a folder such as `my-code` (a relative import does), but never across a dot.
    return identifier(folder) if "." in folder else folder


def _free_module(place: _Place, taken: set[tuple[str, str]]) -> str:
    """Return the module's own name, or that with `_2`, `_3`, … where another file or a library has it."""
    module, number = place.module(place.stem), 1
    while (place.import_root, module) in taken or module in RESERVED:
        number += 1
        module = f"{place.module(place.stem) or DEFAULT_ROOT}_{number}"
    return module
