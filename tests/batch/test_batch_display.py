"""What is shown while a class is graded: a bar at a terminal, and a few plain lines in a log."""

from __future__ import annotations

import pytest

from grader.batch.display import Lines, display_on_stderr
from grader.commands.progress import progress_on_stderr
from grader.model.verdict import Report

REPORT = Report("ada", 7, "none", "cpu", ())


@pytest.fixture(autouse=True)
def forced(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many a CI sets it, so that its logs have colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")


def test_a_log_has_no_bar_though_colours_are_forced(capsys: pytest.CaptureFixture[str]) -> None:
    assert progress_on_stderr() is None
    with display_on_stderr() as display:
        assert isinstance(display, Lines)


def test_a_log_has_a_line_for_every_tenth_and_for_every_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with display_on_stderr() as display:
        display.planned(100, 3)
        for _ in range(99):
            display.graded("ada", REPORT)
        display.failed("\x1b[31mbea\n", "no [b]code[/b]\nat all")
    first, *lines, failed, last = capsys.readouterr().err.splitlines()
    assert first == "100 to grade; 3 unchanged"
    assert [line.split(",")[0] for line in lines] == [f"{done} of 100 done" for done in range(10, 100, 10)]
    assert failed == "\\x1b[31mbea: no [b]code[/b] at all"
    assert last.startswith("100 of 100 done")
