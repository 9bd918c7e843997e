"""The feature cache in an object store: immutable segments that any number of machines write and read.

Nobody coordinates: each writer makes segments of its own, and each reader keeps the segments' key lists in a
local index that it refreshes by listing the bucket. In front lies a cache on this machine's disk.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from blake3 import blake3

from alaas.errors import AlaasError, FetchError, MissingExtraError
from alaas.features import _placing, _segments
from alaas.features._base import CacheInfo, FeatureCache, Key
from alaas.features._database import FORMAT, Database
from alaas.features._outbox import Outbox
from alaas.features._placing import Place
from alaas.features._record import decode, encode
from alaas.features._sqlite import DatabaseUnavailableError, reason
from alaas.features.disk import DiskCache
from alaas.fetching import Bucket, ByteRange
from alaas.types import Features

SEGMENT_BYTES = 8_000_000
"""Records are uploaded when so many bytes wait …"""

SEGMENT_SECONDS = 30.0
"""… or when the oldest has waited so long."""

LIST_SECONDS = 30.0
"""How often at most a miss makes the cache look for other writers' segments."""

RETRY_SECONDS = 30.0
"""How long the bucket is left alone after a failure, so that it does not slow down every batch."""

READ_BYTES = 4_000_000
GAP_BYTES = 64_000
"""Records closer than this are read together, up to ``READ_BYTES``: a request costs more than reading on."""

_HEAD_GUESS = 65_536
_HEADS_AT_ONCE = 256
_SEGMENTS_WAITING = 4
_WAITS = (0.1, 0.4)
_INDEX_FAILURES = (OSError, sqlite3.Error, DatabaseUnavailableError)
T = TypeVar("T")
_FAILURES = (*_INDEX_FAILURES, FetchError, MissingExtraError)


