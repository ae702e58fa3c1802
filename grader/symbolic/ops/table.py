"""The list of all operations in the documentation: `python -m grader.symbolic.ops.table > docs/symbolic-ops.md`."""

from __future__ import annotations

import sys
from itertools import groupby

from grader.symbolic.ops import FAMILIES, OPERATIONS, Operation

INTRODUCTION = """# Operations that are compared symbolically

A function is compared with its printed formula by interpreting the ATen operations that it carries out; this page
lists them. `a`, `b`, `c` are an operation's arguments in order, `g` is a gradient that comes in. Operations that end
in an underscore write what their twin gives over their first argument, and those with `out=` write it there. "Of
numbers" says that the operation is carried out where no symbolic value is involved, and refused otherwise. What is not
listed is refused too, and leaves the comparison undecided.

Made by `python -m grader.symbolic.ops.table > docs/symbolic-ops.md`.
"""


def page() -> str:
    """The whole page, in Markdown."""
    sections = [
        f"## {title(module)}\n\n| Operation | Meaning |\n| --- | --- |\n" + "".join(row(entry) for entry in entries)
        for module, entries in groupby([*OPERATIONS.values(), *FAMILIES.values()], key=module_of)
    ]
    return "\n".join([INTRODUCTION, *sections])


def module_of(entry: Operation) -> str:
    """The family of an operation."""
    return entry.module


def title(module: str) -> str:
    """`linear_systems` as a heading."""
    return module.replace("_", " ").capitalize()


def row(entry: Operation) -> str:
    """One line of a table."""
    meaning = entry.meaning.replace("|", "\\|")
    return f"| `{entry.name}` | {meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
