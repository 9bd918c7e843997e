"""Two rounds over shards, for pools whose features do not fit in one place.

The source is cut into shards. Each goes through the line by itself, the strategy picks some candidates of it,
and only these stay; then the strategy chooses from all candidates.

A shard gives at least ``budget`` candidates, or all it has. So the candidates are at least
``min(budget, usable)`` different items: a shard of that many gives as many, and if there is none, every item
of every shard is a candidate. For the same reason a strategy that ranks items by a score of their own chooses
what it would have chosen in one place, but for ties. A strategy that looks at items together chooses from the
candidates as if they were the pool.
"""

from __future__ import annotations

import math
from array import array

import numpy as np
from blake3 import blake3

from alaas.features.pool import Pool, PoolWriter
from alaas.seeding import generator
from alaas.selecting._query import Query
from alaas.types import FailedItem, Features, Floats, Indices

_MANY = 1024
"""Candidates that are copied at a time."""


class Candidates:
    """What stays of each shard.

    Args:
        query: the strategy, the budget and the seed.
        writer: takes the candidates; drops those that another shard has too.

    ``usable`` counts the shards' usable items, and ``failed`` lists the others.
    """

    def __init__(self, query: Query, writer: PoolWriter) -> None:
        self._query, self._writer = query, writer
        self._most = math.ceil(query.budget * query.config.pipeline.shard_oversample)
        self._positions = array("q")
        self._fingerprint = blake3()
        self.usable = self.shards = 0
        self.failed: list[FailedItem] = []

    def add(self, pool: Pool) -> None:
        """Pick from the next shard, with a generator of its own."""
        self.shards += 1
        self.failed += pool.failed
        self._fingerprint.update(bytes.fromhex(pool.fingerprint))
        if len(pool):
            picks = self._picks(pool)
            for start in range(0, len(picks), _MANY):
                self._copy(pool, picks[start : start + _MANY])
            self._positions.extend((picks + self.usable).tolist())
        self.usable += len(pool)

    def finish(self) -> Pool:
        """The candidates as a pool; ``failed`` holds what failed in any shard, or was in two."""
        pool = self._writer.finish()
        self.failed += pool.failed
        return pool

    def positions(self, pool: Pool, chosen: Indices) -> Indices:
        """Where in the source chosen candidates stand, counting its usable items shard by shard."""
        return np.frombuffer(self._positions, dtype=np.int64)[pool.rows[chosen]]

    @property
    def fingerprint(self) -> str:
        """Of all shards' pools."""
        return self._fingerprint.hexdigest()

    def _picks(self, pool: Pool) -> Indices:
        if len(pool) <= self._most:
            return np.arange(len(pool))
        rng = generator(self._query.seed, round_number=self.shards, purpose="shard")
        return np.sort(self._query.strategy.select(pool.signals, self._most, rng).indices)

    def _copy(self, pool: Pool, picks: Indices) -> None:
        signals = pool.signals.take(picks)
        entries = []
        for place, index in enumerate(picks):
            row = self._writer.admit(pool.item(int(index)))
            digest = pool.digests[index].tobytes() if pool.digests.size else None
            features = Features(embeddings=_row(signals.embeddings, place), probs=_row(signals.probs, place))
            entries.append((row, digest, features))
        self._writer.keep(entries)


def _row(array: Floats | None, place: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    return None if array is None else np.asarray(array[place], dtype=np.float32)
