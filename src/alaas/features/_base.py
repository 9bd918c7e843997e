"""The contract of the feature cache."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from alaas.reopening import Reopened
from alaas.types import Features

Key = bytes
"""32 bytes: blake3 over the encoder's fingerprint and the content's digest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheInfo:
    """What a cache holds: ``bytes`` of features against its cap ``max_bytes``, None for no cap."""

    location: str
    entries: int
    bytes: int
    max_bytes: int | None


class FeatureCache(Reopened, ABC):
    """Features by content. It may forget anything at any time, but never gives back something else.

    Safe for several threads and several processes at once, and after ``kill -9`` at any moment. A failure
    to write (disk full, read-only) is not the caller's problem: ``put`` then stores nothing, and
    ``trouble`` says why. Sent to another process it is opened anew, on the same features if they are kept
    where that process can reach them.
    """

    trouble: str | None = None
    """Why the cache no longer stores, in one sentence; None while all is well."""

    @abstractmethod
    def get(self, keys: Sequence[Key]) -> list[Features | None]:
        """Look up many keys at once; position i answers key i, None where it is unknown or damaged."""

    @abstractmethod
    def put(self, entries: Sequence[tuple[Key, Features]]) -> None:
        """Store many at once; a key that is there already is left as it is."""

    @abstractmethod
    def info(self) -> CacheInfo:
        """Count what is there."""

    @abstractmethod
    def clear(self) -> int:
        """Forget everything; returns the bytes freed."""

    @abstractmethod
    def close(self) -> None:
        """Release files; what was put stays."""
