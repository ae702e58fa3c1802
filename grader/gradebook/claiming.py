"""Who grades which submission just now: leases that end by themselves, so that a grader that dies blocks nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select, update

from grader.gradebook.connection import insert
from grader.gradebook.tables import claims

Lease = tuple[str, datetime]
"""Whose it is, and until when by its owner's clock."""


def claim(
    connection: Connection, submission_id: int, owner: str, seconds: float, now: datetime, stale: Lease | None = None
) -> bool:
    """Take a submission that nobody has, or whose lease has ended or is the `stale` one; whether that succeeded."""
    until = now + timedelta(seconds=seconds)
    statement = insert(connection.dialect, claims).values(submission_id=submission_id, owner=owner, until=until)
    free = or_(claims.c.until <= now, claims.c.owner == owner)
    if stale is not None:
        free = or_(free, and_(claims.c.owner == stale[0], claims.c.until == stale[1]))
    taken = statement.on_conflict_do_update(
        index_elements=["submission_id"], set_={"owner": owner, "until": until}, where=free
    ).returning(claims.c.submission_id)
    return connection.execute(taken).first() is not None


def lease(connection: Connection, submission_id: int) -> Lease | None:
    """The lease of a submission, whether or not it has ended."""
    this = select(claims.c.owner, claims.c.until).where(claims.c.submission_id == submission_id)
    row = connection.execute(this).first()
    return None if row is None else (row.owner, row.until)


def renew(connection: Connection, submission_id: int, owner: str, seconds: float, now: datetime) -> bool:
    """Make a lease of one's own last longer; False where somebody else has taken it."""
    mine = update(claims).where(claims.c.submission_id == submission_id, claims.c.owner == owner)
    renewed = mine.values(until=now + timedelta(seconds=seconds)).returning(claims.c.submission_id)
    return connection.execute(renewed).first() is not None


def release(connection: Connection, submission_id: int, owner: str) -> None:
    """Give back a lease of one's own; another's stays."""
    connection.execute(delete(claims).where(claims.c.submission_id == submission_id, claims.c.owner == owner))


def owners(connection: Connection) -> tuple[str, ...]:
    """Everybody who has claimed something, whether or not the leases have ended."""
    return tuple(connection.execute(select(claims.c.owner).distinct().order_by(claims.c.owner)).scalars())


def release_all(connection: Connection, owner: str) -> None:
    """Give back every lease of an owner who is known to be gone."""
    connection.execute(delete(claims).where(claims.c.owner == owner))


def holds(connection: Connection, submission_id: int, owner: str) -> bool:
    """Whether a submission is still this owner's; the claim stays as it is until the transaction ends."""
    mine = select(claims.c.owner).where(claims.c.submission_id == submission_id).with_for_update()
    return connection.execute(mine).scalar_one_or_none() == owner
