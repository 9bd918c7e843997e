"""Bringing a database's tables up to date, by one process at a time."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from alaas.errors import StoreError
from alaas.stores.sql._database import Database

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x616C616173  # "alaas"; any number that other programs are unlikely to use


def migrate(database: Database) -> None:
    """Run the migrations that the database has not seen.

    Raises:
        StoreError: the database cannot be used, or is of a later version of ALaaS.
    """
    with database.read() as connection:
        if _version(connection, database) == revisions()[-1]:
            return
    with database.write("migrate", long=True) as connection:
        if database.dialect == "postgresql":
            _check_encoding(connection, database)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # In SQLite the transaction itself keeps others out.
        if _version(connection, database) != revisions()[-1]:
            _upgrade(connection)


def revisions() -> list[str]:
    """The versions of the tables, oldest first: the beginnings of the files' names."""
    return sorted(path.name[:4] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def _version(connection: Connection, database: Database) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in revisions():
        raise StoreError(
            f"{database.name} is of version {found}, and this ALaaS knows versions up to {revisions()[-1]}; "
            "run the newer ALaaS that has written it"
        )
    return None if found is None else str(found)


def _check_encoding(connection: Connection, database: Database) -> None:
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise StoreError(
            f"{database.name} has the encoding {encoding}; create the database with "
            "createdb -E UTF8 -T template0"
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # only a database that is not up to date needs it
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")
