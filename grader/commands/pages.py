"""`python -m grader.commands.pages docs/problems`: writes the pages of the bundled problems, and removes old ones."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.commands.destination import write_file
from grader.report.pages import pages


def bundled_pages() -> Mapping[str, str]:
    """The pages as they should be: file name to content."""
    return pages(load(place) for place in bundled().places)


def write_pages(folder: Path) -> None:
    """Write the pages into a folder, which is created if need be, and remove those of questions that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = bundled_pages()
    for path in folder.glob("q[0-9][0-9]_*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        write_file(folder / name, text)


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
