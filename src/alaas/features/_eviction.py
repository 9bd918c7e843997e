"""Which shards go: those over the cap, the least recently used first, and those that nobody knows of.

Everything here runs inside a transaction that holds the index's write lock, so that two processes never
evict twice. A shard is deleted only after the commit: until then a crash must not leave places without bytes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alaas.features import _index
from alaas.features._shards import HeldShard, shard_files


def evict(connection: sqlite3.Connection, directory: Path, max_bytes: int) -> list[HeldShard]:
    """Forget the least recently used shards if there is more than ``max_bytes``; the caller deletes them.

    A shard that a writer holds stays, also the caller's own.
    """
    total = _index.total_bytes(connection)
    victims: list[HeldShard] = []
    if total <= max_bytes:
        return victims
    files = shard_files(directory)
    for shard, size in _index.shard_sizes(connection).items():
        if total <= max_bytes:
            break
        if shard in files:
            held = HeldShard.hold(directory, shard)
            if held is None:
                continue
            victims.append(held)
        _index.forget_shard(connection, shard)
        total -= size
    return victims


def clear(connection: sqlite3.Connection, directory: Path) -> list[Path]:
    """Forget everything; the caller deletes the files it gets.

    A shard that another process has begun and not committed stays: it is not in the index yet.
    """
    sizes = _index.shard_sizes(connection)
    _index.clear(connection)
    return [path for shard, path in shard_files(directory).items() if shard in sizes]


def sweep(connection: sqlite3.Connection, directory: Path) -> int:
    """Put files and index in line after a crash: remnants go, and so do entries whose shard is gone.

    Returns the bytes freed.
    """
    freed = 0
    sizes = _index.shard_sizes(connection)
    files = shard_files(directory)
    for shard, path in files.items():
        size = sizes.get(shard)
        if size is not None and _bytes(path) <= size:
            continue
        held = HeldShard.hold(directory, shard)
        if held is None:
            continue  # somebody is writing to it just now
        freed += held.size - (size or 0)
        if size is None:
            held.delete()
        else:
            held.truncate(size)
            held.close()
    for shard in sizes.keys() - files.keys():
        _index.forget_shard(connection, shard)
    return freed


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # deleted by another process since it was listed
