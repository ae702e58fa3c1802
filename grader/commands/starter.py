"""`grader starter`: writes the file that a student fills in."""

from __future__ import annotations

import sys
from pathlib import Path

from grader.assignment.apply import Applied
from grader.commands.destination import write_file
from grader.errors import UsageError
from grader.exit_codes import ExitCode
from grader.report.starter import starter_notebook, starter_script
from grader.session import assignment_of


def write_starter(
    names: tuple[str, ...], folder: Path, problems: Path | None, file: Path | None, *, notebook: bool, force: bool
) -> ExitCode:
    """Write `answers.py` or `answers.ipynb`: one of them, because of two definitions of a name only one is graded.

    `file` is an assignment; without it there is a function for each of the problems.

    Raises:
        UsageError: an unknown name, a file that is there already, a folder that can't be written, or a mistake in the
            assignment.
    """
    assignment, catalog = assignment_of(file, problems)
    places = catalog.choose(names)
    path = folder / ("answers.ipynb" if notebook else "answers.py")
    if path.exists() and not force:
        raise UsageError(f"{path} exists already, and may hold your work. --force overwrites it.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {folder} can't be created: {error.strerror}.") from error
    applied = Applied(assignment, catalog, final=True)
    entries = [applied.load(place) for place in places]
    write_file(path, starter_notebook(entries) if notebook else starter_script(entries))
    print(f"Wrote {path}: write your answers there, then run `grader check {path}`.", file=sys.stderr)
    return ExitCode.PASSED
