"""What holds for the gradebook as a whole: its secret seed, and what is known of the assignment."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, select

from grader.errors import GradebookError
from grader.gradebook.connection import insert
from grader.gradebook.model import ClassFacts
from grader.gradebook.report_codec import FACTS
from grader.gradebook.tables import meta
from grader.gradebook.values import MalformedError

_FACTS = "class"
_SEED_BITS = 63


def seed_of(connection: Connection, assignment: str) -> int:
    """The seed of an assignment's cases; drawn when it is asked for first, and the same from then on."""
    name = "seed " + hashlib.sha256(assignment.encode("utf-8", "surrogatepass")).hexdigest()
    drawn = insert(connection.dialect, meta).values(name=name, value=str(secrets.randbits(_SEED_BITS)))
    connection.execute(drawn.on_conflict_do_nothing())
    return int(connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one())


def describe(connection: Connection, facts: ClassFacts) -> None:
    """Remember what is known of the assignment and the class, in place of what was known before."""
    stored = {"value": FACTS.encode(facts)}
    statement = insert(connection.dialect, meta).values(name=_FACTS, **stored)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=stored))


def facts_of(connection: Connection) -> ClassFacts:
    """What is known of the assignment and the class.

    Raises:
        GradebookError: what is stored was not written by this program.
    """
    stored = connection.execute(select(meta.c.value).where(meta.c.name == _FACTS)).scalar_one_or_none()
    if stored is None:
        return ClassFacts()
    try:
        return FACTS.decode(stored)
    except MalformedError as error:
        raise GradebookError(f"The gradebook's row `{_FACTS}` of `meta` can't be read: {error}.") from error
