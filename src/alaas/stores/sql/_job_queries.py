"""Questions to the tables of jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from alaas.stores._job_moves import has_ended
from alaas.stores._jobs import JobRow, NewJob
from alaas.stores.sql._job_tables import documents, jobs

_NAMES = (
    "id",
    "kind",
    "state",
    "created",
    "started",
    "ended",
    "attempt",
    "lost",
    "worker",
    "beat",
    "cancel",
    "progress",
    "failure",
    "events",
)
SHOWN = (jobs.c.number, jobs.c.group_name, *(jobs.c[name] for name in _NAMES))
"""The columns that a ``JobRow`` is made of."""

_MOVING = ("state", "started", "ended", "attempt", "lost", "worker", "beat", "cancel", "progress", "failure")


def row_of(found: Row[*tuple[Any, ...]]) -> JobRow:
    """The row as the contract has it."""
    values = found._mapping
    return JobRow(request="", group=values["group_name"], **{name: values[name] for name in _NAMES})


def waits(kinds: Collection[str], now: float) -> Select[tuple[object, ...]]:
    """The oldest job that may be begun.

    A group's job is left alone while another of its group runs, and while an older one could be begun: two
    claims at the same moment would otherwise both take one of the group.
    """
    older = jobs.alias()

    def may_begin(table: FromClause) -> ColumnElement[bool]:
        due = or_(table.c.ready <= now, table.c.since > now)
        return and_(table.c.state == "queued", table.c.kind.in_(kinds), due)

    held_up = (
        select(older.c.number)
        .where(
            older.c.group_name == jobs.c.group_name,
            or_(older.c.state == "running", and_(older.c.number < jobs.c.number, may_begin(older))),
        )
        .exists()
    )
    return select(*SHOWN).where(may_begin(jobs), ~held_up).order_by(jobs.c.number).limit(1)


def add_row(
    connection: Connection, row: JobRow, new: NewJob, *, digest: str, size: int, ready: float, since: float
) -> None:
    """Write a new job down."""
    values: dict[str, object] = {name: getattr(row, name) for name in _NAMES}
    values |= {"group_name": row.group, "key": new.key, "digest": digest}
    values |= {"size": size, "ready": ready, "since": since}
    number = connection.execute(insert(jobs).values(values).returning(jobs.c.number)).scalar_one()
    connection.execute(insert(documents).values(number=number, request=new.request))


def put_row(
    connection: Connection,
    number: int,
    before: JobRow,
    after: JobRow,
    more: Mapping[str, object] | None = None,
) -> None:
    """Write down how a job stands now; what has ended needs its request no more."""
    values: dict[str, object] = {
        name: getattr(after, name)
        for name in (*_MOVING, "events")
        if getattr(after, name) != getattr(before, name)
    }
    values |= more or {}
    if has_ended(after.state):
        values["size"] = 0
        connection.execute(update(documents).where(documents.c.number == number).values(request=""))
    if values:
        connection.execute(update(jobs).where(jobs.c.number == number).values(values))


def waiting_now(connection: Connection) -> tuple[int, int]:
    """How many jobs wait, and the bytes of their requests."""
    found = connection.execute(
        select(func.count(), func.coalesce(func.sum(jobs.c.size), 0)).where(jobs.c.state == "queued")
    ).one()
    return int(found[0]), int(found[1])


def forgettable(horizon: float, keep: int) -> Select[tuple[int]]:
    """The numbers of ended jobs that are too old, or too many of their kind."""
    place = func.row_number().over(
        partition_by=jobs.c.kind, order_by=(jobs.c.ended.desc(), jobs.c.number.desc())
    )
    ended = (
        select(jobs.c.number, jobs.c.ended, place.label("place"))
        .where(jobs.c.state.in_(("succeeded", "failed", "cancelled")))
        .subquery()
    )
    return select(ended.c.number).where(or_(ended.c.place > keep, ended.c.ended < horizon))
