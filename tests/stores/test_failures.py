"""What goes wrong with a database is the store's trouble, whichever layer says it; our mistakes stay bugs."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import InvalidRequestError, OperationalError, PendingRollbackError

from alaas.errors import StoreError
from alaas.stores.sql._failures import explained


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
        OperationalError("SELECT 1", {}, psycopg.OperationalError("the connection is lost")),
        PendingRollbackError("can't reconnect"),
        ConnectionResetError(104, "Connection reset by peer"),
    ],
)
def test_a_connection_that_breaks_is_trouble_of_the_store(error: Exception) -> None:
    with pytest.raises(StoreError, match="the store cannot be used: "), explained("the store"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        InvalidRequestError("x"),
        sqlite3.ProgrammingError("x"),
        psycopg.errors.SyntaxError("x"),
    ],
)
def test_a_mistake_of_ours_stays_one(error: Exception) -> None:
    with pytest.raises(type(error)), explained("the store"):
        raise error
