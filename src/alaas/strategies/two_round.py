"""Two rounds: a strategy on parts of the pool, then on what it picked there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies.k_center import KCenter
from alaas.types import Selection, SignalName, Signals


@dataclass(frozen=True, kw_only=True)
class TwoRound(Strategy):
    """Let a strategy pick from each shard of the pool, and ``budget`` items of all these at the end.

    Written ``two_round(k_center, shards=16)``. Shards are consecutive parts of nearly equal size. No more
    than one shard is worked on at a time, so memory is the inner strategy's for n / shards or
    shards·oversample·B items; shards may be worked on by different machines. What is labelled counts in both
    rounds. Strategies that score items one by one give exactly their answer on the whole pool. ``k_center``:
    no item is farther from a pick than 4 times the best possible (2 times for the plain strategy); with the
    default oversampling its radius stayed within 5 % of the plain one's on clustered data. For others there
    is no bound.

    Args:
        strategy: chooses in both rounds.
        shards: how many parts.
        oversample: items that each shard puts forward for each pick, at least 1.

    Cost: the inner strategy's for oversample·B picks on each shard, and for B on shards·oversample·B items.
    When: a strategy needs more memory than there is.

    Reference: Malkomes, Kusner, Chen, Weinberger & Moseley, 2015,
    https://papers.nips.cc/paper/2015/hash/8fecb20817b3847419bb3de39a609afe-Abstract.html
    """

    family = "combination"

    strategy: Strategy = KCenter()
    shards: int = 8
    oversample: float = 3.0

    def __post_init__(self) -> None:
        """Refuse a number of shards that is none."""
        check_count("shards", self.shards)
        check_number("oversample", self.oversample, least=1.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the inner strategy needs."""
        return self.strategy.needs

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses."""
        return self.strategy.accepts

    @property
    def exhaustive(self) -> bool:
        """If the inner strategy is."""
        return self.strategy.exhaustive

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Shard by shard, then among the picks."""
        n = len(signals)
        edges = np.linspace(0, n, min(self.shards, n) + 1).astype(np.int64)
        kept = []
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            shard = signals.take(slice(start, stop))
            wanted = min(math.ceil(self.oversample * budget), stop - start)
            kept.append(start + self.strategy.choose(shard, wanted, rng).indices)
        finalists = np.sort(np.concatenate(kept))
        found = self.strategy.choose(signals.take(finalists), min(budget, len(finalists)), rng)
        return Selection(indices=finalists[found.indices], scores=found.scores)
