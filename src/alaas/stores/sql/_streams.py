"""Streams in a database, shared by every process that opens it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, insert, select, update

from alaas.stores._streams import StreamRow, StreamTable, TakenItem, TakenRow, moved
from alaas.stores._words import Finding, ItemState, NewItem
from alaas.stores.sql import _findings, _items, _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import items, stream_items, streams


class SqlStreamTable(StreamTable):
    """A row a stream, and one for each item that it gave.

    Args:
        database: where the tables are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, project: str, *, ids: Collection[str] = (), digests: Collection[bytes] = ()) -> StreamRow:
        """See ``StreamTable``."""
        with self._database.read() as connection:
            held = _projects.find(self._database, connection, project)
            row = connection.execute(
                select(streams.c.state, streams.c.version).where(streams.c.project_id == held.id)
            ).one_or_none()
            return StreamRow(
                state=None if row is None else row.state,
                version=0 if row is None else row.version,
                known=_known(connection, held, set(ids)),
                twins=_findings.sound_twins(connection, held, set(digests)),
            )

    def advance(
        self, project: str, state: str, taken: Sequence[TakenItem], *, version: int, actor: str
    ) -> list[int]:
        """See ``StreamTable``."""

        def work(connection: Connection) -> list[int]:
            held = _projects.hold(self._database, connection, project)
            known = _known(connection, held, {one.item.id for one in taken})
            if known or not _moved_on(connection, held, state, version):
                raise moved(project)
            if taken:
                self._add(connection, project, held, taken, actor)
            return list(range(held.items, held.items + len(taken)))

        return self._database.change("advance-stream", work, project=project)

    def taken(self, project: str) -> list[TakenRow]:
        """See ``StreamTable``."""
        with self._database.read() as connection:
            held = _projects.find(self._database, connection, project)
            statement = (
                select(stream_items.c.number, stream_items.c.utility)
                .where(stream_items.c.project_id == held.id)
                .order_by(stream_items.c.number)
            )
            return [TakenRow(number=row.number, utility=row.utility) for row in connection.execute(statement)]

    def _add(
        self, connection: Connection, project: str, held: Held, taken: Sequence[TakenItem], actor: str
    ) -> None:
        numbered = list(enumerate(taken, start=held.items))
        connection.execute(
            insert(stream_items),
            [{"project_id": held.id, "number": n, "utility": one.utility} for n, one in numbered],
        )
        _items.add(self._database, connection, project, [NewItem(item=one.item) for one in taken], actor)
        findings = [Finding(number=n, digest=one.digest) for n, one in numbered]
        _findings.settle(self._database, connection, project, findings)


def _known(connection: Connection, held: Held, ids: set[str]) -> dict[str, ItemState]:
    if not ids:
        return {}
    statement = select(items.c.id, items.c.state).where(
        items.c.project_id == held.id, among(connection, items.c.id, ids)
    )
    return {row.id: row.state for row in connection.execute(statement)}


def _moved_on(connection: Connection, held: Held, state: str, version: int) -> bool:
    """Write the state if the stream is at ``version``; the project's lock keeps others out."""
    if version == 0:
        statement = select(streams.c.version).where(streams.c.project_id == held.id)
        if connection.execute(statement).one_or_none() is not None:
            return False
        connection.execute(insert(streams), {"project_id": held.id, "version": 1, "state": state})
        return True
    changed = connection.execute(
        update(streams).where(streams.c.project_id == held.id, streams.c.version == version),
        {"version": version + 1, "state": state},
    )
    return changed.rowcount == 1
