"""Keys in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from alaas.stores._keys import KeyRow, KeyTable, NewKey, taken, unknown

Note: TypeAlias = Callable[[str, str, str], None]
"""Writes a line to the log: actor, verb, subject."""


class MemoryKeyTable(KeyTable):
    """Keys in a dictionary; they end with the process.

    Args:
        now: the store's clock.
        note: writes a line to the store's log.
    """

    def __init__(self, now: Callable[[], float], note: Note) -> None:
        self._now = now
        self._note = note
        self._rows: dict[str, KeyRow] = {}
        self._lock = threading.Lock()

    def add(self, new: NewKey, *, actor: str) -> KeyRow:
        """See ``KeyTable``."""
        with self._lock:
            if self._live(new.name) is not None:
                raise taken(new.name)
            row = KeyRow(
                id=new.id,
                name=new.name,
                role=new.role,
                projects=new.projects,
                digest=new.digest,
                created=self._now(),
            )
            self._rows[row.id] = row
            self._note(actor, "key.create", row.name)
            return row

    def get(self, key_id: str) -> KeyRow | None:
        """See ``KeyTable``."""
        with self._lock:
            return self._rows.get(key_id)

    def rows(self) -> list[KeyRow]:
        """See ``KeyTable``."""
        with self._lock:
            return list(self._rows.values())

    def revoke(self, name: str, *, actor: str) -> KeyRow:
        """See ``KeyTable``."""
        with self._lock:
            row = self._live(name)
            if row is None:
                raise unknown(name)
            ended = self._rows[row.id] = replace(row, revoked=self._now())
            self._note(actor, "key.revoke", name)
            return ended

    def touch(self, key_id: str) -> None:
        """See ``KeyTable``."""
        with self._lock:
            row = self._rows.get(key_id)
            if row is not None:
                self._rows[key_id] = replace(row, used=self._now())

    def ever(self) -> bool:
        """See ``KeyTable``."""
        return bool(self._rows)

    def _live(self, name: str) -> KeyRow | None:
        return next((row for row in self._rows.values() if row.name == name and row.revoked is None), None)
