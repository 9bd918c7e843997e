"""The table of API keys."""

from __future__ import annotations

from sqlalchemy import Column, Double, Identity, Index, LargeBinary, Table, text

from alaas.stores.sql._spelling import Words
from alaas.stores.sql._tables import Counter, metadata

keys = Table(
    "api_keys",
    metadata,
    # Counts up, so that the oldest is first.
    Column("number", Counter, Identity(), primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("role", Words, nullable=False),
    # A JSON list of names; NULL for all.
    Column("projects", Words),
    Column("digest", LargeBinary, nullable=False),
    Column("created", Double, nullable=False),
    Column("used", Double),
    Column("revoked", Double),
    # A name is taken until its key is revoked, whatever two calls at the same moment believe.
    Index(
        "uq_api_keys_name",
        "name",
        unique=True,
        sqlite_where=text("revoked IS NULL"),
        postgresql_where=text("revoked IS NULL"),
    ),
    sqlite_autoincrement=True,
)
