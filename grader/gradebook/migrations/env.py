"""What Alembic runs: the steps, on the connection and in the transaction of whoever opens the gradebook."""

from __future__ import annotations

from alembic import context

from grader.gradebook.schema import VERSION_TABLE
from grader.gradebook.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
