"""What is said where there is nothing to call."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.intake import read_submission
from grader.intake.names import find_answers
from grader.marking import missing
from grader.model.submission import Notice
from grader.run.runner import Loaded


@pytest.mark.parametrize(
    ("notices", "ending"),
    [((Notice("NameError: x"),), "did not run to the end; see the notices."), ((), "did not run to the end.")],
)
def test_notices_are_pointed_at_where_there_are_any(tmp_path: Path, notices: tuple[Notice, ...], ending: str) -> None:
    (tmp_path / "answers.py").write_text("def layer_norm(x, gamma, beta, eps): pass\n", encoding="utf-8")
    resolution = find_answers(read_submission(tmp_path), ["layer_norm"])
    absent = missing("layer_norm", resolution, Loaded({}, notices))
    assert absent is not None
    assert (absent.reason or "").endswith(ending)
