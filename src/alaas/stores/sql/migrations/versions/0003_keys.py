"""API keys."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "api_keys",
        sa.Column("number", counter, sa.Identity(), nullable=False),
        _must("id", words),
        _must("name", words),
        _must("role", words),
        sa.Column("projects", words),
        _must("digest", sa.LargeBinary()),
        _must("created", sa.Double()),
        sa.Column("used", sa.Double()),
        sa.Column("revoked", sa.Double()),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("id", name=op.f("uq_api_keys_id")),
        sqlite_autoincrement=True,
    )
    good = sa.text("revoked IS NULL")
    op.create_index(
        op.f("uq_api_keys_name"),
        "api_keys",
        ["name"],
        unique=True,
        sqlite_where=good,
        postgresql_where=good,
    )


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
