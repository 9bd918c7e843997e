"""Projects with their items, batches, answers and rounds, and the log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _projects()
    _items()
    _batches()
    _picks()
    _answers()
    _rounds()
    _log()


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _part(table: str, *columns: sa.Column[Any], key: str) -> None:
    """Make a table of what a project holds; ``key`` tells its rows apart within the project."""
    op.create_table(
        table,
        _must("project_id", counter),
        *columns,
        sa.PrimaryKeyConstraint("project_id", *key.split(), name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f(f"fk_{table}_project_id_projects"), ondelete="CASCADE"
        ),
    )


def _index(name: str, table: str, columns: str, *, unique: bool = False, where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        op.f(name),
        table,
        ["project_id", *columns.split()],
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", counter, sa.Identity(), nullable=False),
        _must("name", words),
        _must("definition", words),
        _must("version", sa.Integer()),
        _must("created", sa.Double()),
        _must("changed", sa.Double()),
        _must("tallies", words),
        _must("items", sa.BigInteger()),
        _must("batches", sa.Integer()),
        _must("answers", sa.BigInteger()),
        _must("rounds", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("name", name=op.f("uq_projects_name")),
    )


def _items() -> None:
    _part(
        "items",
        _must("number", sa.BigInteger()),
        _must("id", words),
        _must("state", words),
        _must("role", words),
        _must("cost", sa.Double()),
        _must("labels", sa.SmallInteger()),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("label", words),
        sa.Column("reason", words),
        sa.Column("uri", words),
        sa.Column("cells", words),
        sa.Column("metadata", words),
        sa.Column("text", words),
        key="number",
    )
    _index("uq_items_id", "items", "id", unique=True)
    _index("ix_items_state", "items", "state number role cost labels")
    _index("ix_items_digest", "items", "digest", where="digest IS NOT NULL")


def _batches() -> None:
    _part(
        "batches",
        _must("ordinal", sa.Integer()),
        _must("id", words),
        _must("annotator", words),
        _must("created", sa.Double()),
        _must("until", sa.Double()),
        _must("provenance", words),
        _must("candidates", sa.LargeBinary()),
        key="ordinal",
    )
    _index("uq_batches_id", "batches", "id", unique=True)
    _index("ix_batches_annotator", "batches", "annotator ordinal")


def _picks() -> None:
    _part(
        "picks",
        _must("ordinal", sa.Integer()),
        _must("rank", sa.Integer()),
        _must("number", sa.BigInteger()),
        _must("annotator", words),
        sa.Column("score", sa.Double()),
        _must("state", words),
        _must("until", sa.Double()),
        key="ordinal rank",
    )
    _index("ix_picks_number", "picks", "number")
    _index("ix_picks_held", "picks", "state until number annotator")


def _answers() -> None:
    _part(
        "answers",
        _must("sequence", sa.BigInteger()),
        _must("number", sa.BigInteger()),
        _must("annotator", words),
        _must("kind", words),
        sa.Column("value", words),
        sa.Column("reason", words),
        sa.Column("batch", words),
        _must("final", sa.Boolean()),
        _must("at", sa.Double()),
        _must("current", sa.Boolean()),
        key="sequence",
    )
    _index("uq_answers_current", "answers", "number annotator", unique=True, where="current")
    _index("ix_answers_number", "answers", "number sequence")
    _index("ix_answers_annotator", "answers", "annotator current number")


def _rounds() -> None:
    _part(
        "rounds",
        _must("number", sa.Integer()),
        _must("created", sa.Double()),
        _must("through", sa.BigInteger()),
        _must("labels", sa.BigInteger()),
        _must("summary", words),
        sa.Column("model", sa.LargeBinary()),
        key="number",
    )


def _log() -> None:
    op.create_table(
        "log",
        sa.Column("sequence", counter, sa.Identity(), nullable=False),
        _must("at", sa.Double()),
        sa.Column("project", words),
        _must("actor", words),
        _must("verb", words),
        _must("subject", words),
        _must("detail", words),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_log")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_log_project"), "log", ["project", "sequence"])
