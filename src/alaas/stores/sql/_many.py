"""Conditions and values in thousands, in one statement."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Text,
    any_,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY

from alaas.stores.sql._spelling import Words, spelt


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[str] | Collection[int]
) -> Any:
    """The condition that a column of text or whole numbers has one of the values, however many."""
    wanted = listed(connection.dialect.name, values)
    return one_of(connection.dialect.name, column, bindparam(None, wanted, unique=True))


def one_of(dialect: str, column: ColumnElement[Any], values: BindParameter[Any]) -> Any:
    """The condition that a column has one of the values that the parameter is given by ``listed``.

    One parameter holds them all, so that the statement is the same for any number of them.
    """
    if dialect == "postgresql":
        kind: Any = Text() if isinstance(column.type, Words) else BigInteger()
        return column == any_(type_coerce(values, ARRAY(kind)))
    return column.in_(select(func.json_each(type_coerce(values, Text())).table_valued("value").c.value))


def listed(dialect: str, values: Collection[str] | Collection[int]) -> Any:
    """Values as the parameter of ``one_of`` takes them."""
    wanted = [spelt(value) if isinstance(value, str) else value for value in values]
    return wanted if dialect == "postgresql" else json.dumps(wanted)
