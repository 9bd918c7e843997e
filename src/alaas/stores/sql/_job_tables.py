"""The tables of jobs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKey, Identity, Index, Integer, Table, text

from alaas.stores.sql._spelling import Words
from alaas.stores.sql._tables import Counter, metadata

jobs = Table(
    "jobs",
    metadata,
    # Counts up, so that the oldest is first.
    Column("number", Counter, Identity(), primary_key=True),
    Column("id", Words, nullable=False, unique=True),
    Column("kind", Words, nullable=False),
    Column("group_name", Words),
    Column("key", Words, unique=True),
    # Of kind and request together, hexadecimal.
    Column("digest", Words, nullable=False),
    Column("state", Words, nullable=False),
    # Bytes of the request; 0 once it has ended.
    Column("size", Counter, nullable=False),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    # When its delay is over, and when that was set.
    Column("ready", Double, nullable=False),
    Column("since", Double, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
    Column("worker", Words),
    Column("beat", Counter, nullable=False),
    Column("cancel", Boolean, nullable=False),
    Column("progress", Words, nullable=False),
    Column("failure", Words),
    Column("events", Words, nullable=False),
    Index("ix_jobs_state", "state", "number"),
    Index("ix_jobs_group_name", "group_name", "number"),
    # Of a group one runs at a time, whatever two claims at the same moment believe.
    Index(
        "uq_jobs_running",
        "group_name",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    sqlite_autoincrement=True,
)

documents = Table(
    "job_documents",
    metadata,
    # Apart from the job, whose row is written with every beat while these may have megabytes.
    Column("number", Counter, ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True),
    Column("request", Words, nullable=False),
    Column("result", Words),
)
