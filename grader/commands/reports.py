"""`grader reports`: writes pages, tables and LMS files from a gradebook, without grading anything."""

from __future__ import annotations

from pathlib import Path

from grader.commands.batch import write
from grader.commands.destination import require_folder, write_stdout
from grader.exit_codes import ExitCode
from grader.model.visible import visible


def run(gradebook: str, output: Path) -> ExitCode:
    """Write them all."""
    require_folder(output)
    write(gradebook, output)
    write_stdout(f"Report on the class: {visible(str(output / 'class.html'), 300)}\n")
    return ExitCode.PASSED
