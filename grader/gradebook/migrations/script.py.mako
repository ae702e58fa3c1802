"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """From schema ${down_revision} to schema ${up_revision}."""
    ${upgrades if upgrades else "pass"}
