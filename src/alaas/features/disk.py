"""The feature cache on disk: append-only shards of raw records, and a SQLite index of where they stand."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from alaas.features import _eviction, _index
from alaas.features._base import CacheInfo, FeatureCache, Key
from alaas.features._database import FORMAT, Database
from alaas.features._record import decode, encode
from alaas.features._shards import ShardReader, shard_files
from alaas.features._sqlite import DamagedRowsError, DatabaseUnavailableError, reason
from alaas.features._writer import Writer
from alaas.types import Features

READ_BYTES = 1_000_000
"""Neighbouring records are read together up to this size, which is also what a kept array keeps alive."""

GAP_BYTES = 32_768
"""Records closer than this count as neighbours: skipping costs more than reading on."""

TOUCH_SECONDS = 60.0
"""How often at most a read is noted in the index: eviction needs no finer order."""

RETRY_SECONDS = 30.0
"""How long nothing is stored after a failure, so that a full disk does not slow down every batch."""

_FAILURES = (OSError, sqlite3.Error, DatabaseUnavailableError)
_Place = tuple[int, int, int, Key]


class DiskCache(FeatureCache):
    """Features in files below ``directory``, at most ``max_bytes`` of them.

    Any number of threads and processes may use one directory at once.
    """

    def __init__(self, *, directory: Path, max_bytes: int) -> None:
        self.directory = directory
        self.max_bytes = max_bytes
        self._home = directory / FORMAT
        self._shards = self._home / "shards"
        self._database = Database(self._home, "index", _index.SCHEMA)
        self._start()
        _instances.add(self)
        try:
            self._database.current()
        except _FAILURES as error:
            self._give_up(error)

    def _start(self) -> None:
        """Begin with no file open and no lock held, as after a fork."""
        self._reader = ShardReader(self._shards)
        self._writer = Writer(self._database, self._shards, self.max_bytes)
        self._writing = threading.Lock()
        self._touched: dict[int, float] = {}
        self._retry_at = 0.0

    def get(self, keys: Sequence[Key]) -> list[Features | None]:
        """Look up many keys at once; the arrays are read-only views of what was read."""
        try:
            places = self._database.read(lambda connection: _index.locate(connection, keys))
        except _FAILURES as error:
            self._give_up(error)
            return [None] * len(keys)
        found: dict[Key, Features] = {}
        damaged: list[_Place] = []
        for run in _runs(places):
            buffer = self._read(run)
            start = run[0][1]
            for place in run:
                features = decode(buffer, place[1] - start, place[2], place[3])
                if features is None:
                    damaged.append(place)
                else:
                    found[place[3]] = features
        self._note({place[0] for place in places}, damaged)
        return [found.get(key) for key in keys]

    def put(self, entries: Sequence[tuple[Key, Features]]) -> None:
        """Store many at once.

        Raises:
            UsageError: an array is not float16, float32 or float64, or a key is not 32 bytes.
        """
        fresh: dict[Key, Features] = {}
        for key, features in entries:
            fresh.setdefault(key, features)
        if not fresh or time.monotonic() < self._retry_at:
            return
        try:
            there = self._database.read(lambda connection: _index.known(connection, list(fresh)))
            records = [(key, encode(key, features)) for key, features in fresh.items() if key not in there]
            fitting = [(key, data) for key, data in records if len(data) <= self.max_bytes]
            if fitting:
                with self._writing:
                    self._writer.write(fitting)
        except _FAILURES as error:
            self._give_up(error)
            return
        self.trouble = None
        if len(fitting) < len(records):
            largest = max(len(data) for _, data in records)
            self.trouble = (
                f"one item's features take {largest} bytes and the cache in {self.directory} may hold "
                f"{self.max_bytes}; raise cache.max_size"
            )

    def info(self) -> CacheInfo:
        """Count what is there: the index's entries, the shard files' bytes."""
        try:
            entries = self._database.read(_index.count)
        except _FAILURES as error:
            self._give_up(error)
            entries = 0
        return CacheInfo(
            location=str(self.directory),
            entries=entries,
            bytes=sum(_sizes(self._shards).values()),
            max_bytes=self.max_bytes,
        )

    def clear(self) -> int:
        """Forget everything; what others are writing at this moment goes too."""
        freed = 0
        try:
            try:
                freed = self._clear_index()
            except _FAILURES:
                # Even forgetting takes some room: on a full disk the features themselves make it.
                freed = self._delete(shard_files(self._shards).values())
                freed += self._clear_index()
            self._database.tidy()
        except _FAILURES as error:
            self._give_up(error)
        self._reader.prune()
        return freed

    def _clear_index(self) -> int:
        with self._writing:
            self._writer.close()
            freed = self._database.write(lambda connection: _eviction.sweep(connection, self._shards))
            paths = self._database.write(lambda connection: _eviction.clear(connection, self._shards))
        return freed + self._delete(paths)

    def _delete(self, paths: Iterable[Path]) -> int:
        sizes = _sizes(self._shards)
        freed = 0
        for path in paths:
            path.unlink(missing_ok=True)
            freed += sizes.get(path, 0)
        return freed

    def close(self) -> None:
        """Let go of the shard and of all open files."""
        with self._writing:
            self._writer.close()
        self._reader.close()
        self._database.close()

    def _read(self, run: Sequence[_Place]) -> bytes:
        shard, start = run[0][:2]
        try:
            return self._reader.read(shard, start, run[-1][1] + run[-1][2] - start)
        except OSError:
            return b""  # evicted or cleared since, or unreadable: a miss in each case

    def _note(self, shards: set[int], damaged: Sequence[_Place]) -> None:
        """Write down what a read has shown: which shards are in use and which records are broken."""
        now = time.monotonic()
        stale = [shard for shard in shards if now - self._touched.get(shard, -TOUCH_SECONDS) >= TOUCH_SECONDS]
        if not stale and not damaged:
            return
        self._touched.update(dict.fromkeys(stale, now))
        self._reader.prune()

        def note(connection: sqlite3.Connection) -> None:
            _index.touch(connection, stale, time.time())
            _index.forget(connection, damaged)
            if damaged and not set(damaged).isdisjoint(
                _index.locate(connection, [place[3] for place in damaged])
            ):
                raise DamagedRowsError("the index does not forget")

        try:
            self._database.write(note, patient=False)
        except _FAILURES:
            return  # read-only, or busy: the next read comes to the same end

    def _give_up(self, error: Exception) -> None:
        self.trouble = (
            f"the feature cache in {self.directory} stores nothing: {reason(error)}; "
            "mend that, or set cache.directory to another place"
        )
        self._retry_at = time.monotonic() + RETRY_SECONDS


def _runs(places: Sequence[_Place]) -> Iterator[Sequence[_Place]]:
    """Cut places, which are in the order of reading, into runs that one read serves."""
    first = 0
    for position in range(1, len(places) + 1):
        if position < len(places):
            begin, last, place = places[first], places[position - 1], places[position]
            near = place[1] - last[1] - last[2] <= GAP_BYTES and place[1] + place[2] - begin[1] <= READ_BYTES
            if place[0] == last[0] and near:
                continue
        yield places[first:position]
        first = position


def _sizes(directory: Path) -> dict[Path, int]:
    sizes = {}
    for path in shard_files(directory).values():
        try:
            sizes[path] = path.stat().st_size
        except FileNotFoundError:
            continue  # evicted since it was listed
    return sizes


_instances: weakref.WeakSet[DiskCache] = weakref.WeakSet()


def _start_anew() -> None:
    for cache in list(_instances):
        cache._writer.abandon()
        cache._start()


os.register_at_fork(after_in_child=_start_anew)