class BucketCache(FeatureCache):
    """Features below ``bucket``, at most ``max_bytes`` of them, with ``front`` before it.

    Args:
        bucket: where the segments are.
        front: what is asked first, and given all that the bucket answers; closed with this.
        directory: where the index is kept, on a disk of this machine.
        max_bytes: the bucket's cap; beyond it the oldest segments are deleted by whoever writes. None: no
        cap.
    """

    def __init__(
        self, *, bucket: Bucket, front: DiskCache, directory: Path, max_bytes: int | None = None
    ) -> None:
        self._bucket, self._front = bucket, front
        self.max_bytes = max_bytes
        # Small caps take small segments, for a segment goes as a whole.
        self._segment = min(SEGMENT_BYTES, SEGMENT_BYTES if max_bytes is None else max(1, max_bytes // 8))
        name = blake3(bucket.url.encode()).hexdigest()[:16]
        self._index = Database(directory / FORMAT, f"bucket-{name}", _placing.SCHEMA)
        self._start()
        _instances.add(self)

    def _start(self) -> None:
        """Begin with nothing waiting and no lock held, as after a fork: what waited is the parent's."""
        self._outbox = Outbox(SEGMENT_SECONDS, self.flush)
        self._sending, self._listing = threading.Lock(), threading.Lock()
        self._listed_at = -LIST_SECONDS
        self._retry_at = 0.0
        self._failed: str | None = None
        self._strange: str | None = None
        self._too_large: str | None = None

    def get(self, keys: Sequence[Key]) -> list[Features | None]:
        """Look up many keys at once: here, then in what waits, then in the bucket."""
        answers = self._front.get(keys)
        missing = {key for key, found in zip(keys, answers, strict=True) if found is None}
        if not missing:
            return answers
        found = {key: decode(data, 0, len(data), key) for key, data in self._outbox.get(missing).items()}
        found |= self._from_bucket([key for key in missing if key not in found])
        return [
            found.get(key) if answer is None else answer for key, answer in zip(keys, answers, strict=True)
        ]

    def put(self, entries: Sequence[tuple[Key, Features]]) -> None:
        """Store many at once, here and, soon, in the bucket.

        Raises:
            UsageError: an array is not float16, float32 or float64, or a key is not 32 bytes.
        """
        fresh: dict[Key, Features] = {}
        for key, features in entries:
            fresh.setdefault(key, features)
        known = {place.key for place in self._locate(list(fresh))} | self._outbox.get(fresh).keys()
        fresh = {key: features for key, features in fresh.items() if key not in known}
        records = [(key, encode(key, features)) for key, features in fresh.items()]
        fitting = [(key, data) for key, data in records if self._may_hold(len(data))]
        if len(fitting) < len(records):
            self._too_large = (
                f"one item's features take {max(len(data) for _, data in records)} bytes and "
                f"{self._bucket.url} may hold {self.max_bytes}; raise cache.url_max_size"
            )
        self._front.put([(key, fresh[key]) for key, _ in fitting])
        if fitting:
            self._outbox.add(fitting)
            if time.monotonic() >= self._retry_at:
                self._send(all_of_them=False)
        self._tell()

    def flush(self) -> None:
        """Upload all that waits."""
        self._send(all_of_them=True)

    def info(self) -> CacheInfo:
        """Count what is in the bucket by a listing of now, and what is on its way there."""
        self._refresh(now=True)
        waiting, waiting_bytes = self._outbox.standing()
        entries, size = 0, 0
        try:
            entries = self._index.read(_placing.count)
            size = sum(self._index.read(_placing.sizes).values())
        except _INDEX_FAILURES as error:
            self._give_up(error)
        return CacheInfo(
            location=f"{self._bucket.url} (here: {self._front.directory})",
            entries=entries + waiting,
            bytes=size + waiting_bytes,
            max_bytes=self.max_bytes,
        )

    def clear(self) -> int:
        """Delete every segment below the prefix, whoever wrote it, and forget what is here.

        Other machines' local copies stay until they clear theirs.
        """
        _, freed = self._outbox.standing()
        self._outbox.clear()
        self._front.clear()
        try:
            sizes = self._ours()
            self._bucket.delete(list(sizes))
            freed += sum(sizes.values())
            self._index.write(
                lambda connection: _placing.forget_segments(connection, _placing.sizes(connection))
            )
        except _FAILURES as error:
            self._give_up(error)
        return freed

    def close(self) -> None:
        """Upload what waits, even after a failure, and let go of all open files."""
        self.flush()
        self._outbox.clear()
        self._front.close()
        self._index.close()

    def _from_bucket(self, keys: Sequence[Key]) -> dict[Key, Features | None]:
        if not keys or time.monotonic() < self._retry_at:
            return {}
        places = self._locate(keys)
        if len(places) < len(keys) and self._refresh():
            places = self._locate(keys)
        runs = list(_runs(places))
        try:
            contents = _patiently(lambda: self._bucket.read([_range(run) for run in runs]))
        except _FAILURES as error:
            self._give_up(error)
            return {}
        found: dict[Key, Features | None] = {}
        broken: list[Place] = []
        for run, content in zip(runs, contents, strict=True):
            for place in run if content is not None else ():
                features = decode(content or b"", place.start - run[0].start, place.length, place.key)
                if features is None:
                    broken.append(place)
                else:
                    found[place.key] = features
        self._note(
            broken, {run[0].name for run, content in zip(runs, contents, strict=True) if content is None}
        )
        self._front.put([(key, features) for key, features in found.items() if features is not None])
        return found

    def _locate(self, keys: Sequence[Key]) -> list[Place]:
        try:
            return self._index.read(lambda connection: _placing.locate(connection, keys))
        except _INDEX_FAILURES as error:
            self._give_up(error)
            return []

    def _note(self, broken: Sequence[Place], gone: set[str]) -> None:
        """Forget what a read has shown to be damaged or deleted: it is computed again."""
        if not broken and not gone:
            return
        if broken:
            self._strange = (
                f"{self._bucket.url}/{broken[0].name} holds damaged records; they are computed again"
            )

        def note(connection: sqlite3.Connection) -> None:
            _placing.forget(connection, broken)
            _placing.forget_segments(connection, gone)

        try:
            self._index.write(note)
        except _INDEX_FAILURES as error:
            self._give_up(error)
        self._tell()

    def _send(self, *, all_of_them: bool) -> None:
        """Upload what makes whole segments, or all; one thread at a time."""
        with self._sending:
            sent = False
            while records := self._outbox.take(self._segment, all_of_them=all_of_them):
                try:
                    self._upload(_segments.build(records))
                except _FAILURES as error:
                    self._outbox.failed(records, _SEGMENTS_WAITING * self._segment)
                    self._give_up(error)
                    return
                self._outbox.sent(records)
                self._failed, sent = None, True
            if sent and self.max_bytes is not None:
                self._refresh()
                self._evict(self.max_bytes - self._segment)
        self._tell()

    def _upload(self, content: bytes) -> None:
        name, size = _segments.new_name(), len(content)
        _patiently(lambda: self._bucket.write(name, content))
        parts = _segments.parse(content, size) or []
        self._index.write(lambda connection: _placing.add(connection, name, size, parts))

    def _evict(self, most: int) -> None:
        """Delete the oldest segments beyond ``most`` bytes; the rest of the cap is for what waits."""
        try:
            sizes = self._index.read(_placing.sizes)
            total, victims = sum(sizes.values()), []
            for name, size in sizes.items():
                if total <= most:
                    break
                victims.append(name)
                total -= size
            if victims:
                self._bucket.delete(victims)
                self._index.write(lambda connection: _placing.forget_segments(connection, victims))
        except _FAILURES as error:
            self._give_up(error)

    def _refresh(self, *, now: bool = False) -> bool:
        """Bring the index in line with the bucket; returns whether that was due and went well."""
        with self._listing:
            if not now and time.monotonic() - self._listed_at < LIST_SECONDS:
                return False
            try:
                there, known = _patiently(self._ours), self._index.read(_placing.sizes)
                gone = known.keys() - there.keys()
                if gone:
                    self._index.write(lambda connection: _placing.forget_segments(connection, gone))
                new = [name for name in sorted(there) if name not in known]
                for first in range(0, len(new), _HEADS_AT_ONCE):
                    self._learn(new[first : first + _HEADS_AT_ONCE], there)
            except _FAILURES as error:
                self._give_up(error)
                return False
            self._listed_at, self._failed = time.monotonic(), None
        self._tell()
        return True

    def _learn(self, names: Sequence[str], sizes: dict[str, int]) -> None:
        """Read the key lists of segments; what is no segment, or damaged, is noted without any keys."""
        guesses = [ByteRange(name, 0, min(sizes[name], _HEAD_GUESS)) for name in names]
        for name, head in zip(names, _patiently(lambda: self._bucket.read(guesses)), strict=True):
            if head is not None:  # else deleted since it was listed
                self._learn_one(name, sizes[name], head)

    def _learn_one(self, name: str, size: int, head: bytes) -> None:
        length = _segments.head_length(head, size)
        if length is not None and length > len(head):
            (rest,) = _patiently(lambda: self._bucket.read([ByteRange(name, len(head), length)]))
            head += rest or b""
        parts = _segments.parse(head, size)
        if parts is None:
            self._strange = f"{self._bucket.url}/{name} is damaged or foreign and left out; delete it"
        self._index.write(lambda connection: _placing.add(connection, name, size, parts or ()))

    def _may_hold(self, length: int) -> bool:
        return self.max_bytes is None or _segments.segment_bytes(1, length) <= self.max_bytes

    def _ours(self) -> dict[str, int]:
        return {name: size for name, size in self._bucket.sizes().items() if _segments.is_name(name)}

    def _tell(self) -> None:
        self.trouble = self._failed or self._too_large or self._strange or self._front.trouble

    def _give_up(self, error: Exception) -> None:
        why = error.message if isinstance(error, AlaasError) else reason(error)
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._failed = (
            f"the feature cache in {self._bucket.url} is left alone for {RETRY_SECONDS:.0f} seconds: {why}"
        )
        self._tell()


def _patiently(call: Callable[[], T]) -> T:
    """Try again what failed for a passing reason: one hiccup is no reason to leave a bucket alone."""
    for wait in _WAITS:
        try:
            return call()
        except FetchError as error:
            if not error.transient:
                raise
        time.sleep(wait)
    return call()


def _runs(places: Sequence[Place]) -> Iterator[Sequence[Place]]:
    """Cut places, which are in the order of reading, into runs that one request serves."""
    first = 0
    for position in range(1, len(places) + 1):
        if position < len(places):
            begin, last, place = places[first], places[position - 1], places[position]
            near = place.start - last.start - last.length <= GAP_BYTES
            if place.name == last.name and near and place.start + place.length - begin.start <= READ_BYTES:
                continue
        yield places[first:position]
        first = position


def _range(run: Sequence[Place]) -> ByteRange:
    return ByteRange(run[0].name, run[0].start, run[-1].start + run[-1].length)


_instances: weakref.WeakSet[BucketCache] = weakref.WeakSet()


def _start_anew() -> None:
    for cache in list(_instances):
        cache._start()


os.register_at_fork(after_in_child=_start_anew)
