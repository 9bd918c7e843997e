"""Where each item's record stands: the SQL of the feature cache, each function inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from alaas.features._base import Key
from alaas.features._sqlite import DamagedRowsError

SCHEMA = """
CREATE TABLE IF NOT EXISTS features (
    key BLOB PRIMARY KEY, shard INTEGER NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS features_by_shard ON features (shard);
CREATE TABLE IF NOT EXISTS shards (
    shard INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, used_at REAL NOT NULL
)
"""

_KEYS_A_QUERY = 512
_INTEGERS = {int}


class Place(NamedTuple):
    """Where one record stands; sorts in the order of reading."""

    shard: int
    start: int
    length: int
    key: Key


def locate(connection: sqlite3.Connection, keys: Sequence[Key]) -> list[tuple[int, int, int, Key]]:
    """The places of those keys that are known, as plain tuples in the order of reading.

    Raises:
        DamagedRowsError: what the index holds was never put there.
    """
    places: list[tuple[int, int, int, Key]] = []
    for first in range(0, len(keys), _KEYS_A_QUERY):
        part = keys[first : first + _KEYS_A_QUERY]
        marks = ",".join("?" * len(part))
        query = f"SELECT shard, start, length, key FROM features WHERE key IN ({marks})"
        places += connection.execute(query, part)
    if places and {type(value) for place in places for value in place[:3]} != _INTEGERS:
        raise DamagedRowsError("the index holds places that are not numbers")
    places.sort()
    return places


def known(connection: sqlite3.Connection, keys: Sequence[Key]) -> set[Key]:
    """Those of ``keys`` that are there."""
    return {place[3] for place in locate(connection, keys)}


def record(
    connection: sqlite3.Connection, shard: int, size: int, places: Iterable[Place], now: float
) -> None:
    """Say that ``shard`` has grown to ``size`` bytes and that these records stand in it."""
    connection.execute(
        "INSERT INTO shards VALUES (?, ?, ?) "
        "ON CONFLICT (shard) DO UPDATE SET bytes = excluded.bytes, used_at = excluded.used_at",
        (shard, size, now),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO features VALUES (?, ?, ?, ?)",
        [(place.key, place.shard, place.start, place.length) for place in places],
    )


def touch(connection: sqlite3.Connection, shards: Iterable[int], now: float) -> None:
    """Note that these shards were read."""
    connection.executemany(
        "UPDATE shards SET used_at = max(used_at, ?) WHERE shard = ?", [(now, shard) for shard in shards]
    )


def forget(connection: sqlite3.Connection, places: Iterable[tuple[int, int, int, Key]]) -> None:
    """Forget records that turned out damaged, unless they have been replaced in the meantime."""
    connection.executemany(
        "DELETE FROM features WHERE shard = ? AND start = ? AND length = ? AND key = ?", places
    )


def forget_shard(connection: sqlite3.Connection, shard: int) -> None:
    """Forget a shard and all that stood in it."""
    connection.execute("DELETE FROM features WHERE shard = ?", (shard,))
    connection.execute("DELETE FROM shards WHERE shard = ?", (shard,))


def shard_sizes(connection: sqlite3.Connection) -> dict[int, int]:
    """Bytes of every shard, the least recently used first.

    Raises:
        DamagedRowsError: as ``locate``.
    """
    sizes = connection.execute("SELECT shard, bytes FROM shards ORDER BY used_at, shard").fetchall()
    if sizes and {type(value) for row in sizes for value in row} != _INTEGERS:
        raise DamagedRowsError("the index holds sizes that are not numbers")
    return dict(sizes)


def shard_size(connection: sqlite3.Connection, shard: int) -> int | None:
    """Bytes of one shard; None if it is not known."""
    row = connection.execute("SELECT bytes FROM shards WHERE shard = ?", (shard,)).fetchone()
    return None if row is None else int(row[0])


def total_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of all shards."""
    return int(connection.execute("SELECT coalesce(sum(bytes), 0) FROM shards").fetchone()[0])


def count(connection: sqlite3.Connection) -> int:
    """How many items are there."""
    return int(connection.execute("SELECT count(*) FROM features").fetchone()[0])


def clear(connection: sqlite3.Connection) -> None:
    """Forget everything."""
    connection.execute("DELETE FROM features")
    connection.execute("DELETE FROM shards")
