"""The files of a database that may be lost: found, made, and set aside when they are damaged.

Every new file has a name of its own: a process that still has the old one open can then never mix up its
log with the new one's.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from alaas.features._sqlite import (
    DatabaseUnavailableError,
    connect,
    connect_read_only,
    is_damage,
    is_read_only,
    reason,
    unreadable_is_damage,
)
from alaas.filesystem import network_filesystem


class DatabaseFile(NamedTuple):
    """One file; the inode tells whether the path still leads to it."""

    path: Path
    inode: int
    obstacle: str | None = None
    """Why it can only be read, as the end of a sentence; None if it can be written."""

    def in_place(self) -> bool:
        """Whether nobody has set it aside or deleted it."""
        try:
            return os.stat(self.path).st_ino == self.inode  # noqa: PTH116  (a tenth of Path.stat's time)
        except FileNotFoundError:
            return False

    def connect(self) -> sqlite3.Connection:
        """A new connection.

        Raises:
            DatabaseUnavailableError, sqlite3.Error: it cannot be opened.
        """
        return connect(self.path) if self.obstacle is None else connect_read_only(self.path)


class DatabaseFiles:
    """``<stem>-*.sqlite3`` in ``directory``, of which the newest counts."""

    def __init__(self, directory: Path, stem: str, schema: str) -> None:
        self.directory = directory
        self._stem = stem
        self._schema = schema
        self._damaged = directory / f"{stem}.damaged"

    def find(self) -> DatabaseFile:
        """The newest file with our tables in it; made if there is none or it is damaged.

        Raises:
            DatabaseUnavailableError, sqlite3.Error, OSError: there is none and none can be made.
        """
        kind = network_filesystem(self.directory)
        if kind is not None:
            raise DatabaseUnavailableError(f"it is on a network file system ({kind})")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with self._alone():
                path = self._newest() or self._fresh()
                try:
                    self._prepare(path)
                except sqlite3.DatabaseError as error:
                    if not (is_damage(error) or _refuses_without_reason(error, path)):
                        raise
                    self._move_aside(path)
                    path = self._fresh()
                    self._prepare(path)
                return DatabaseFile(path, path.stat().st_ino)
        except (OSError, sqlite3.OperationalError) as error:
            file = self._find_for_reading(reason(error))
            if file is None:
                raise
            return file

    def set_aside(self, file: DatabaseFile) -> None:
        """Take a damaged file out of use, unless another process was quicker.

        Raises:
            OSError: the directory cannot be written.
        """
        with self._alone():
            if file.in_place():
                self._move_aside(file.path)

    def delete_damaged(self) -> None:
        """Delete what was set aside.

        Raises:
            OSError: the directory cannot be written.
        """
        self._damaged.unlink(missing_ok=True)

    def _find_for_reading(self, obstacle: str) -> DatabaseFile | None:
        try:
            path = self._newest()
            if path is None:
                return None
            with unreadable_is_damage():
                connect_read_only(path).close()
            return DatabaseFile(path, path.stat().st_ino, obstacle)
        except (OSError, sqlite3.Error, DatabaseUnavailableError):
            return None

    def _newest(self) -> Path | None:
        return max(self.directory.glob(f"{self._stem}-*.sqlite3"), default=None)

    def _fresh(self) -> Path:
        return self.directory / f"{self._stem}-{time.time_ns():016x}.sqlite3"

    def _prepare(self, path: Path) -> None:
        with unreadable_is_damage(), closing(connect(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in self._schema.split(";"):
                connection.execute(statement)
            connection.execute("COMMIT")

    def _move_aside(self, path: Path) -> None:
        path.replace(self._damaged)
        for ending in ("-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Alone among all processes in making and replacing files."""
        lock = self.directory / f"{self._stem}.lock"
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _refuses_without_reason(error: sqlite3.DatabaseError, path: Path) -> bool:
    """Whether SQLite takes a writable file for read-only: its header asks for a version still to come."""
    return is_read_only(error) and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
