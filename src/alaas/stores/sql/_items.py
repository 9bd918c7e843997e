"""Items: adding thousands at once, and finding them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, union_all

from alaas.stores._words import Added, ItemRole, ItemRow, ItemState, NewItem
from alaas.stores.sql import _log, _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import items
from alaas.stores.sql._tallies import STATES
from alaas.stores.sql._values import ITEM_COLUMNS, to_item, to_row

_CHUNK = 5000


def add(
    database: Database, connection: Connection, project: str, new: Sequence[NewItem], actor: str
) -> Added:
    """See ``Store.add_items``."""
    held = _projects.hold(database, connection, project)
    first = held.items
    for start in range(0, len(new), _CHUNK):
        _add_chunk(connection, held, new[start : start + _CHUNK])
    added = Added(added=held.items - first, known=len(new) - (held.items - first))
    if added.added:
        _projects.keep(connection, held)
        _log.line(
            connection, held.now, project, actor, "items.add", project, added=added.added, known=added.known
        )
    return added


def _add_chunk(connection: Connection, held: Held, new: Sequence[NewItem]) -> None:
    ids = {one.item.id for one in new}
    statement = select(items.c.id).where(items.c.project_id == held.id, among(connection, items.c.id, ids))
    known = set(connection.scalars(statement))
    rows = []
    for one in new:
        if one.item.id not in known:
            known.add(one.item.id)
            rows.append(to_row(held.id, held.items, one))
            held.items += 1
            held.tallies.arrive(one.role)
    _insert(connection, rows)


def _insert(connection: Connection, rows: list[tuple[object, ...]]) -> None:
    """Insert rows of ``ITEM_COLUMNS`` the fastest way that each driver has."""
    columns = ", ".join(ITEM_COLUMNS)
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(ITEM_COLUMNS))
        connection.exec_driver_sql(f"INSERT INTO items ({columns}) VALUES ({marks})", rows)
        return
    # The project's row is locked, so that nobody else can have added one of these ids meanwhile.
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY items ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def find(
    database: Database,
    project: str,
    *,
    after: int,
    limit: int,
    states: Collection[ItemState] | None,
    ids: Sequence[str] | None,
    numbers: Sequence[int] | None,
    role: ItemRole | None,
) -> list[ItemRow]:
    """See ``Store.items``."""
    limit = max(limit, 0)
    with database.read() as connection:
        held = _projects.find(database, connection, project)
        wanted = select(items).where(items.c.project_id == held.id, items.c.number > after)
        if role is not None:
            wanted = wanted.where(items.c.role == role)
        if ids is not None:
            wanted = wanted.where(among(connection, items.c.id, ids))
        if numbers is not None:
            wanted = wanted.where(among(connection, items.c.number, numbers))
        if states is not None and set(states) != set(STATES):
            named = ids is not None or numbers is not None
            wanted = (
                wanted.where(items.c.state.in_(sorted(states))) if named else _by_state(wanted, states, limit)
            )
        ordered = wanted.order_by("number").limit(limit)
        return [to_item(row) for row in connection.execute(ordered).mappings()]


def _by_state(wanted: Select[Any], states: Collection[ItemState], limit: int) -> Any:
    """The first items of each state: each is a range of the index, where all together would be sorted."""
    if len(set(states)) == 1:
        return wanted.where(items.c.state == next(iter(states)))
    if not states:
        return wanted.where(items.c.number < 0)
    parts = [
        select(wanted.where(items.c.state == state).order_by(items.c.number).limit(limit).subquery())
        for state in sorted(set(states))
    ]
    return select(union_all(*parts).subquery())
