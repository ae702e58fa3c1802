"""Turns a notebook cell with IPython's magics into plain Python with the same number of lines."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from grader.intake.code import PARSING, unparsable

PYTHON_CELL_MAGICS = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "debug", "wandb", "snakeviz", "pyinstrument"}
)
"""Cell magics that run the rest of the cell as Python in the notebook's own namespace."""

_CELL_MAGIC = re.compile(r"\s*%%(\w+)(.*)", re.DOTALL)
_TIMED = re.compile(r"(\s*)%time\s+(\S.*)")
_ASSIGNED = re.compile(r"(\s*)([A-Za-z_][^=%!#'\"(){}:+\-*/|&^<>@\\]*)=\s*([%!])(.*)")
_COMMAND = re.compile(r"(\s*)[%!?]")
_HELP = re.compile(r"(\s*)%{0,2}[A-Za-z_*][\w.*]*(\[[^\]]*\])?\?{1,2}\s*(;\s*)?(#.*)?")
_BARE_COMMAND = re.compile(r"(\s*)(pip3?|conda|mamba|apt|apt-get|cd)\s+[\w./~-]")
_INTERESTING = re.compile(r"\"\"\"|'''|[\"'#(\[{)\]}]")


@dataclass(frozen=True, slots=True)
class PlainCell:
    """A cell without magics."""

    source: str
    """Python, as many lines as the cell had."""

    neutralised: int = 0
    """Lines that were magics, shell commands or help requests, and no longer do anything."""

    foreign: str = ""
    """Cell magic that makes the whole cell something other than Python: `%%bash`; empty where there is none."""

    arguments: str = ""
    """What follows a foreign cell magic on its line."""


@dataclass(frozen=True, slots=True)
class _Within:
    """What the start of a line lies in: brackets, a string, or a line continued with a backslash."""

    depth: int = 0
    quote: str = ""
    continued: bool = False

    @property
    def starts_statement(self) -> bool:
        return not (self.depth or self.quote or self.continued)


def plain(cell: str) -> PlainCell:
    """Neutralise the magics of a cell that doesn't parse as it is.

    `%magic`, `!command`, `?help` and `help?` become comments (`pass` where indented), `x = !ls` becomes `x = None`,
    `%time x = f()` becomes `x = f()`. Lines inside strings, brackets and continued lines stay.
    """
    lines = _without_common_indent(cell.split("\n"))
    foreign = _skip_cell_magics(lines)
    if foreign is not None:
        return PlainCell("\n" * (len(lines) - 1), len(lines), f"%%{foreign[1]}", foreign[2].strip())
    neutralised = _neutralise_lines(lines)
    return PlainCell("\n".join(lines), neutralised)


def _without_common_indent(lines: list[str]) -> list[str]:
    """Drop the first line's indentation from every line that has it, as IPython does."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _skip_cell_magics(lines: list[str]) -> re.Match[str] | None:
    """Turn the leading cell magics that wrap Python into comments; return the first one that doesn't wrap it."""
    for number, line in enumerate(lines):
        magic = _CELL_MAGIC.fullmatch(line)
        if magic is None and line.strip():
            break
        if magic is not None and magic[1] not in PYTHON_CELL_MAGICS:
            return magic
        if magic is not None:
            lines[number] = f"# {line.strip()}"
    return None


def _neutralise_lines(lines: list[str]) -> int:
    within, neutralised, continuing = _Within(), 0, False
    for number, line in enumerate(lines):
        replacement = _replacement(line) if within.starts_statement else None
        if continuing:
            lines[number], continuing = "", line.endswith("\\")
        elif replacement is not None:
            lines[number], continuing = replacement, line.endswith("\\")
            neutralised += _TIMED.fullmatch(line) is None
        else:
            within = _after(line, within)
    return neutralised


def _replacement(line: str) -> str | None:
    """Return what stands for a line that starts a statement, or None where it is Python."""
    timed = _TIMED.fullmatch(line)
    if timed and _is_python(timed[2]):
        return timed[1] + timed[2]
    assigned = _ASSIGNED.fullmatch(line)
    if assigned:
        return f"{assigned[1]}{assigned[2].rstrip()} = {_nothing_for(assigned[2])}"
    magic = _COMMAND.match(line) or _HELP.fullmatch(line)
    if magic is None and (bare := _BARE_COMMAND.match(line)) and not _is_python(line.strip()):
        magic = bare
    if magic is None:
        return None
    # Not `pass` at the top level: nothing may stand before `from __future__ import`.
    return f"{magic[1]}pass" if magic[1] else f"# {line.rstrip(chr(92))}"


def _nothing_for(targets: str) -> str:
    count = sum(1 for target in targets.split(",") if target.strip())
    return ", ".join(["None"] * count) + ("," if "," in targets else "")


def _is_python(statement: str) -> bool:
    if unparsable(statement) is not None:
        return False
    with PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(statement)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _after(line: str, within: _Within) -> _Within:
    """Return what the next line starts in."""
    depth, quote, at = within.depth, within.quote, 0
    while True:
        if quote:
            at = _closing(line, at, quote)
            if at < 0:
                return _Within(depth, quote if len(quote) == 3 or line.endswith("\\") else "")
            quote = ""
        token = _INTERESTING.search(line, at)
        if token is None or token[0] == "#":
            return _Within(depth, "", token is None and line.endswith("\\"))
        at = token.end()
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth = max(depth - 1, 0)
        else:
            quote = token[0]


def _closing(line: str, at: int, quote: str) -> int:
    """Return where the string that is open at `at` ends, or -1 where it goes on after the line."""
    for token in re.compile(rf"\\.|{quote}").finditer(line, at):
        if token[0] == quote:
            return token.end()
    return -1
