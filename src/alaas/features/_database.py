"""A SQLite file that may be lost: many threads, many processes, and no failure that lasts.

A cache may forget, so a damaged file is set aside and an empty one takes its place.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alaas.features._files import DatabaseFile, DatabaseFiles
from alaas.features._sqlite import BUSY_SECONDS, DatabaseUnavailableError, is_damage, unreadable_is_damage

FORMAT = "v1"
"""The folder of this format: another format takes another, so that no version trips over another's files."""

_BUSY_MS = int(BUSY_SECONDS * 1000)

T = TypeVar("T")


class Database:
    """Connections to the newest ``<stem>-*.sqlite3`` in ``directory``, which is made if there is none.

    Nothing is opened before it is needed. A connection serves one thread at a time and never crosses a fork.
    """

    def __init__(self, directory: Path, stem: str, schema: str) -> None:
        self._files = DatabaseFiles(directory, stem, schema)
        self._file: DatabaseFile | None = None
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        _instances.add(self)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on a connection; a damaged file is replaced and ``work`` run again on the empty one.

        Raises:
            DatabaseUnavailableError, sqlite3.Error, OSError: it cannot be had, or is busy for too long.
        """
        file = self.current()
        try:
            return self._run(file, work)
        except sqlite3.DatabaseError as error:
            if file.obstacle is not None or not is_damage(error):
                raise
        self._files.set_aside(file)
        return self._run(self.current(), work)

    def write(self, work: Callable[[sqlite3.Connection], T], *, patient: bool = True) -> T:
        """Run ``work`` in a transaction that holds the write lock from its start.

        Raises:
            DatabaseUnavailableError: it can only be read, or as ``read``.
            sqlite3.Error, OSError: as ``read``; at once if another is writing and ``patient`` is false.
        """

        def transaction(connection: sqlite3.Connection) -> T:
            if not patient:
                connection.execute("PRAGMA busy_timeout=0")
            # A deferred transaction that turns into a writer fails at once when another was quicker.
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
            if not patient:
                connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
            return result

        if self.current().obstacle is not None:
            self._file = None  # perhaps it can be written by now
            obstacle = self.current().obstacle
            if obstacle is not None:
                raise DatabaseUnavailableError(obstacle)
        return self.read(transaction)

    def tidy(self) -> None:
        """Give room that deleted rows took back to the disk, and delete what was set aside.

        Raises:
            DatabaseUnavailableError, sqlite3.Error, OSError: as ``read``.
        """
        self.read(lambda connection: connection.execute("PRAGMA incremental_vacuum").fetchall())
        self._files.delete_damaged()

    def close(self) -> None:
        """Close all idle connections, and those in use when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def current(self) -> DatabaseFile:
        """The file in use, found or made if need be.

        Raises:
            DatabaseUnavailableError, sqlite3.Error, OSError: there is none and none can be made.
        """
        file = self._file
        if file is not None and file.in_place():
            return file
        file = self._files.find()
        with self._lock:
            stale: list[sqlite3.Connection] = []
            if file != self._file:
                stale, self._idle, self._file = self._idle, [], file
        for connection in stale:
            connection.close()
        return file

    def _run(self, file: DatabaseFile, work: Callable[[sqlite3.Connection], T]) -> T:
        with unreadable_is_damage():
            connection = self._borrow(file)
            try:
                result = work(connection)
            except BaseException:
                connection.close()  # rolls back
                raise
            self._give_back(file, connection)
            return result

    def _borrow(self, file: DatabaseFile) -> sqlite3.Connection:
        with self._lock:
            if self._file == file and self._idle:
                return self._idle.pop()
        return file.connect()

    def _give_back(self, file: DatabaseFile, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self._file == file and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def __del__(self) -> None:
        for connection in self._idle:
            connection.close()

    def _after_fork(self) -> None:
        # SQLite forbids using or even closing a parent's connection: keep them, so that nothing closes them.
        _inherited.extend(self._idle)
        self._idle = []
        self._lock = threading.Lock()


_inherited: list[sqlite3.Connection] = []
_instances: weakref.WeakSet[Database] = weakref.WeakSet()


def _leave_parents_connections() -> None:
    for database in list(_instances):
        database._after_fork()


os.register_at_fork(after_in_child=_leave_parents_connections)
