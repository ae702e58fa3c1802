"""docs/writing-a-problem.md does what it says: its files are written, its commands are run, their output compared."""

from __future__ import annotations

import doctest
import os
import re
import shlex
from pathlib import Path

import pytest

from grader.checks import evaluation
from grader.model import formula, generators, methods, sampling, signature, trainings
from tests.docs.walkthrough import Change, Command, Text, apply, steps
from tests.forking import completed

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "writing-a-problem.md"
NOTATION = {
    name: value
    for each in (evaluation, sampling, signature, generators, methods, formula, trainings)
    for name, value in vars(each).items()
}
"""Everything that signatures and formulas are written with."""

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def printed(command: Command, folder: Path) -> str:
    """What `grader …` prints in a folder, on a machine without a GPU."""
    program, *arguments = shlex.split(command.line)
    assert program == "grader"
    changes = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "80", "XDG_CACHE_HOME": str(folder / "cache")}
    done = completed(*arguments, cwd=folder, env={**os.environ, **changes}, timeout=300)
    assert done.stderr == ""
    return done.stdout


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    checker = doctest.OutputChecker()
    for step in steps(PAGE.read_text(encoding="utf-8")):
        if isinstance(step, Text | Change):
            apply(step, tmp_path)
            continue
        got = printed(step, tmp_path)
        assert checker.check_output(step.output, got, FLAGS), f"`{step.line}` prints\n{got}\nand not\n{step.output}"


def test_the_page_shows_the_whole_of_a_problem() -> None:
    found = list(steps(PAGE.read_text(encoding="utf-8")))
    commands = [step.line.split()[1] for step in found if isinstance(step, Command)]
    assert commands == ["problems", *["verify"] * 3, *["check"] * 5]
    assert {step.path for step in found if isinstance(step, Text | Change)} == {
        "my_problems/q13_normalisation/rms_norm.py", "honest/loop.py", "honest/library.py", "honest/vector_norm.py",
        "answers.py", "detached.py",
    }  # fmt: skip


def _kinds() -> list[str]:
    """What the table of other kinds of problems says is to be written, and such expressions in the text below it."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- kinds: begin -->\n")
    table, _, text = rest.partition("<!-- kinds: end -->")
    written = [re.split(r" \| ", row)[1].strip("`") for row in table.splitlines()[2:]]
    return written + re.findall(r"`([A-Z]\w+\(.+?\))`", text)


@pytest.mark.parametrize("written", _kinds())
def test_other_kinds_are_written_as_the_page_says(written: str) -> None:
    made = eval(written, dict(NOTATION))  # what is evaluated is our own page
    assert type(made).__name__ == written.partition("(")[0]


def test_the_problems_that_the_page_points_to_are_there() -> None:
    named = re.findall(r"`(problems/\w+/\w+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) == 4
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    "page",
    ["```python\nx = 1\n```\n", "<!-- file: x.py -->\n```yaml\nx: 1\n```\n"],
    ids=["a block without a file", "another language"],
)
def test_a_block_that_would_not_be_carried_out_is_refused(page: str) -> None:
    with pytest.raises(AssertionError):
        list(steps(page))


def test_a_change_that_does_not_apply_is_refused(tmp_path: Path) -> None:
    page = "<!-- file: x.py -->\n```python\nx = 1\n```\n<!-- change: x.py -->\n```diff\n-x = 2\n+x = 3\n```\n"
    first, second = steps(page)
    apply(first, tmp_path)
    with pytest.raises(AssertionError, match="should hold once"):
        apply(second, tmp_path)
