"""The tables as they are now; ``migrations/`` says how they came to be."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)

from alaas.stores.sql._spelling import Words

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How constraints are called, so that a later migration can name what it changes."""

metadata = MetaData(naming_convention=NAMES)

Counter = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up by itself only in a column that is plainly an integer."""


def _of_project() -> Column[int]:
    return Column("project_id", Counter, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False)


projects = Table(
    "projects",
    metadata,
    Column("id", Counter, Identity(), primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("definition", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created", Double, nullable=False),
    Column("changed", Double, nullable=False),
    # What the project holds, so that nobody has to count a million rows. JSON of ``_tallies``.
    Column("tallies", Words, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("batches", Integer, nullable=False),
    Column("answers", BigInteger, nullable=False),
    Column("rounds", Integer, nullable=False),
)

items = Table(
    "items",
    metadata,
    _of_project(),
    Column("number", BigInteger, nullable=False),
    Column("id", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("cost", Double, nullable=False),
    # How many annotators have labelled it.
    Column("labels", SmallInteger, nullable=False),
    Column("digest", LargeBinary),
    Column("label", Words),
    Column("reason", Words),
    Column("uri", Words),
    Column("cells", Words),
    Column("metadata", Words),
    Column("text", Words),
    PrimaryKeyConstraint("project_id", "number"),
    Index("uq_items_id", "project_id", "id", unique=True),
    # Holds all that a snapshot reads, so that it need not pass over the items' texts.
    Index("ix_items_state", "project_id", "state", "number", "role", "cost", "labels"),
    Index(
        "ix_items_digest",
        "project_id",
        "digest",
        sqlite_where=text("digest IS NOT NULL"),
        postgresql_where=text("digest IS NOT NULL"),
    ),
)

batches = Table(
    "batches",
    metadata,
    _of_project(),
    Column("ordinal", Integer, nullable=False),
    Column("id", Words, nullable=False),
    Column("annotator", Words, nullable=False),
    Column("created", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("provenance", Words, nullable=False),
    Column("candidates", LargeBinary, nullable=False),
    PrimaryKeyConstraint("project_id", "ordinal"),
    Index("uq_batches_id", "project_id", "id", unique=True),
    Index("ix_batches_annotator", "project_id", "annotator", "ordinal"),
)

picks = Table(
    "picks",
    metadata,
    _of_project(),
    Column("ordinal", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("annotator", Words, nullable=False),
    Column("score", Double),
    # open, answered or released; an open one whose time is over counts as expired.
    Column("state", Words, nullable=False),
    Column("until", Double, nullable=False),
    PrimaryKeyConstraint("project_id", "ordinal", "rank"),
    Index("ix_picks_number", "project_id", "number"),
    Index("ix_picks_held", "project_id", "state", "until", "number", "annotator"),
)

answers = Table(
    "answers",
    metadata,
    _of_project(),
    Column("sequence", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("annotator", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("value", Words),
    Column("reason", Words),
    Column("batch", Words),
    Column("final", Boolean, nullable=False),
    Column("at", Double, nullable=False),
    # Whether nothing has replaced it.
    Column("current", Boolean, nullable=False),
    PrimaryKeyConstraint("project_id", "sequence"),
    Index(
        "uq_answers_current",
        "project_id",
        "number",
        "annotator",
        unique=True,
        sqlite_where=text("current"),
        postgresql_where=text("current"),
    ),
    Index("ix_answers_number", "project_id", "number", "sequence"),
    Index("ix_answers_annotator", "project_id", "annotator", "current", "number"),
)

rounds = Table(
    "rounds",
    metadata,
    _of_project(),
    Column("number", Integer, nullable=False),
    Column("created", Double, nullable=False),
    Column("through", BigInteger, nullable=False),
    Column("labels", BigInteger, nullable=False),
    Column("summary", Words, nullable=False),
    Column("model", LargeBinary),
    PrimaryKeyConstraint("project_id", "number"),
)

streams = Table(
    "streams",
    metadata,
    _of_project(),
    Column("version", BigInteger, nullable=False),
    # What the budget manager remembers and what was spent. JSON.
    Column("state", Words, nullable=False),
    PrimaryKeyConstraint("project_id"),
)

stream_items = Table(
    "stream_items",
    metadata,
    _of_project(),
    Column("number", BigInteger, nullable=False),
    Column("utility", Double, nullable=False),
    PrimaryKeyConstraint("project_id", "number"),
)

log = Table(
    "log",
    metadata,
    Column("sequence", Counter, Identity(), primary_key=True),
    Column("at", Double, nullable=False),
    # The name, not the key: a project's log outlives it.
    Column("project", Words),
    Column("actor", Words, nullable=False),
    Column("verb", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Index("ix_log_project", "project", "sequence"),
    sqlite_autoincrement=True,
)
