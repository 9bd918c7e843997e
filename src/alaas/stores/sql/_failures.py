"""What databases complain of, as errors that say what to do."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, DisconnectionError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from alaas.errors import StoreError

_SQLITE = {
    5: "other processes kept it busy; see who writes to it for so long, or use PostgreSQL",
    6: "other calls kept it busy; try again",
    8: "it is read-only; let this user write to the file and its folder",
    10: "the disk fails or is full; see the system's log, and make room",
    11: "the file is damaged; bring it back from a backup",
    13: "the disk is full; make room",
    14: "the file cannot be opened; let this user read and write it and its folder",
    26: "the file is not a SQLite database; give another path",
}

_POSTGRESQL = {
    "25006": "it takes no changes now (a standby, or set read-only); connect to the primary",
    "28": "it does not let this user in; check user, password and pg_hba.conf",
    "3D000": "it has no database of that name; create it with createdb",
    "42501": "this user may not do that; give it the right to use and create tables in the schema",
    "42P01": "a table is missing; bring the database back from a backup, or give an empty one",
    "53100": "its disk is full; make room",
    "53300": "it has no connection left; raise max_connections or stop other clients",
    "53": "it is short of resources; look at its log",
    "55P03": "another call held the project for too long; try again",
    "57014": "it took too long to answer; look at its load, and try again",
    "57P": "it is shutting down or starting; try again",
}
"""By SQLSTATE, or its beginning; the longest that fits counts."""

_WORDS = {
    "authentication failed": "28",
    "no pg_hba.conf entry": "28",
    "role .* does not exist": "28",
    "database .* does not exist": "3D000",
    "too many clients": "53300",
    "starting up": "57P",
    "shutting down": "57P",
    "in recovery mode": "57P",
}
"""What a server says, in English, to those whom it does not let in, and the SQLSTATE that it means."""

_REPEATABLE = frozenset({"40001", "40P01"})
_BUGS = ("22", "23", "42")  # bad values, broken constraints and bad statements are ours to mend


class RepeatableError(StoreError):
    """The database undid the transaction in favour of another; doing it again is right."""


@contextmanager
def explained(store: str) -> Iterator[None]:
    """Turn what goes wrong with the database into ``StoreError``; what is a mistake of ours stays as it is.

    ``store`` names the store, without a password.

    Raises:
        StoreError: it cannot be reached, read or written.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError(f"{store} cannot be used: all its connections are busy; try again") from error
    except PendingRollbackError as error:  # the connection broke under another call of the same commit
        raise StoreError(
            f"{store} cannot be used: it cannot be reached (a connection broke); check that the database "
            "runs, and try again"
        ) from error
    except Exception as error:
        if not isinstance(error, (DBAPIError, DisconnectionError, sqlite3.Error, OSError)) and not _is_raw(
            error
        ):
            raise
        original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        state = getattr(original, "sqlstate", None)
        if state in _REPEATABLE:
            raise RepeatableError(
                f"{store} cannot be used: calls got in each other's way; try again"
            ) from error
        why = _reason(original, state)
        if why is None:
            raise
        raise StoreError(f"{store} cannot be used: {why}") from error


def _is_raw(error: Exception) -> bool:
    """Whether it is psycopg's own: what breaks while a connection is prepared or messages are sent together
    passes SQLAlchemy by.
    """
    return any((base.__module__, base.__name__) == ("psycopg", "Error") for base in type(error).__mro__)


def _reason(error: BaseException, state: str | None) -> str | None:
    """Why, and what to do; None for a mistake of ours."""
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk is full; make room"
        if error.errno == errno.EROFS:
            return "its file system is read-only; mount it for writing, or give another path"
        if error.errno in (errno.EACCES, errno.EPERM):
            return "permission denied; let this user read and write it and its folder"
        return str(error.strerror or error)
    text = " ".join(str(error).split())
    if state is None:  # as always when the connection was not made
        state = next((state for words, state in _WORDS.items() if re.search(words, text)), None)
    if state is None:
        return f"it cannot be reached ({text}); check the address, and that the database runs"
    for length in (5, 3, 2):
        if len(state) >= length and state[:length] in _POSTGRESQL:
            return _POSTGRESQL[state[:length]]
    return None if state.startswith(_BUGS) else f"it says {text!r}"
