"""The writing half of the feature cache: data first, index after."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from alaas.features import _eviction, _index
from alaas.features._base import Key
from alaas.features._database import Database
from alaas.features._files import DatabaseFile
from alaas.features._shards import HeldShard

SHARD_BYTES = 64_000_000
SHARDS_A_CAP = 8
"""A shard holds at most this part of the cap, so that evicting one leaves most of the cache."""

_TRIES = 3
_REUSE_CANDIDATES = 4


class ShardLostError(Exception):
    """The shard was cleared away by another process between writing and committing."""


class CapHeldError(Exception):
    """What other processes are writing to leaves no room under the cap."""


class Writer:
    """Appends to one shard at a time. Not for several threads at once."""

    def __init__(self, database: Database, directory: Path, max_bytes: int) -> None:
        self._database = database
        self._directory = directory
        self._max_bytes = max_bytes
        self._shard_bytes = max(1, min(SHARD_BYTES, max_bytes // SHARDS_A_CAP))
        self._held: HeldShard | None = None
        self._file: DatabaseFile | None = None
        self._committed = False

    def write(self, records: Sequence[tuple[Key, bytes]]) -> None:
        """Store records in chunks, each of which fits the rest of a shard.

        Raises:
            DatabaseUnavailableError, sqlite3.Error, OSError: it could not be stored, or only a part of it.
        """
        rest, losses = list(records), 0
        while rest and losses < _TRIES:
            shard = self._shard()
            taken = _fitting(rest, self._shard_bytes - shard.size)
            try:
                self._store(shard, rest[:taken])
            except CapHeldError:
                self.close()
                return
            except ShardLostError:
                self.close()
                losses += 1
                continue
            rest = rest[taken:]
            if shard.size >= self._shard_bytes:
                self.close()

    def close(self) -> None:
        """Let go of the shard; others may go on with it or evict it."""
        held, self._held = self._held, None
        if held is None:
            return
        if self._committed:
            held.close()
        else:
            held.delete()

    def abandon(self) -> None:
        """Leave the shard to the parent process, which still holds it after a fork."""
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def _store(self, shard: HeldShard, records: Sequence[tuple[Key, bytes]]) -> None:
        before = shard.size
        start = shard.append(b"".join(data for _, data in records))
        places = []
        for key, data in records:
            places.append(_index.Place(shard.shard, start, len(data), key))
            start += len(data)

        def commit(connection: sqlite3.Connection) -> list[HeldShard]:
            if self._committed and _index.shard_size(connection, shard.shard) is None:
                raise ShardLostError
            _index.record(connection, shard.shard, shard.size, places, time.time())
            victims = _eviction.evict(connection, self._directory, self._max_bytes)
            if _index.total_bytes(connection) > self._max_bytes:
                for victim in victims:
                    victim.close()
                raise CapHeldError
            return victims

        try:
            victims = self._database.write(commit)
        except BaseException:
            shard.truncate(before)
            raise
        self._committed = True
        for victim in victims:
            victim.delete()

    def _shard(self) -> HeldShard:
        """The shard to append to: the one that is open, one that has room, or a new one."""
        file = self._database.current()
        if self._held is not None and (file != self._file or not self._held.linked()):
            self.close()
        if self._file != file:
            self._database.write(lambda connection: _eviction.sweep(connection, self._directory))
            self._file = file
        if self._held is None:
            self._held = self._with_room()
            self._committed = self._held is not None
        if self._held is None:
            self._held = HeldShard.create(self._directory)
        return self._held

    def _with_room(self) -> HeldShard | None:
        """A shard less than half full that nobody writes to, held: else every run would leave its own."""
        sizes = self._database.read(_index.shard_sizes)
        roomy = [shard for shard, size in sizes.items() if 2 * size < self._shard_bytes]
        for shard in roomy[-_REUSE_CANDIDATES:]:
            held = HeldShard.hold(self._directory, shard)
            if held is None:
                continue
            # Only now that it is held does its size stand still.
            size = self._database.read(_index.shard_sizes).get(shard)
            if size is not None and size <= held.size:
                held.truncate(size)
                return held
            held.close()
        return None


def _fitting(records: Sequence[tuple[Key, bytes]], room: int) -> int:
    """How many of ``records`` go into ``room`` bytes, at least one."""
    taken = 0
    for _, data in records:
        room -= len(data)
        if room < 0 and taken:
            break
        taken += 1
    return taken
