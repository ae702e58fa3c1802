"""Transactions in a gradebook's database: all or nothing, on disk when they are done, and errors in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.sql.expression import TableClause

from grader.errors import GradebookError
from grader.gradebook.address import file_of, shown
from grader.model.visible import visible

BUSY_SECONDS = 60
"""How long to wait for somebody else who writes to the same file."""

CONNECT_SECONDS = 15
"""How long to wait for a server's answer."""

_WRITES = "gradebook_writes"


class Database:
    """A gradebook's database, as reading and writing transactions."""

    def __init__(self, address: URL) -> None:
        self.address = address
        self.name = shown(address)
        self._engine = _engine(address)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the gradebook as it is at one moment.

        Raises:
            GradebookError: the database fails.
        """
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on disk when the block ends, or never happened where it raises.

        Raises:
            GradebookError: the database fails.
        """
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def raw(self, *, writes: bool) -> Iterator[Connection]:
        """The same, with SQLAlchemy's errors as they are."""
        options: dict[str, Any] = {_WRITES: writes}
        if self._engine.dialect.name == "postgresql" and not writes:
            options["isolation_level"] = "REPEATABLE READ"  # a reader's queries all see the same moment
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self.raw(writes=writes) as connection:
                yield connection
        except (DBAPIError, NoneFree) as error:
            done = "written" if writes else "read"
            raise GradebookError(f"{self.name} can't be {done}: {said(error)}.") from error

    def let_readers_by(self) -> None:
        """Have readers and the writer of a file not wait for each other; the file remembers it.

        Raises:
            sqlite3.Error: the file can't be written.
        """
        if file_of(self.address) is None:
            return
        with closing(self._engine.raw_connection()) as connection:  # without a transaction, as SQLite wants it
            connection.cursor().execute("PRAGMA journal_mode = WAL")

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def _engine(address: URL) -> Engine:
    if file_of(address) is None:
        timeout = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_SECONDS}
        return create_engine(address, connect_args=timeout, pool_pre_ping=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None})
    event.listen(engine, "connect", _prepare_file)
    event.listen(engine, "begin", _begin_in_file)
    return engine


def _prepare_file(driver: Any, _record: Any) -> None:
    """What is committed survives a power cut, and references hold."""
    driver.execute("PRAGMA synchronous = FULL")
    driver.execute("PRAGMA foreign_keys = ON")


def _begin_in_file(connection: Connection) -> None:
    """A writer takes its turn when it begins: one that has read and then wants to write could be refused."""
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert(dialect: Dialect, table: TableClause) -> Any:
    """An INSERT that can say what happens on a conflict, in the words of this database."""
    return (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(table)


def said(error: Exception) -> str:
    """What the database said, on one line, to end a sentence with."""
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [type(error).__name__]
    return visible(lines[0]).rstrip(".")
