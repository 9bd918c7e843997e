"""The cache in memory: the contract, and that the least recently used goes first."""

from __future__ import annotations

from alaas.features import FeatureCache
from alaas.features.memory import MemoryCache
from alaas.testing.features import FeatureCacheSuite, entries, key_of


class TestMemoryCache(FeatureCacheSuite):
    def make(self, *, max_bytes: int) -> FeatureCache:
        return MemoryCache(max_bytes=max_bytes)


def test_what_was_read_outlives_what_was_not():
    cache = MemoryCache(max_bytes=10 * 232)
    cache.put(entries(range(10)))
    cache.get([key_of(0)])
    cache.put(entries([10]))
    assert cache.get([key_of(0)]) != [None]
    assert cache.get([key_of(1)]) == [None]
