"""Rounds and their models."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, insert, select

from alaas.errors import RoundNotFoundError
from alaas.stores._words import NewRound, RoundRow
from alaas.stores.sql import _log, _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import rounds

_COLUMNS = (
    rounds.c.number,
    rounds.c.created,
    rounds.c.through,
    rounds.c.labels,
    rounds.c.summary,
    rounds.c.model.is_not(None).label("fitted"),
)


def add(database: Database, connection: Connection, project: str, new: NewRound, actor: str) -> RoundRow:
    """See ``Store.add_round``."""
    held = _projects.hold(database, connection, project)
    held.rounds += 1
    row = {
        "number": held.rounds,
        "created": held.now,
        "through": new.through,
        "labels": new.labels,
        "summary": new.summary,
    }
    connection.execute(insert(rounds), {"project_id": held.id, "model": new.model, **row})
    _projects.keep(connection, held)
    fitted = new.model is not None
    _log.line(
        connection,
        held.now,
        project,
        actor,
        "round.add",
        str(held.rounds),
        through=new.through,
        labels=new.labels,
        fitted=fitted,
    )
    return _row(row | {"fitted": fitted})


def listed(database: Database, project: str, *, after: int, limit: int) -> list[RoundRow]:
    """See ``Store.rounds``."""
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        statement = _of(held).where(rounds.c.number > after).order_by(rounds.c.number).limit(max(limit, 0))
        return [_row(row) for row in connection.execute(statement).mappings()]


def last(database: Database, project: str, *, fitted: bool) -> RoundRow | None:
    """See ``Store.last_round``."""
    with database.read() as connection:
        return _last(connection, _projects.find(database, connection, project), fitted=fitted)


def model(database: Database, project: str, number: int) -> bytes:
    """See ``Store.model``."""
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        statement = select(rounds.c.model).where(rounds.c.project_id == held.id, rounds.c.number == number)
        found = connection.execute(statement).scalar_one_or_none()
    if found is None:
        raise RoundNotFoundError(f"project {project!r} has no round {number} with a model")
    return bytes(found)


def _of(held: Held) -> Select[Any]:
    return select(*_COLUMNS).where(rounds.c.project_id == held.id)


def _last(connection: Connection, held: Held, *, fitted: bool) -> RoundRow | None:
    statement = _of(held).order_by(rounds.c.number.desc()).limit(1)
    if fitted:
        statement = statement.where(rounds.c.model.is_not(None))
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _row(row)


def _row(row: Any) -> RoundRow:
    return RoundRow(**{**row, "fitted": bool(row["fitted"])})
