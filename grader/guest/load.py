"""Executes a submission's code, files statement by statement and notebooks cell by cell: one error costs little."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import json
import linecache
import os
import signal
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .statements import Place, run_statements
from .trouble import Trouble, described

Source = dict[str, Any]


class LenientLoader(importlib.machinery.SourceFileLoader):
    """Loads a submitted module; errors are noted in the workspace, and the statements after them still run."""

    def __init__(self, name: str, path: str, workspace: Workspace) -> None:
        super().__init__(name, path)
        self._workspace = workspace

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module's statements one by one."""
        folder = self._workspace.folder
        place = Place(self.path, _within_root(os.path.relpath(self.path, folder)), folder)
        self._workspace.trouble += run_statements(self.get_source(self.name) or "", place, module.__dict__)


@contextmanager
def _too_large_is_an_error() -> Iterator[None]:
    """A file above the limit on its size ends the process, unless it is wanted as an error."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGXFSZ, before)


class Workspace:
    """The folder a submission lies in, and the modules made from it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.namespaces: dict[str, dict[str, Any]] = {}
        self.found: dict[str, Any] = {}
        self.trouble: list[Trouble] = []
        self.policy: Any = None
        """What the latest training gave."""
        self.burst: Any = None
        """The calls that were timed last, with their results."""

    def lay_out(self, table: int, payload: bytes) -> None:
        """Write the submitted files, and make the submission's own modules importable, leniently.

        The payload starts with `table` bytes of JSON, the files' paths and sizes; their contents follow.
        """
        offset = table
        with _too_large_is_an_error():
            for path, size in json.loads(payload[:table]):
                self._write(os.path.join(self.folder, path), payload[offset : offset + size])
                offset += size
        sys.path_hooks.insert(0, self._finder)
        sys.path_importer_cache.clear()

    def _write(self, path: str, content: bytes) -> None:
        """Write one file; one that can't be (a name too long, a folder of the same name, too large) is told."""
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(content)
        except (OSError, ValueError) as error:
            print(f"{os.path.basename(path)!r} could not be written: {error}")

    def _finder(self, path: str) -> importlib.machinery.FileFinder:
        """The path hook for folders of the submission."""
        if not os.path.abspath(path).startswith(self.folder):
            raise ImportError("not part of the submission")
        details: Any = (self.loader, [".py"])  # typeshed wants a class where any callable does
        return importlib.machinery.FileFinder(path, details)

    def loader(self, name: str, path: str) -> LenientLoader:
        """A loader for one module of the submission."""
        return LenientLoader(name, path, self)

    def execute(self, source: Source) -> list[Trouble]:
        """Execute one unit of a file; what went wrong, statement by statement."""
        self.trouble = []
        self._put_on_path(source)
        if source["kind"] == "notebook":
            self._execute_cell(source)
        else:
            self._import(source)
        return self.trouble

    def _put_on_path(self, source: Source) -> None:
        """The file's own import root first; the submission's root and what holds it last, for absolute self-imports."""
        root = os.path.join(self.folder, source["root"])
        first = os.path.normpath(os.path.join(self.folder, source["import_root"]))
        own = (first, root, self.folder)
        sys.path[:] = [first, *(path for path in sys.path if path not in own), root, self.folder]

    def _execute_cell(self, source: Source) -> None:
        namespace = self.namespaces.setdefault(source["path"], self._new_module(source).__dict__)
        filename = f"{source['path']}, {source['label']}"
        linecache.cache[filename] = (len(source["source"]), None, source["source"].splitlines(True), filename)
        place = Place(filename, filename, self.folder)
        self.trouble += run_statements(source["source"], place, namespace, stop_at_error=True)

    def _new_module(self, source: Source) -> types.ModuleType:
        module = types.ModuleType(source["module"])
        module.__file__ = os.path.join(self.folder, source["root"], source["path"])
        sys.modules.setdefault(source["module"], module)
        return module

    def _import(self, source: Source) -> None:
        try:
            module = self._imported(source)
        except BaseException as error:
            self.trouble.append(described(error, self.folder))
            return
        self.namespaces[source["path"]] = module.__dict__

    def _imported(self, source: Source) -> types.ModuleType:
        path = os.path.join(self.folder, source["root"], source["path"])
        if _is_importable(source["module"], path):
            found = sys.modules.get(source["module"])
            if found is not None and getattr(found, "__file__", None) != path:
                del sys.modules[source["module"]]  # a student's file may share its name with a library we imported
                try:
                    return self._from_file(source["module"], path)
                finally:
                    sys.modules[source["module"]] = found
            return importlib.import_module(source["module"])
        return self._from_file(source["module"], path)

    def _from_file(self, name: str, path: str) -> types.ModuleType:
        loader = self.loader(name, path)
        spec = importlib.util.spec_from_file_location(name, path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        loader.exec_module(module)
        return module

    def resolve(self, names: dict[str, str]) -> dict[str, str]:
        """Look up each wanted name in the file that provides it; `"function"`, or the type of what is there instead."""
        types_found: dict[str, str] = {}
        for name, path in names.items():
            namespace = self.namespaces.get(path, {})
            if name not in namespace:
                types_found[name] = "missing"
                continue
            self.found[name] = namespace[name]
            types_found[name] = "function" if callable(namespace[name]) else type(namespace[name]).__name__[:100]
        return types_found


def _within_root(path: str) -> str:
    """The path as the student knows it: without the folder that the submission was put into."""
    return path.partition(os.sep)[2].replace(os.sep, "/")


def _is_importable(module: str, path: str) -> bool:
    stem = os.path.splitext(os.path.basename(path))[0]
    last = module.rpartition(".")[2]
    return stem == last or stem == "__init__"
