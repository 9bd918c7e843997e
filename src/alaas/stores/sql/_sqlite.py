"""SQLite: one file, many threads and processes; or the memory of this process."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from alaas.errors import ConfigError, StoreError
from alaas.filesystem import network_filesystem
from alaas.stores.sql._database import Database
from alaas.stores.sql._failures import explained
from alaas.stores.sql._groups import Groups

_BUSY_SECONDS = 30
_READERS = 64
_MOST = 64


class SqliteDatabase(Database):
    """SQLite in write-ahead mode; readers never wait for writers."""

    dialect = "sqlite"

    def __init__(self, url: URL, clock: Callable[[], float] | None) -> None:
        if set(url.query) or url.host or url.username:
            raise ConfigError(
                f"store.url: got {str(url)!r}; SQLite takes sqlite:///PATH, sqlite:////ABSOLUTE/PATH or "
                "sqlite:// for the memory of this process"
            )
        path = None if url.database in (None, "", ":memory:") else Path(str(url.database)).absolute()
        super().__init__("the store in memory" if path is None else f"the store {path}", clock)
        self.shared = path is not None
        with explained(self.name):
            if path is not None:
                _make(path)
            self._engine = _engine(path)
            self._groups = Groups(self._engine, self.name, most=_MOST if self.shared else 1)
        os.register_at_fork(after_in_child=self._after_fork)

    @contextmanager
    def write(
        self,
        name: str,
        *,
        long: bool = False,
        project: str | None = None,  # noqa: ARG002  # the whole file takes one writer at a time
    ) -> Iterator[Connection]:
        with explained(self.name), self._groups.transaction(name, alone=long) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        if not self.shared:  # one connection serves all
            with self.write("read") as connection:
                yield connection
            return
        with explained(self.name), self._engine.connect() as connection, connection.begin():
            yield connection

    def together(self, connection: Connection) -> AbstractContextManager[None]:  # noqa: ARG002
        return nullcontext()

    def _time(self, connection: Connection) -> float:  # noqa: ARG002
        return time.time()

    def now(self, connection: Connection | None = None) -> float:  # noqa: ARG002
        """The time; nobody need be asked."""
        return self.seen(time.time())

    def close(self) -> None:
        self._engine.dispose()

    def _after_fork(self) -> None:
        # SQLite forbids using or even closing a parent's connection: leave it, and open others.
        if self.shared:
            self._engine.dispose(close=False)
            self._groups = Groups(self._engine, self.name, most=_MOST)


def _make(path: Path) -> None:
    """Make the file for its owner alone, and its folder."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kind = network_filesystem(path.parent)
    if kind is not None:
        raise StoreError(
            f"the store {path} lies on a network file system ({kind}), whose locks SQLite cannot trust; "
            "give a path on a local disk, or a PostgreSQL URL"
        )
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except PermissionError:
        if not path.exists():
            raise


def _engine(path: Path | None) -> Engine:
    options: dict[str, object] = {"poolclass": StaticPool}
    if path is not None:
        options = {"poolclass": QueuePool, "pool_size": 8, "max_overflow": _READERS, "pool_timeout": 30}
        options["pool_use_lifo"] = True
    engine = create_engine(
        URL.create("sqlite", database=":memory:" if path is None else str(path)),
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
        **options,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # Python's driver would begin transactions at times of its own
        connection.execute("PRAGMA foreign_keys=ON")
        if path is not None:
            _use_write_ahead_log(connection, path)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer fails at once when another was quicker.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_write_ahead_log(connection: sqlite3.Connection, path: Path) -> None:
    answer = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if answer != "wal":
        raise StoreError(
            f"the store {path} lies on a file system that cannot hold a write-ahead log (asked for journal "
            f"mode wal, got {answer}); give a path on a local disk, or a PostgreSQL URL"
        )
    connection.execute("PRAGMA synchronous=FULL")  # an acknowledged label survives a power cut
    connection.execute("PRAGMA journal_size_limit=67108864")
    connection.execute("PRAGMA cache_size=-16000")
