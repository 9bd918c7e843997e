"""Last stage: remember what was computed."""

from __future__ import annotations

from dataclasses import dataclass

from alaas.features import FeatureCache
from alaas.pipeline._record import Record


@dataclass(frozen=True, kw_only=True)
class Store:
    """Puts fresh features into the cache; a cache that cannot store does not hold up the run."""

    cache: FeatureCache

    def __call__(self, records: list[Record]) -> None:
        """Store a few records at once."""
        self.cache.put([(r.key, r.features) for r in records if r.key is not None and r.features is not None])
        for record in records:
            record.finished = True
