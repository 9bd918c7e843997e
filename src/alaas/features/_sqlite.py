"""Opening a SQLite file for a cache, and telling its failures apart."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_SECONDS = 10.0

_CORRUPT, _NOT_A_DATABASE, _SQL_ERROR = 11, 26, 1
# Our statements are fixed, so an SQL error can only mean that the tables are not ours.
_DAMAGE = frozenset({_CORRUPT, _NOT_A_DATABASE, _SQL_ERROR})
_BUSY, _READ_ONLY, _FULL = 5, 8, 13
_REASONS = {_BUSY: "other processes kept it busy", _READ_ONLY: "it is read-only", _FULL: "the disk is full"}


class DatabaseUnavailableError(Exception):
    """The database cannot be used as things stand; the message is the end of a sentence."""


class DamagedRowsError(sqlite3.DatabaseError):
    """SQLite gave rows that it never stored: what it read is damaged."""

    sqlite_errorcode = _CORRUPT


@contextmanager
def unreadable_is_damage() -> Iterator[None]:
    """Treat text that is no text, which a damaged schema shows even in SQLite's error messages, as damage.

    Raises:
        DamagedRowsError: such text came up.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise DamagedRowsError("the schema holds what is not text") from error


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, so that only a new one helps."""
    return _code(error) in _DAMAGE


def is_read_only(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite says that it may not write."""
    return _code(error) == _READ_ONLY


def _code(error: Exception) -> int:
    """SQLite's primary error code; its extended codes carry details in the higher bytes."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def reason(error: Exception) -> str:
    """Why a cache cannot be used, as the end of a sentence that begins with its directory."""
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk is full"
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return "it is read-only"
        if error.errno == errno.EFBIG:
            return "the limit on the size of a file is reached"
        return str(error.strerror or error)
    return _REASONS.get(_code(error), str(error))


def connect(path: Path) -> sqlite3.Connection:
    """A connection in write-ahead mode that waits for other writers; makes the file.

    Raises:
        DatabaseUnavailableError: the file system cannot hold a write-ahead log.
        sqlite3.Error: the file cannot be opened or is not a database.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        answer = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if answer != "wal":
            raise DatabaseUnavailableError(
                f"its file system cannot hold a write-ahead log (asked for journal mode wal, got {answer})"
            )
        # After a power cut the last commits may be gone, which a cache can bear; nothing else is lost.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint=4000")
        connection.text_factory = bytes  # our tables hold no text: what turns up is damage and may not decode
    except BaseException:
        connection.close()
        raise
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection to a file that cannot be written.

    Raises:
        DatabaseUnavailableError: it cannot even be read.
    """
    address = path.resolve().as_uri()
    # In a read-only directory SQLite cannot make its shared memory; nothing changes there, so it needs none.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(
            f"{address}?{mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
        else:
            connection.text_factory = bytes
            return connection
    raise DatabaseUnavailableError("it cannot be read")
