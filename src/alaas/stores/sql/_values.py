"""Labels and items as they stand in the tables."""

from __future__ import annotations

import json

from sqlalchemy import RowMapping

from alaas.stores._words import ItemRow, NewItem, Value
from alaas.stores.sql._spelling import spelt


def to_text(value: Value | None) -> str | None:
    """A label as JSON."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def to_value(text: str | None) -> Value | None:
    """What ``to_text`` was given."""
    found = None if text is None else json.loads(text)
    return tuple(found) if isinstance(found, list) else found


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Made once: ``json.dumps`` makes one each time, for millions of items."""

ITEM_COLUMNS = (
    "project_id",
    "number",
    "id",
    "state",
    "role",
    "cost",
    "labels",
    "label",
    "uri",
    "cells",
    "metadata",
    "text",
)


def to_row(project_id: int, number: int, new: NewItem) -> tuple[object, ...]:
    """A new item as values of ``ITEM_COLUMNS``, ready for the driver."""
    item = new.item
    return (
        project_id,
        number,
        spelt(item.id),
        "new",
        new.role,
        float(item.cost),
        0,
        _spelt(to_text(new.label)),
        _spelt(item.uri),
        None if item.row is None else spelt(_ENCODER.encode(dict(item.row))),
        spelt(_ENCODER.encode(dict(item.metadata))) if item.metadata else None,
        _spelt(item.text),
    )


def to_item(row: RowMapping) -> ItemRow:
    """An item from a row of the table."""
    cells, metadata = row["cells"], row["metadata"]
    return ItemRow(
        number=row["number"],
        id=row["id"],
        state=row["state"],
        role=row["role"],
        uri=row["uri"],
        text=row["text"],
        row=None if cells is None else json.loads(cells),
        cost=row["cost"],
        metadata={} if metadata is None else json.loads(metadata),
        digest=row["digest"],
        label=to_value(row["label"]),
        reason=row["reason"],
    )


def _spelt(text: str | None) -> str | None:
    return None if text is None else spelt(text)
