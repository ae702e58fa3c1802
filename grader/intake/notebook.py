"""Reads `.ipynb` files of format 3 and 4: code cells in order, outputs and metadata ignored."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import nbformat

from grader.intake.bounds import Bounds, size_text
from grader.intake.code import Code, Fault, code, no_code, parsed
from grader.intake.magics import PlainCell, plain
from grader.intake.python_source import left_out
from grader.intake.text import enumerated, printable, quoted
from grader.model.submission import CodeUnit, FileKind, Notice, SubmittedFile

_SAVE_AGAIN = "Open it in Jupyter, save it and hand it in again."
_MOST_CELLS = 5_000


def read_notebook(file: SubmittedFile, bounds: Bounds) -> Code:
    """Read one notebook; cells and notebooks that can't be read are named in the notices."""
    sources = _cell_sources(file.content, bounds)
    if isinstance(sources, Fault):
        return no_code(file.path, FileKind.NOTEBOOK, left_out(file.path, sources, "This notebook"))
    cells = _CellReader(file.path)
    for number, source in enumerate(sources, start=1):
        cells.read(number, source)
    return code(file.path, FileKind.NOTEBOOK, cells.units, cells.trees, cells.finish())


def _cell_sources(content: bytes, bounds: Bounds) -> list[str | None] | Fault:
    """Return the text of every code cell, None for a cell without one."""
    document = _document(content)
    if isinstance(document, Fault):
        return document
    cells = _code_cells(document)
    if isinstance(cells, Fault):
        return cells
    sources = [_joined(cell.get("source", cell.get("input", ""))) for cell in cells]
    if len(sources) > _MOST_CELLS or sum(len(source or "") for source in sources) > bounds.code_bytes:
        return Fault(f"has more than {size_text(bounds.code_bytes)} of code or {_MOST_CELLS:,} cells")
    return _upgraded(sources, document["nbformat"])


def _document(content: bytes) -> dict[str, Any] | Fault:
    """Parse the JSON of a notebook and check that it says it is one."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Fault(f"isn't valid UTF-8. {_SAVE_AGAIN}", line)
    except json.JSONDecodeError as error:
        return Fault(f"isn't valid JSON: {printable(error.msg)}. {_SAVE_AGAIN}", error.lineno)
    except RecursionError:
        return Fault(f"is nested too deeply to be read. {_SAVE_AGAIN}")
    except ValueError as error:
        return Fault(f"isn't valid JSON: {printable(str(error))}. {_SAVE_AGAIN}")
    return _misfit(document) or document


def _misfit(document: object) -> Fault | None:
    if not isinstance(document, dict) or "nbformat" not in document:
        return Fault(f"is JSON, but not a notebook. {_SAVE_AGAIN}")
    version = document["nbformat"]
    if type(version) is not int or version not in (3, 4):
        shown = quoted(str(version)) if isinstance(version, int | float | str) else "no number"
        return Fault(f"has format {shown}; formats 3 and 4 are read. {_SAVE_AGAIN}")
    language = _language(document)
    if language and "python" not in language.lower():
        return Fault(f"is written in {quoted(language)}, and Python is expected")
    return None


def _language(document: dict[str, Any]) -> str:
    """Return the language of the notebook's kernel, `""` where the metadata doesn't say."""
    metadata = document.get("metadata")
    described = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    language = described.get("language") if isinstance(described, dict) else None
    return language if isinstance(language, str) else ""


def _code_cells(document: dict[str, Any]) -> list[dict[str, Any]] | Fault:
    """Return the code cells, of all worksheets in format 3."""
    holders = [document] if document["nbformat"] == 4 else document.get("worksheets")
    if not isinstance(holders, list) or not all(isinstance(holder, dict) for holder in holders):
        return Fault(f"has no list of worksheets. {_SAVE_AGAIN}")
    lists = [holder.get("cells") for holder in holders]
    if not all(isinstance(cells, list) for cells in lists):
        return Fault(f"has no list of cells. {_SAVE_AGAIN}")
    every_cell: Iterable[Any] = (cell for cells in lists for cell in cells or ())
    return [cell for cell in every_cell if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _joined(source: object) -> str | None:
    """Return a cell's text, which is saved as one string or as a list of lines."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _upgraded(sources: list[str | None], version: int) -> list[str | None]:
    """Let nbformat validate the cells and bring them to format 4; outputs, metadata and ids are not passed on."""
    cells = [_bare_cell(source or "", version) for source in sources]
    bare = nbformat.from_dict(_bare_notebook(cells, version))  # type: ignore[no-untyped-call] # nbformat annotates only its readers
    notebook = nbformat.convert(bare, 4)  # type: ignore[no-untyped-call] # as above
    nbformat.validate(notebook)
    upgraded = [str(cell.source) for cell in notebook.cells]
    return [None if source is None else text for source, text in zip(sources, upgraded, strict=True)]


def _bare_cell(source: str, version: int) -> dict[str, Any]:
    bare: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": []}
    if version == 3:
        return bare | {"language": "python", "input": source}
    return bare | {"execution_count": None, "source": source}


def _bare_notebook(cells: list[dict[str, Any]], version: int) -> dict[str, Any]:
    if version == 3:
        worksheets = [{"cells": cells, "metadata": {}}]
        return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": worksheets}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}


@dataclass(slots=True)
class _CellReader:
    """Collects the code of a notebook's cells, and what was neutralised in them."""

    path: str
    units: list[CodeUnit] = field(default_factory=list)
    trees: list[ast.Module] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    with_magics: list[str] = field(default_factory=list)

    def read(self, number: int, source: str | None) -> None:
        """Keep one cell as plain Python, or note why it is left out."""
        if source is None:
            self._leave_out(number, Fault("has a source that is neither text nor a list of lines"))
            return
        text = source.replace("\r\n", "\n").replace("\r", "\n")
        tree = parsed(text)
        if isinstance(tree, ast.Module):
            self._keep(number, text, tree)
        else:
            self._read_plain(number, plain(text))

    def _read_plain(self, number: int, cell: PlainCell) -> None:
        if cell.foreign:
            self._note_foreign(number, cell)
            return
        tree = parsed(cell.source)
        if not isinstance(tree, ast.Module):
            self._leave_out(number, tree)
            return
        if cell.neutralised:
            self.with_magics.append(f"cell {number}")
        self._keep(number, cell.source, tree)

    def _keep(self, number: int, source: str, tree: ast.Module) -> None:
        if tree.body:
            self.units.append(CodeUnit(f"cell {number}", source))
            self.trees.append(tree)

    def _note_foreign(self, number: int, cell: PlainCell) -> None:
        effect = "it isn't run here"
        if cell.foreign in ("%%writefile", "%%file"):
            effect = f"the file {quoted(cell.arguments)} isn't written here; hand it in as a file of its own"
        self.notices.append(
            Notice(f"Cell {number} is a {quoted(cell.foreign)} cell: {effect}.", printable(self.path), 1)
        )

    def _leave_out(self, number: int, fault: Fault) -> None:
        message = f"Cell {number} {fault.reason.rstrip('.')}. It is left out; your other cells are still read."
        self.notices.append(Notice(message, printable(self.path), fault.line))

    def finish(self) -> tuple[Notice, ...]:
        """Return the notices, with one for all lines that were neutralised."""
        if self.with_magics:
            message = (
                f"Notebook commands such as `%matplotlib` or `!pip` aren't run here ({enumerated(self.with_magics)})."
            )
            self.notices.append(Notice(message, printable(self.path)))
        if not self.units and not self.notices:
            self.notices.append(Notice("This notebook has no code in it.", printable(self.path)))
        return tuple(self.notices)
