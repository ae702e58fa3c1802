"""The pages under docs/problems are those that the problems make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.catalog.find import bundled
from grader.catalog.load import load
from grader.commands.pages import bundled_pages, write_pages
from grader.report.pages import INDEX

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "problems"
WANTED = bundled_pages()
ENTRIES = [load(place) for place in bundled().places]


def read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_the_pages_are_up_to_date() -> None:
    hint = "python -m grader.commands.pages docs/problems writes them anew"
    assert sorted(read(FOLDER)) == sorted(WANTED), hint
    assert [name for name, text in read(FOLDER).items() if text != WANTED[name]] == [], hint


def test_writing_them_leaves_no_other_page(tmp_path: Path) -> None:
    (tmp_path / "q99_gone.md").write_text("old", encoding="utf-8")
    write_pages(tmp_path)
    assert read(tmp_path) == dict(WANTED)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_page_says_everything_about_its_problems(entry) -> None:
    page = WANTED[f"q{entry.question:02d}_{entry.topic}.md"]
    problem = entry.problem
    for text in (problem.statement.strip(), f"$$\n{problem.latex}\n$$", problem.signature.header(entry.id)):
        assert text in page
    for check in problem.checks:
        assert re.search(rf"^\| `{check.name}` \| {check.points:g} \| ", page, re.MULTILINE)
    for name, _, _ in problem.signature.describe():
        assert f"`{name.strip()}` |" in page


def test_the_index_links_to_every_problem() -> None:
    links = re.findall(r"\]\(([^)#]+)#(\w+)\)", WANTED[INDEX])
    assert [anchor for _, anchor in links] == [entry.id for entry in ENTRIES]
    for file, anchor in links:
        assert f'<a id="{anchor}"></a>' in WANTED[file]


@pytest.mark.parametrize("name", sorted(set(WANTED)))
def test_rows_of_a_table_have_as_many_cells_as_its_head(name: str) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", WANTED[name], re.MULTILINE)
    assert tables
    for table in tables:
        cells = {len(re.split(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(cells) == 1, table
