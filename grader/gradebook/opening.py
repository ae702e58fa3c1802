"""Opens a gradebook: finds it, tells it from anything else, and brings it to this version's schema."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from grader.errors import UsageError
from grader.gradebook.address import address_of, file_of
from grader.gradebook.connection import Database, said
from grader.gradebook.schema import lock, require_gradebook, upgrade
from grader.model.visible import visible

_HEADER = b"SQLite format 3\0"


def open_database(url_or_path: str, *, create: bool) -> Database:
    """The database of a gradebook, with this version's schema.

    Raises:
        UsageError: it can't be opened, is no gradebook or one of a newer version, or there is none and none is wanted.
    """
    address = address_of(url_or_path)
    file = file_of(address)
    if file is not None:
        _require_file(file, create=create)
    database = Database(address)
    try:
        _prepare(database, create=create)
    except (SQLAlchemyError, sqlite3.Error) as error:
        database.close()
        raise UsageError(f"{database.name} can't be opened as a gradebook: {said(error)}. {_remedy(file)}") from error
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: Database, *, create: bool) -> None:
    with database.raw(writes=False) as connection:  # nothing is written before it is known to be a gradebook
        _require_unicode(connection, database.name)
        version = require_gradebook(connection, database.name)
    if version.is_empty and not create:
        raise UsageError(f"{database.name} holds no gradebook yet. `grader batch` makes one.")
    database.let_readers_by()
    if not version.is_head:
        with database.raw(writes=True) as connection:
            lock(connection)
            if not require_gradebook(connection, database.name).is_head:  # nobody else was faster
                upgrade(connection)


def _require_unicode(connection: Connection, name: str) -> None:
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise UsageError(f"{name} has the encoding {encoding}, which can't hold every name. Create one with UTF8.")


def _require_file(file: Path, *, create: bool) -> None:
    name = visible(str(file))
    try:
        if file.is_dir():
            raise UsageError(f"{name} is a folder. Name a file in it.")
        if file.exists():
            _require_header(file, name)
        elif not create:
            raise UsageError(f"There is no gradebook {name}. `grader batch` makes one.")
        elif not file.parent.is_dir():
            raise UsageError(f"{name} can't be created: there is no folder {visible(str(file.parent))}.")
    except OSError as error:
        raise UsageError(f"{name} can't be opened as a gradebook: {error.strerror}.") from error


def _require_header(file: Path, name: str) -> None:
    """SQLite itself would take a file of a few bytes for an empty one, and write over it."""
    with file.open("rb") as opened:
        beginning = opened.read(len(_HEADER))
    if beginning not in (b"", _HEADER):
        raise UsageError(f"{name} is no gradebook: it is no SQLite file. {_remedy(file)}")


def _remedy(file: Path | None) -> str:
    if file is None:
        return "Is the server running, and the URL right?"
    return "Name another file, or restore this one from a backup."
