"""PostgreSQL through psycopg 3."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, create_engine, event, literal_column, select
from sqlalchemy.pool import ConnectionPoolEntry

from alaas.errors import MissingExtraError
from alaas.stores.sql._database import Database
from alaas.stores.sql._failures import explained
from alaas.stores.sql._groups import Groups

CLOCK: ColumnElement[float] = literal_column("extract(epoch FROM clock_timestamp())::float8")

_CONNECT: dict[str, object] = {
    "application_name": "alaas",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # A machine that vanished is noticed within half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

_MOST = 64

_SESSION = (
    "SET statement_timeout = '60s'; SET lock_timeout = '30s'; "
    "SET idle_in_transaction_session_timeout = '120s'; SET client_min_messages = warning"
)
"""A database that hangs must not hang the server."""


class PostgresqlDatabase(Database):
    """PostgreSQL; the row of a project in ``projects`` is the lock for its changes."""

    dialect = "postgresql"
    shared = True

    def __init__(self, url: URL, clock: Callable[[], float] | None) -> None:
        if importlib.util.find_spec("psycopg") is None:
            raise MissingExtraError("a store in PostgreSQL", "postgres")
        super().__init__(f"the store {url.render_as_string(hide_password=True)}", clock)
        with explained(self.name):
            self._engine = _engine(url.set(drivername="postgresql+psycopg"))
        self._groups: dict[str, Groups] = {}
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @contextmanager
    def write(self, name: str, *, long: bool = False, project: str | None = None) -> Iterator[Connection]:
        if project is None:
            groups = Groups(self._engine, self.name, most=1)
        else:
            with self._guard:
                groups = self._groups.setdefault(project, Groups(self._engine, self.name, most=_MOST))
        with explained(self.name), groups.transaction(name, alone=long) as connection:
            if long:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with explained(self.name), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def together(self, connection: Connection) -> Iterator[None]:
        driver: Any = connection.connection.driver_connection
        with driver.pipeline():
            yield

    def _time(self, connection: Connection) -> float:
        return float(connection.execute(select(CLOCK)).scalar_one())

    def close(self) -> None:
        self._engine.dispose()


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={key: value for key, value in _CONNECT.items() if key not in url.query},
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=16,
        pool_timeout=30,
        pool_recycle=1800,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # Not as a start-up option, which connection poolers refuse.
        connection.execute(_SESSION)
        connection.commit()

    return engine
