"""The digest index on disk, beside the feature cache: one SQLite table, by path."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alaas.features._database import FORMAT, Database
from alaas.features._digests import DigestIndex
from alaas.features._sqlite import DatabaseUnavailableError, reason

if TYPE_CHECKING:
    from alaas.fetching import FileStamp

RACY_NS = 2_000_000_000
"""The coarsest clock of a file system that is in use, FAT's."""

MAX_ENTRIES = 4_000_000
"""About 200 bytes each; the longest remembered go first."""

SUSPECT_SECONDS = 600.0
"""How long it may take at most from looking a file up to remembering its digest."""

RETRY_SECONDS = 30.0
"""How long nothing is noted after a failure."""

_MAX_SUSPECTS = 100_000
_PATHS_A_QUERY = 512
_FAILURES = (OSError, sqlite3.Error, DatabaseUnavailableError)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS digests (
    number INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL, digest BLOB NOT NULL
)
"""


class DiskDigests(DigestIndex):
    """Digests in ``directory``, the feature cache's, at most ``max_entries`` of them."""

    def __init__(self, *, directory: Path, max_entries: int = MAX_ENTRIES) -> None:
        self.directory = directory
        self.max_entries = max_entries
        self._database = Database(directory / FORMAT, "digests", _SCHEMA)
        self._suspects: dict[FileStamp, float] = {}
        self._suspect_since_ns: int | None = None
        self._lock = threading.Lock()
        self._retry_at = 0.0

    def lookup(self, stamps: Sequence[FileStamp]) -> list[bytes | None]:
        """The digests of unchanged files; notes which files are too young to be trusted when read now."""
        self._suspect(stamps)
        paths = [os.fsencode(stamp.path) for stamp in stamps]
        try:
            rows = self._database.read(lambda connection: _rows(connection, paths))
        except _FAILURES as error:
            self._give_up(error)
            return [None] * len(stamps)
        return [
            row[4]
            if row is not None and row[1:4] == (stamp.size, stamp.mtime_ns, _signed(stamp.inode))
            else None
            for stamp, row in zip(stamps, map(rows.get, paths), strict=True)
        ]

    def remember(self, entries: Sequence[tuple[FileStamp, bytes]]) -> None:
        """Note digests of files that were at least two seconds old when they were looked up."""
        horizon = time.time_ns() - RACY_NS
        with self._lock:
            if self._suspect_since_ns is not None:
                horizon = min(horizon, self._suspect_since_ns)
            rows = [
                (os.fsencode(stamp.path), stamp.size, stamp.mtime_ns, _signed(stamp.inode), digest)
                for stamp, digest in entries
                if stamp.mtime_ns < horizon and stamp not in self._suspects
            ]
        if not rows or time.monotonic() < self._retry_at:
            return

        def store(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO digests (path, size, mtime_ns, inode, digest) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
            # Numbers only grow, so their span bounds the count without counting.
            connection.execute(
                "DELETE FROM digests WHERE number <= (SELECT max(number) FROM digests) - ?",
                (self.max_entries,),
            )

        try:
            self._database.write(store)
        except _FAILURES as error:
            self._give_up(error)
        else:
            self.trouble = None

    def clear(self) -> None:
        """Forget everything."""
        try:
            self._database.write(lambda connection: connection.execute("DELETE FROM digests"))
            self._database.tidy()
        except _FAILURES as error:
            self._give_up(error)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _suspect(self, stamps: Sequence[FileStamp]) -> None:
        horizon, now = time.time_ns() - RACY_NS, time.monotonic()
        young = [stamp for stamp in stamps if stamp.mtime_ns >= horizon]
        if not young and not self._suspects:
            return
        with self._lock:
            # Whoever looks up an old file reads it afterwards, when a further change shows. But one who
            # looked it up while it was young may still be reading.
            for stamp in stamps:
                if now - self._suspects.get(stamp, now) > SUSPECT_SECONDS:
                    del self._suspects[stamp]
            self._suspects.update(dict.fromkeys(young, now))
            if len(self._suspects) > _MAX_SUSPECTS:
                oldest = min(stamp.mtime_ns for stamp in self._suspects)
                self._suspect_since_ns = min(self._suspect_since_ns or oldest, oldest)
                self._suspects.clear()

    def _give_up(self, error: Exception) -> None:
        self.trouble = f"the digest index in {self.directory} stores nothing: {reason(error)}"
        self._retry_at = time.monotonic() + RETRY_SECONDS


_Row = tuple[bytes, int, int, int, bytes]


def _rows(connection: sqlite3.Connection, paths: Sequence[bytes]) -> dict[bytes, _Row]:
    rows: dict[bytes, _Row] = {}
    for first in range(0, len(paths), _PATHS_A_QUERY):
        part = paths[first : first + _PATHS_A_QUERY]
        marks = ",".join("?" * len(part))
        query = f"SELECT path, size, mtime_ns, inode, digest FROM digests WHERE path IN ({marks})"
        rows.update((row[0], row) for row in connection.execute(query, part))
    return rows


def _signed(inode: int) -> int:
    """The inode as SQLite can hold it: some file systems use all 64 bits."""
    return inode - 2**64 if inode >= 2**63 else inode
