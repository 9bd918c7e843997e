"""API keys in a database, shared by every process that opens it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from alaas.stores._keys import KeyRow, KeyTable, NewKey, taken, unknown
from alaas.stores.sql._database import Database
from alaas.stores.sql._key_tables import keys
from alaas.stores.sql._log import write

_SHOWN = [column for column in keys.c if column.name != "number"]


class SqlKeyTable(KeyTable):
    """Rows of one table.

    Args:
        database: where the table is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewKey, *, actor: str) -> KeyRow:
        """See ``KeyTable.add``."""

        def work(connection: Connection) -> KeyRow:
            now = self._database.now(connection)
            statement = insert(keys).values(
                id=new.id,
                name=new.name,
                role=new.role,
                projects=None if new.projects is None else json.dumps(new.projects),
                digest=new.digest,
                created=now,
            )
            row = _row(connection.execute(statement.returning(*_SHOWN)).one())
            _note(connection, now, actor, "key.create", new.name)
            return row

        try:
            return self._database.change("add-key", work)
        except IntegrityError as error:
            raise taken(new.name) from error

    def get(self, key_id: str) -> KeyRow | None:
        """See ``KeyTable.get``."""
        with self._database.read() as connection:
            found = connection.execute(select(*_SHOWN).where(keys.c.id == key_id)).one_or_none()
        return None if found is None else _row(found)

    def rows(self) -> list[KeyRow]:
        """See ``KeyTable.rows``."""
        with self._database.read() as connection:
            return [_row(found) for found in connection.execute(select(*_SHOWN).order_by(keys.c.number))]

    def revoke(self, name: str, *, actor: str) -> KeyRow:
        """See ``KeyTable.revoke``."""

        def work(connection: Connection) -> KeyRow:
            now = self._database.now(connection)
            statement = update(keys).where(keys.c.name == name, keys.c.revoked.is_(None)).values(revoked=now)
            found = connection.execute(statement.returning(*_SHOWN)).one_or_none()
            if found is None:
                raise unknown(name)
            _note(connection, now, actor, "key.revoke", name)
            return _row(found)

        return self._database.change("revoke-key", work)

    def touch(self, key_id: str) -> None:
        """See ``KeyTable.touch``."""

        def work(connection: Connection) -> None:
            now = self._database.now(connection)
            connection.execute(update(keys).where(keys.c.id == key_id).values(used=now))

        self._database.change("touch-key", work)

    def ever(self) -> bool:
        """See ``KeyTable.ever``."""
        with self._database.read() as connection:
            return connection.execute(select(keys.c.number).limit(1)).first() is not None


def _note(connection: Connection, at: float, actor: str, verb: str, name: str) -> None:
    write(connection, at=at, project=None, actor=actor, verb=verb, subject=name, detail="{}")


def _row(found: Row[Any]) -> KeyRow:
    projects = None if found.projects is None else tuple(json.loads(found.projects))
    return KeyRow(
        id=found.id,
        name=found.name,
        role=found.role,
        projects=projects,
        digest=bytes(found.digest),
        created=found.created,
        used=found.used,
        revoked=found.revoked,
    )
