"""Streams, and the items that they gave."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "streams",
        _must("project_id", counter),
        _must("version", sa.BigInteger()),
        _must("state", words),
        _of_project("streams"),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_streams")),
    )
    op.create_table(
        "stream_items",
        _must("project_id", counter),
        _must("number", sa.BigInteger()),
        _must("utility", sa.Double()),
        _of_project("stream_items"),
        sa.PrimaryKeyConstraint("project_id", "number", name=op.f("pk_stream_items")),
    )


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _of_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id"], ["projects.id"], name=op.f(f"fk_{table}_project_id_projects"), ondelete="CASCADE"
    )
