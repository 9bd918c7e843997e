"""A store in SQLite or PostgreSQL: one code base, two databases."""

from alaas.stores.sql._connect import connect
from alaas.stores.sql._database import Database

__all__ = ["Database", "connect"]
