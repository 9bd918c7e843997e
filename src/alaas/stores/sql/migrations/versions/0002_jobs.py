"""Jobs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _jobs()
    _documents()


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", counter, sa.Identity(), nullable=False),
        _must("id", words),
        _must("kind", words),
        sa.Column("group_name", words),
        sa.Column("key", words),
        _must("digest", words),
        _must("state", words),
        _must("size", counter),
        _must("created", sa.Double()),
        sa.Column("started", sa.Double()),
        sa.Column("ended", sa.Double()),
        _must("ready", sa.Double()),
        _must("since", sa.Double()),
        _must("attempt", sa.Integer()),
        _must("lost", sa.Integer()),
        sa.Column("worker", words),
        _must("beat", counter),
        _must("cancel", sa.Boolean()),
        _must("progress", words),
        sa.Column("failure", words),
        _must("events", words),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_jobs")),
        sa.UniqueConstraint("id", name=op.f("uq_jobs_id")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state", "number"])
    op.create_index(op.f("ix_jobs_group_name"), "jobs", ["group_name", "number"])
    running = sa.text("state = 'running'")
    op.create_index(
        op.f("uq_jobs_running"),
        "jobs",
        ["group_name"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )


def _documents() -> None:
    op.create_table(
        "job_documents",
        sa.Column("number", counter, nullable=False),
        _must("request", words),
        sa.Column("result", words),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_job_documents")),
        sa.ForeignKeyConstraint(
            ["number"], ["jobs.number"], name=op.f("fk_job_documents_number_jobs"), ondelete="CASCADE"
        ),
    )
