"""The log: who did what when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Double, bindparam, func, insert, literal_column, select

from alaas.stores._words import LogEntry
from alaas.stores.sql._database import Database
from alaas.stores.sql._spelling import Words
from alaas.stores.sql._tables import log
from alaas.types import JSON

_LOCK = 0x616C6C6F67  # "allog"; any number that other programs are unlikely to use
_FIELDS = ("at", "project", "actor", "verb", "subject", "detail")
_VALUES = [bindparam("at", type_=Double()), *(bindparam(name, type_=Words()) for name in _FIELDS[1:])]

_INSERT = insert(log).values(dict(zip(_FIELDS, _VALUES, strict=True)))
# Whoever has read the log up to a sequence must never find a smaller one later. PostgreSQL hands sequences
# out before the commit, so the lines of all transactions go in under one lock that ends with the commit.
_INSERT_IN_TURN = insert(log).from_select(
    list(_FIELDS),
    select(*_VALUES).select_from(func.pg_advisory_xact_lock(literal_column(str(_LOCK))).table_valued("turn")),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line to write; ``detail`` is a JSON document."""

    at: float
    project: str | None
    actor: str
    verb: str
    subject: str
    detail: str


def write(
    connection: Connection,
    *,
    at: float,
    project: str | None,
    actor: str,
    verb: str,
    subject: str,
    detail: str,
) -> None:
    """Write a line. It must be a transaction's last statement that waits for anything."""
    lines(
        connection,
        [Line(at=at, project=project, actor=actor, verb=verb, subject=subject, detail=detail)],
    )


def lines(connection: Connection, new: Sequence[Line]) -> None:
    """Write some lines in their order, as ``write`` does one."""
    statement = _INSERT_IN_TURN if connection.dialect.name == "postgresql" else _INSERT
    connection.execute(statement, [{name: getattr(line, name) for name in _FIELDS} for line in new])


def line(
    connection: Connection, at: float, project: str, actor: str, verb: str, subject: str, **detail: JSON
) -> None:
    """Write a line about a project; ``detail`` becomes a JSON document."""
    write(
        connection,
        at=at,
        project=project,
        actor=actor,
        verb=verb,
        subject=subject,
        detail=json.dumps(detail),
    )


def known(**detail: JSON) -> dict[str, JSON]:
    """What is not None of a line's detail."""
    return {name: value for name, value in detail.items() if value is not None}


def read(database: Database, project: str | None, *, after: int, limit: int) -> list[LogEntry]:
    """See ``Store.log``."""
    statement = select(log).where(log.c.sequence > after).order_by(log.c.sequence).limit(max(limit, 0))
    if project is not None:
        statement = statement.where(log.c.project == project)
    with database.read() as connection:
        return [LogEntry(**row) for row in connection.execute(statement).mappings()]
