"""The gradebook's tables, as docs/gradebook.md describes them; migrations lead to the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from grader.gradebook.columns import AnyText, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _student() -> Column[Any]:
    return Column("student_id", ForeignKey("students.id", ondelete="CASCADE"), nullable=False)


def _submission(**more: Any) -> Column[Any]:
    return Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False, **more)


meta = Table(
    "meta",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

students = Table(
    "students",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # of the key, which may be too long for an index
    Column("key", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("email", AnyText, nullable=False),
    Column("section", AnyText, nullable=False),
    Column("ids", Text, nullable=False),
    Column("on_roster", Boolean, nullable=False),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    _student(),
    Column("label", AnyText, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("submitted_at", Moment),
    Column("first_seen", Moment, nullable=False),
    Column("is_current", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("fault", AnyText, nullable=False),
    Column("graded_at", Moment),
    Index("uq_submissions_content", "student_id", "content_hash", unique=True),
    Index(
        "uq_submissions_current",
        "student_id",
        unique=True,
        sqlite_where=text("is_current"),
        postgresql_where=text("is_current"),
    ),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    _submission(index=True),
    Column("submission", AnyText, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("isolation", AnyText, nullable=False),
    Column("device", AnyText, nullable=False),
    Column("notices", Text, nullable=False),
    Column("output", AnyText, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", Moment, nullable=False),
    Column("grader_version", AnyText, nullable=False),
)

results = Table(
    "results",
    metadata,
    _submission(primary_key=True),
    Column("problem", AnyText, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key", AnyText, nullable=False),
    Column("score", Float, nullable=False),
    Column("max_score", Float, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("report", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("graded_at", Moment, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("submission_id", Integer, primary_key=True),
    Column("problem", AnyText, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("check_name", AnyText, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("points", Float, nullable=False),
    Column("max_points", Float, nullable=False),
    Column("misconception", AnyText),
    ForeignKeyConstraint(
        ["submission_id", "problem"], ["results.submission_id", "results.problem"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,  # kept in its key's order, once
)

answers = Table(
    "answers",
    metadata,
    Column("submission_id", Integer, primary_key=True),
    Column("problem", AnyText, primary_key=True),
    Column("path", AnyText, nullable=False),
    Column("source", AnyText, nullable=False),
    Column("first_line", Integer, nullable=False),
    Column("line_marked", Integer),
    ForeignKeyConstraint(
        ["submission_id", "problem"], ["results.submission_id", "results.problem"], ondelete="CASCADE"
    ),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", Integer, primary_key=True),
    _student(),
    Column("problem", AnyText, nullable=False),
    Column("points", Float, nullable=False),
    Column("comment", AnyText, nullable=False),
    Column("author", AnyText, nullable=False),
    Column("at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", AnyText),
    Index(
        "uq_overrides_in_force",
        "student_id",
        "problem",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student_id", ForeignKey("students.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("submission_id", ForeignKey("submissions.id", ondelete="CASCADE")),
    Column("at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text", AnyText, nullable=False),
    Column("author", AnyText, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    _submission(primary_key=True),
    Column("owner", AnyText, nullable=False),
    Column("until", Moment, nullable=False),
)
