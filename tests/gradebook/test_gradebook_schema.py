"""The schema: every step leads where the models say, older gradebooks are upgraded, newer ones refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from grader.errors import UsageError
from grader.gradebook import schema
from grader.gradebook.address import address_of
from grader.gradebook.connection import Database
from grader.gradebook.schema import MIGRATIONS, VERSION_TABLE, upgrade
from grader.gradebook.store import Gradebook
from grader.gradebook.tables import metadata
from tests.gradebook.samples import ADA, NOON, entry, grade_all

NEXT_STEP = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("students", sa.Column("pronouns", sa.Text(), nullable=False, server_default="they"))
"""


@pytest.fixture
def database(gradebook_url: str) -> Iterator[Database]:
    opened = Database(address_of(gradebook_url))
    yield opened
    opened.close()


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a version to come, with one step more."""
    migrations = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, migrations)
    step = NEXT_STEP.format(head=ScriptDirectory(str(MIGRATIONS)).get_current_head())
    (migrations / "versions" / "next.py").write_text(step)
    return migrations


def differences(database: Database) -> list[object]:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return list(compare_metadata(context, metadata))


def revisions() -> list[str]:
    steps = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [step.revision for step in steps][::-1]


def test_an_empty_gradebook_upgraded_step_by_step_equals_the_models(database: Database) -> None:
    for revision in revisions():
        with database.writing() as connection:
            upgrade(connection, revision)
    assert differences(database) == []


def test_a_step_that_is_missing_would_be_seen(database: Database) -> None:
    with database.writing() as connection:
        upgrade(connection)
        connection.execute(text("DROP INDEX uq_submissions_current"))
    assert [difference[0] for difference in differences(database)] == ["add_index"]


def test_steps_follow_one_another_in_one_line() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [revisions()[-1]]
    assert script.get_bases() == [revisions()[0]]


def test_an_older_gradebook_is_upgraded_when_it_is_opened(gradebook_url: str, newer: Path, monkeypatch) -> None:
    with Gradebook.open(gradebook_url) as gradebook:
        submission = gradebook.enter(entry(ADA), "a", NOON)
        grade_all(gradebook, submission, 4, 3, 2)
        before = gradebook.course()
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    with Gradebook.open(gradebook_url) as gradebook:
        assert gradebook.course() == before
    opened = Database(address_of(gradebook_url))
    with opened.reading() as connection:
        assert connection.execute(text("SELECT pronouns FROM students")).scalars().all() == ["they"]
    opened.close()


def test_a_newer_gradebook_is_refused_and_stays_as_it_is(gradebook_url: str, newer: Path, monkeypatch) -> None:
    with monkeypatch.context() as future:
        future.setattr(schema, "MIGRATIONS", newer)
        Gradebook.open(gradebook_url).close()
    with pytest.raises(UsageError, match=r"by a newer version of this program \(schema next; this one .* 1\)\."):
        Gradebook.open(gradebook_url)
    opened = Database(address_of(gradebook_url))
    with opened.reading() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == "next"
    opened.close()


def test_a_step_that_fails_leaves_the_gradebook_as_it_was(gradebook_url: str, newer: Path, monkeypatch) -> None:
    Gradebook.open(gradebook_url).close()
    step = newer / "versions" / "next.py"
    step.write_text(step.read_text() + '    raise RuntimeError("half way")\n')
    with monkeypatch.context() as future:
        future.setattr(schema, "MIGRATIONS", newer)
        with pytest.raises(RuntimeError, match="half way"):
            Gradebook.open(gradebook_url)
    with Gradebook.open(gradebook_url) as gradebook:
        grade_all(gradebook, gradebook.enter(entry(ADA), "a", NOON), 4, 3, 2)
        assert gradebook.grade("ada").points == 9


def test_opening_without_creating_finds_no_gradebook_in_an_empty_database(gradebook_url: str) -> None:
    with pytest.raises(UsageError, match=r"no gradebook"):
        Gradebook.open(gradebook_url, create=False)
    Gradebook.open(gradebook_url).close()
    Gradebook.open(gradebook_url, create=False).close()


def test_a_database_of_something_else_is_refused_and_stays_as_it_is(gradebook_url: str, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    with pytest.raises(UsageError, match=r"is no gradebook: it holds other tables, like `recipes`\."):
        Gradebook.open(gradebook_url)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["recipes"]


def test_results_belong_to_submissions(database: Database, gradebook_url: str) -> None:
    Gradebook.open(gradebook_url).close()
    insert = "INSERT INTO claims (submission_id, owner, until) VALUES (7, 'me', '2026-01-01')"
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.writing() as connection:
        connection.execute(text(insert))
