"""Projects: their rows, which are the locks for their changes, and their counters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alaas.errors import ProjectConflictError, ProjectNotFoundError, VersionError
from alaas.stores._words import ProjectRow
from alaas.stores.sql import _log
from alaas.stores.sql._database import Database
from alaas.stores.sql._postgresql import CLOCK
from alaas.stores.sql._tables import (
    answers,
    batches,
    items,
    picks,
    projects,
    rounds,
    stream_items,
    streams,
)
from alaas.stores.sql._tallies import Tallies

_ROW = (
    projects.c.name,
    projects.c.definition,
    projects.c.version,
    projects.c.created,
    projects.c.changed,
)
_COUNTERS: tuple[Any, ...] = tuple(
    projects.c[name] for name in ("id", "version", "tallies", "items", "batches", "answers", "rounds")
)
_FIND: Select[Any] = select(*_COUNTERS).where(projects.c.name == bindparam("project"))
_FIND_WITH_TIME = _FIND.add_columns(CLOCK.label("now"))
_LOCKED: Any = _FIND.with_for_update().cte("locked")
# The time is that at which the lock was had, not at which it was asked for.
_HOLD: Select[Any] = select(*_LOCKED.c, CLOCK.label("now"))
_KEPT = ("tallies", "items", "batches", "answers", "rounds")
_KEEP = (
    update(projects)
    .where(projects.c.id == bindparam("which"))
    .values({name: bindparam(name, type_=projects.c[name].type) for name in _KEPT})
)


@dataclass(kw_only=True, slots=True)
class Held:
    """A project within a transaction, and the moment at which it happens.

    ``items``, ``batches``, ``answers`` and ``rounds`` count what it has been given so far: the next number,
    the next ordinal, the last sequence, the last round.
    """

    id: int
    name: str
    now: float
    version: int
    tallies: Tallies
    items: int
    batches: int
    answers: int
    rounds: int


def find(database: Database, connection: Connection, name: str) -> Held:
    """Look at a project's counters.

    Raises:
        ProjectNotFoundError: there is none of that name.
    """
    statement = _FIND_WITH_TIME if database.dialect == "postgresql" else _FIND
    return _held(database, name, connection.execute(statement, {"project": name}).one_or_none())


def hold(database: Database, connection: Connection, name: str) -> Held:
    """Lock a project for a change: others that change it wait until this transaction ends.

    Raises:
        ProjectNotFoundError: there is none of that name.
    """
    if database.dialect != "postgresql":  # the whole database is locked already
        return find(database, connection, name)
    return _held(database, name, connection.execute(_HOLD, {"project": name}).one_or_none())


def _held(database: Database, name: str, row: Any) -> Held:
    if row is None:
        raise ProjectNotFoundError(name)
    return Held(
        id=row.id,
        name=name,
        now=database.seen(row.now) if database.dialect == "postgresql" else database.now(),
        version=row.version,
        tallies=Tallies.read(row.tallies),
        items=row.items,
        batches=row.batches,
        answers=row.answers,
        rounds=row.rounds,
    )


def keep(connection: Connection, held: Held) -> None:
    """Write the counters back."""
    connection.execute(
        _KEEP,
        {
            "which": held.id,
            "tallies": held.tallies.written(),
            "items": held.items,
            "batches": held.batches,
            "answers": held.answers,
            "rounds": held.rounds,
        },
    )


def create(
    database: Database, connection: Connection, name: str, definition: str, actor: str, key: str | None
) -> ProjectRow:
    """See ``Store.create_project``."""
    now = database.now(connection)
    row = ProjectRow(name=name, definition=definition, version=1, created=now, changed=now)
    values = {"name": name, "definition": definition, "version": 1, "created": now, "changed": now}
    counters = {"tallies": Tallies.none().written(), "items": 0, "batches": 0, "answers": 0, "rounds": 0}
    try:
        with connection.begin_nested():
            connection.execute(insert(projects), values | counters)
    except IntegrityError:
        raise ProjectConflictError(f"there is a project {name!r} already; choose another name") from None
    _log.line(connection, now, name, actor, "project.create", name, version=1, **_log.known(key=key))
    return row


def read(database: Database, name: str) -> ProjectRow:
    """See ``Store.project``."""
    with database.read() as connection:
        row = connection.execute(select(*_ROW).where(projects.c.name == name)).mappings().one_or_none()
    if row is None:
        raise ProjectNotFoundError(name)
    return ProjectRow(**row)


def listed(database: Database, *, after: str, limit: int) -> list[ProjectRow]:
    """See ``Store.projects``."""
    statement = select(*_ROW).where(projects.c.name > after).order_by(projects.c.name).limit(max(limit, 0))
    with database.read() as connection:
        return [ProjectRow(**row) for row in connection.execute(statement).mappings()]


def change(
    database: Database, connection: Connection, name: str, definition: str, version: int, actor: str
) -> ProjectRow:
    """See ``Store.change_project``."""
    held = hold(database, connection, name)
    if held.version != version:
        raise VersionError(
            f"project {name!r} is at version {held.version}, not {version}; read it again and repeat the "
            "change"
        )
    connection.execute(
        update(projects).where(projects.c.id == held.id),
        {"definition": definition, "version": version + 1, "changed": held.now},
    )
    row = connection.execute(select(*_ROW).where(projects.c.id == held.id)).mappings().one()
    _log.line(connection, held.now, name, actor, "project.change", name, version=version + 1)
    return ProjectRow(**row)


def remove(database: Database, connection: Connection, name: str, actor: str) -> None:
    """See ``Store.delete_project``."""
    held = hold(database, connection, name)
    for table in (answers, picks, batches, rounds, stream_items, streams, items):
        connection.execute(delete(table).where(table.c.project_id == held.id))
    connection.execute(delete(projects).where(projects.c.id == held.id))
    _log.line(connection, held.now, name, actor, "project.delete", name)
