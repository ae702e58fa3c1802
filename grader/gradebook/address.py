"""Where a gradebook is: a file, or a database on a PostgreSQL server."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from grader.errors import UsageError
from grader.model.visible import visible

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_INSTALL = "pip install 'rl-transformer-grader[postgres]'"


def address_of(url_or_path: str) -> URL:
    """The database that a path or an URL names.

    Raises:
        UsageError: it is no URL, names a database of another kind, or one whose driver isn't installed.
    """
    if "://" not in url_or_path:
        return URL.create("sqlite", database=str(Path(url_or_path).absolute()))
    try:
        url = make_url(url_or_path)
    except (ArgumentError, ValueError) as error:
        raise UsageError(f"{visible(url_or_path)} is no URL of a gradebook. {_CHOICES}") from error
    if url.drivername == "sqlite":
        return _file(url)
    if url.drivername not in _POSTGRES:
        raise UsageError(f"A gradebook can't be kept in {visible(url.drivername)}. {_CHOICES}")
    if find_spec("psycopg") is None:
        raise UsageError(f"A gradebook on a PostgreSQL server needs psycopg: {_INSTALL}")
    return url.set(drivername="postgresql+psycopg")


_CHOICES = "Name a file, or a database like postgresql://user@host/database."


def _file(url: URL) -> URL:
    if not url.database or url.database == ":memory:" or url.host or url.query:
        raise UsageError(f"{shown(url)} names no file. {_CHOICES}")
    return URL.create("sqlite", database=str(Path(url.database).absolute()))


def file_of(address: URL) -> Path | None:
    """The gradebook's file; None where it is on a server."""
    return Path(str(address.database)) if address.drivername == "sqlite" else None


def shown(address: URL) -> str:
    """How messages name a gradebook; without a password."""
    file = file_of(address)
    if file is not None:
        return visible(str(file))
    return visible(address.set(drivername="postgresql").render_as_string(hide_password=True))
