"""The feature cache in memory: the twin of the one on disk, for tests and for servers without a disk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from alaas.features._base import CacheInfo, FeatureCache, Key
from alaas.features._record import checked
from alaas.types import Features


class MemoryCache(FeatureCache):
    """Features of this process, at most ``max_bytes`` of them; the least recently used go first."""

    def __init__(self, *, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[Key, Features] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, keys: Sequence[Key]) -> list[Features | None]:
        """Look up many keys at once; the arrays are read-only."""
        with self._lock:
            for key in keys:
                if key in self._entries:
                    self._entries.move_to_end(key)
            return [self._entries.get(key) for key in keys]

    def put(self, entries: Sequence[tuple[Key, Features]]) -> None:
        """Store copies of many at once.

        Raises:
            UsageError: an array is not float16, float32 or float64.
        """
        for key, features in entries:
            kept = Features(
                embeddings=_kept(features.embeddings, "embeddings"), probs=_kept(features.probs, "probs")
            )
            with self._lock:
                if key not in self._entries and _size(kept) <= self.max_bytes:
                    self._entries[key] = kept
                    self._bytes += _size(kept)
                while self._bytes > self.max_bytes:
                    _, evicted = self._entries.popitem(last=False)
                    self._bytes -= _size(evicted)

    def info(self) -> CacheInfo:
        """Count what is there: the arrays' bytes."""
        with self._lock:
            return CacheInfo(
                location="memory", entries=len(self._entries), bytes=self._bytes, max_bytes=self.max_bytes
            )

    def clear(self) -> int:
        """Forget everything."""
        with self._lock:
            freed, self._bytes = self._bytes, 0
            self._entries.clear()
        return freed

    def close(self) -> None:
        """Nothing to release; what was put stays as long as this object."""


def _kept(array: NDArray[Any] | None, name: str) -> NDArray[Any] | None:
    if checked(array, name) is None:
        return None
    kept = array.copy() if array is not None else None
    if kept is not None:
        kept.setflags(write=False)
    return kept


def _size(features: Features) -> int:
    return sum(part.nbytes for part in (features.embeddings, features.probs) if part is not None)
