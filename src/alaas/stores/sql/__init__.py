"""A store in SQLite or PostgreSQL: one code base, two databases."""

from alaas.stores.sql._connect import connect
from alaas.stores.sql._database import Database
from alaas.stores.sql._store import Sql

__all__ = ["Database", "Sql", "connect"]
