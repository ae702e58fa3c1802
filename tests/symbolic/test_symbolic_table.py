"""The page that lists the operations is made from them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from grader.symbolic.ops.table import page

WRITTEN = Path(__file__).resolve().parents[2] / "docs" / "symbolic-ops.md"


def test_the_list_of_operations_is_up_to_date() -> None:
    hint = "python -m grader.symbolic.ops.table > docs/symbolic-ops.md writes it anew"
    assert WRITTEN.read_text(encoding="utf-8") == page(), hint


def test_the_interpreter_gets_along_without_torch() -> None:
    lines = "import sys, grader.symbolic.interpret; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", lines], check=True, cwd=WRITTEN.parents[1])
