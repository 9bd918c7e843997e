"""From a URL to a database whose tables are up to date."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from alaas.errors import ConfigError
from alaas.stores.sql._database import Database
from alaas.stores.sql._migrate import migrate
from alaas.stores.sql._postgresql import PostgresqlDatabase
from alaas.stores.sql._sqlite import SqliteDatabase

POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def connect(url: str, *, clock: Callable[[], float] | None = None) -> Database:
    """Open a database and bring its tables up to date.

    Raises:
        ConfigError: the URL is malformed.
        MissingExtraError: PostgreSQL's driver is not installed.
        StoreError: it cannot be reached or written, or is of a later version of ALaaS.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "store.url: got something that is no URL; expected sqlite:///PATH or "
            "postgresql://USER:PASSWORD@HOST/DATABASE, with special characters in the password written as %XX"
        ) from error
    database: Database
    if parsed.drivername == "sqlite":
        database = SqliteDatabase(parsed, clock)
    elif parsed.drivername in POSTGRESQL:
        database = PostgresqlDatabase(parsed, clock)
    else:
        raise ConfigError(f"store.url: got the scheme {parsed.drivername!r}; expected sqlite or postgresql")
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database
