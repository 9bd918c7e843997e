"""Which segment of a bucket holds which record: a local copy of all key lists, which can be made again.

Each function runs inside one transaction. Segments have numbers here, for a name beside every key would be
most of the index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alaas.features._base import Key
from alaas.features._segments import Part
from alaas.features._sqlite import DamagedRowsError

SCHEMA = """
CREATE TABLE IF NOT EXISTS segments (
    segment INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE, bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS places (
    key BLOB PRIMARY KEY, segment INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS places_by_segment ON places (segment)
"""

_KEYS_A_QUERY = 512


class Place(NamedTuple):
    """Where a record stands; sorts in the order of reading."""

    name: str
    start: int
    length: int
    key: Key


def locate(connection: sqlite3.Connection, keys: Sequence[Key]) -> list[Place]:
    """The places of those keys that are known, in the order of reading.

    Raises:
        DamagedRowsError: what the index holds was never put there.
    """
    places: list[Place] = []
    for first in range(0, len(keys), _KEYS_A_QUERY):
        part = keys[first : first + _KEYS_A_QUERY]
        marks = ",".join("?" * len(part))
        rows = connection.execute(
            "SELECT name, start, length, key FROM places JOIN segments USING (segment) "
            f"WHERE key IN ({marks})",
            part,
        )
        places += [_place(*row) for row in rows]
    places.sort()
    return places


def add(connection: sqlite3.Connection, name: str, size: int, parts: Iterable[Part]) -> None:
    """Note a segment; of two that hold a key the newer counts, for it may mend a record of the older."""
    found = connection.execute(
        "INSERT INTO segments (name, bytes) VALUES (?, ?) ON CONFLICT (name) DO NOTHING RETURNING segment",
        (name.encode(), size),
    ).fetchone()
    if found is not None:
        connection.executemany(
            "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)",
            [(part.key, found[0], part.start, part.length) for part in parts],
        )


def forget(connection: sqlite3.Connection, places: Iterable[Place]) -> None:
    """Forget records that turned out damaged; their segment is not read for them again."""
    connection.executemany(
        "DELETE FROM places WHERE key = ? AND start = ? AND "
        "segment = (SELECT segment FROM segments WHERE name = ?)",
        [(place.key, place.start, place.name.encode()) for place in places],
    )


def forget_segments(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Forget segments that are gone from the bucket, and all that stood in them."""
    for name in names:
        connection.execute(
            "DELETE FROM places WHERE segment = (SELECT segment FROM segments WHERE name = ?)",
            (name.encode(),),
        )
        connection.execute("DELETE FROM segments WHERE name = ?", (name.encode(),))


def sizes(connection: sqlite3.Connection) -> Mapping[str, int]:
    """The bytes of every known segment, the oldest first.

    Raises:
        DamagedRowsError: what the index holds was never put there.
    """
    rows = connection.execute("SELECT name, bytes FROM segments ORDER BY name").fetchall()
    if any(type(name) is not bytes or type(size) is not int for name, size in rows):
        raise DamagedRowsError("the index holds segments that have no name or no size")
    return {name.decode("ascii", "replace"): size for name, size in rows}


def count(connection: sqlite3.Connection) -> int:
    """How many items are known."""
    return int(connection.execute("SELECT count(*) FROM places").fetchone()[0])


def _place(name: bytes, start: int, length: int, key: bytes) -> Place:
    if type(name) is not bytes or type(start) is not int or type(length) is not int:
        raise DamagedRowsError("the index holds places that are not numbers")
    return Place(name.decode("ascii", "replace"), start, length, key)
