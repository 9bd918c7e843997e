"""The content-addressed feature cache and the arrays that a run writes its signals to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alaas.features._base import CacheInfo, FeatureCache, Key
from alaas.features._digests import DigestIndex
from alaas.features._key import content_digest, feature_key

if TYPE_CHECKING:
    from alaas.config import CacheSettings

__all__ = [
    "CacheInfo",
    "DigestIndex",
    "FeatureCache",
    "Key",
    "content_digest",
    "feature_key",
    "open_cache",
    "open_digests",
]


def open_cache(settings: CacheSettings) -> FeatureCache:
    """The feature cache that the settings ask for. Never fails: ``trouble`` says what is wrong."""
    if not settings.enabled:
        from alaas.features.null import NoCache

        return NoCache()
    from alaas.features.disk import DiskCache

    return DiskCache(directory=settings.directory.expanduser(), max_bytes=int(settings.max_size))


def open_digests(settings: CacheSettings) -> DigestIndex:
    """The digest index that lies beside the cache; one that remembers nothing if the cache is off."""
    if not settings.enabled:
        from alaas.features.null import NoDigests

        return NoDigests()
    from alaas.features.digests import DiskDigests

    return DiskDigests(directory=settings.directory.expanduser())
