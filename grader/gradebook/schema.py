"""Brings a gradebook's database to this version's schema, and tells a gradebook from anything else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from grader.errors import UsageError
from grader.model.visible import visible

VERSION_TABLE = "gradebook_schema"
"""Holds one row: the schema's version. A database without it is no gradebook."""

MIGRATIONS = Path(__file__).with_name("migrations")

_LOCK = 0x67726164  # any number that nobody else on the server takes for a lock


@dataclass(frozen=True, slots=True)
class Version:
    """How far a database's schema is."""

    is_empty: bool
    """There is nothing in it yet."""

    is_head: bool
    """It has this program's schema."""


def require_gradebook(connection: Connection, name: str) -> Version:
    """How far the schema is; nothing is changed.

    Raises:
        UsageError: the database holds something else, or a gradebook of a newer version.
    """
    version = _version(connection)
    script = ScriptDirectory.from_config(_config(connection))
    if version is None:
        if others := inspect(connection).get_table_names():
            raise UsageError(
                f"{name} is no gradebook: it holds other tables, like `{visible(min(others))}`. "
                "Name a gradebook, or a new file or empty database."
            )
        return Version(is_empty=True, is_head=False)
    if version not in {each.revision for each in script.walk_revisions()}:
        raise UsageError(
            f"{name} was written by a newer version of this program (schema {visible(version)}; "
            f"this one knows up to {script.get_current_head()}). Upgrade the program: "
            "pip install --upgrade rl-transformer-grader"
        )
    return Version(is_empty=False, is_head=version == script.get_current_head())


def upgrade(connection: Connection, to: str = "head") -> None:
    """Take the steps that are missing, within the connection's transaction: all of them or none."""
    command.upgrade(_config(connection), to)


def lock(connection: Connection) -> None:
    """Wait until nobody else changes the schema; until the transaction ends. A transaction on a file waits anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
