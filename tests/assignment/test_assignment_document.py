"""docs/assignment.md says what the file can hold: the keys of the dataclasses, with their defaults, and the example."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.assignment.model import AssignedLimits, Assignment, Late, Override
from grader.cli import main
from grader.exit_codes import ExitCode

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "assignment.md").read_text(encoding="utf-8")
NESTED = {"late": Late, "limits": AssignedLimits, "problem": Override}
SHOWN = {(): "none", None: "none", "auto": '`"auto"`', dataclasses.MISSING: ""}
"""Defaults as the table has them; other words are for keys whose default is another value."""

BY_OTHERS = {
    "choose": "every problem", "problem.NAME.points": "as the problem says", "problem.NAME.hidden": "as `hidden` says"
}  # fmt: skip


def part(name: str) -> str:
    return DOCUMENT.split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]


def keys(model: type = Assignment, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its default."""
    for field in dataclasses.fields(model):
        if field.name == "source":
            continue
        if field.name in NESTED:
            yield from keys(NESTED[field.name], f"{field.name}.{'NAME.' if field.name == 'problem' else ''}")
        else:
            yield f"{prefix}{field.name}", field.default


def default(key: str, value: Any) -> str:
    return BY_OTHERS.get(key) or SHOWN.get(value, f"{value:g}" if isinstance(value, int | float) else str(value))


def test_the_table_has_every_key_with_its_default_and_no_other() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| .+ \| (.*?) \| .+ \|$", part("every key"), re.MULTILINE)
    assert [(key, said.strip()) for key, said in rows] == [(key, default(key, value)) for key, value in keys()]


def test_the_example_is_the_one_that_is_shipped() -> None:
    shipped = (ROOT / "examples" / "assignment.toml").read_text(encoding="utf-8")
    assert part("the example") == f"```toml\n{shipped}```\n"


def test_the_readme_shows_how_the_example_begins() -> None:
    shown = re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    assert (ROOT / "examples" / "assignment.toml").read_text(encoding="utf-8").startswith(shown.group(1))


def test_the_mistake_that_is_shown_is_told_like_that(tmp_path: Path, monkeypatch, capsys) -> None:
    lines = part("the example").split("```toml\n")[1].split("```")[0].splitlines()
    where = lines.index("points = 16                            # altogether, in place of its author's 10")
    lines[where] = "point = 16"
    monkeypatch.chdir(tmp_path)
    Path("assignment.toml").write_text("\n".join(lines), encoding="utf-8")
    assert main(["problems", "--assignment", "assignment.toml"]) == ExitCode.USAGE
    assert f"```text\n{capsys.readouterr().err}```" in DOCUMENT
