"""No cache at all: what ``cache.enabled: false`` and ``--no-cache`` give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alaas.features._base import CacheInfo, FeatureCache, Key
from alaas.features._digests import DigestIndex
from alaas.types import Features

if TYPE_CHECKING:
    from alaas.fetching import FileStamp


class NoCache(FeatureCache):
    """Remembers nothing."""

    def get(self, keys: Sequence[Key]) -> list[Features | None]:
        """None for every key."""
        return [None] * len(keys)

    def put(self, entries: Sequence[tuple[Key, Features]]) -> None:
        """Store nothing."""

    def info(self) -> CacheInfo:
        """Nothing, nowhere."""
        return CacheInfo(location="none", entries=0, bytes=0, max_bytes=0)

    def clear(self) -> int:
        """Nothing to free."""
        return 0

    def close(self) -> None:
        """Nothing to release."""


class NoDigests(DigestIndex):
    """Remembers nothing, so every file is read."""

    def lookup(self, stamps: Sequence[FileStamp]) -> list[bytes | None]:
        """None for every file."""
        return [None] * len(stamps)

    def remember(self, entries: Sequence[tuple[FileStamp, bytes]]) -> None:
        """Store nothing."""

    def clear(self) -> None:
        """Nothing to forget."""

    def close(self) -> None:
        """Nothing to release."""
