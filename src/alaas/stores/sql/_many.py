"""Conditions and values in thousands, in one statement."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from alaas.stores.sql._spelling import Words, spelt


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[str] | Collection[int]
) -> Any:
    """The condition that a column of text or whole numbers has one of the values, however many.

    One parameter holds them all, so that the statement is the same for any number of them.
    """
    wanted = [spelt(value) if isinstance(value, str) else value for value in values]
    if connection.dialect.name == "postgresql":
        kind: Any = Text() if isinstance(column.type, Words) else BigInteger()
        return column == any_(bindparam(None, wanted, type_=ARRAY(kind), unique=True))
    listed = func.json_each(bindparam(None, json.dumps(wanted), type_=Text(), unique=True))
    return column.in_(select(listed.table_valued("value").c.value))
