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

    directory = settings.directory.expanduser()
    front = DiskCache(directory=directory, max_bytes=int(settings.max_size))
    if settings.url is None:
        return front
    from alaas.features.bucket import BucketCache
    from alaas.fetching import Bucket

    return BucketCache(
        bucket=Bucket(settings.url),
        front=front,
        directory=directory,
        max_bytes=None if settings.url_max_size is None else int(settings.url_max_size),
    )


def open_digests(settings: CacheSettings) -> DigestIndex:
    """The digest index that lies beside the cache; one that remembers nothing if the cache is off."""
    if not settings.enabled:
        from alaas.features.null import NoDigests

        return NoDigests()
    from alaas.features.digests import DiskDigests

    return DiskDigests(directory=settings.directory.expanduser())
