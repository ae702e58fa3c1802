"""Reads a page that is carried out: files to write, changes to them, and commands with what they print.

A code block belongs to a file by the comment above it, `<!-- file: PATH -->`; blocks of one file are joined. Diffs
below `<!-- change: PATH -->` replace what they show. In a `console` block lines that begin with `$ ` are commands, and
what follows is their output, where `...` stands for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(?:<!-- (file|change): (\S+) -->\n)?```(\w+)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """Python to add to a file."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What to replace in a file, and by what."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and what it is said to print."""

    line: str
    output: str


def steps(page: str) -> Iterator[Text | Change | Command]:
    """Everything the page does, in its order."""
    changed = ""
    for kind, path, language, body in _BLOCK.findall(page):
        match language:
            case "python":
                assert kind == "file", f"a block of Python without a file: {body}"
                yield Text(path, body)
            case "diff":
                changed = path or changed
                yield _change(changed, body)
            case "console":
                yield from _commands(body)
            case _:
                raise AssertionError(f"a block of {language}: {body}")


def apply(step: Text | Change, folder: Path) -> None:
    """Write a file, or change it."""
    path = folder / step.path
    if isinstance(step, Change):
        text = path.read_text(encoding="utf-8")
        assert text.count(step.old) == 1, f"{step.path} should hold once what is changed:\n{step.old}"
        path.write_text(text.replace(step.old, step.new), encoding="utf-8")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    before = f"{path.read_text(encoding='utf-8')}\n\n" if path.exists() else ""
    path.write_text(before + step.text, encoding="utf-8")


def _change(path: str, body: str) -> Change:
    lines = body.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in "- ")
    new = "".join(line[1:] for line in lines if line[0] in "+ ")
    return Change(path, old, new)


def _commands(body: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Command(line, output)
