"""Run by Alembic: migrations happen on the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from alaas.stores.sql import _job_tables, _key_tables  # noqa: F401  (their tables join the metadata)
from alaas.stores.sql._tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by writing it anew
)
with context.begin_transaction():
    context.run_migrations()
