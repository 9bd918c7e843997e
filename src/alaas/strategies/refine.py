"""REFINE: several strategies narrow the pool together, and the batch covers what they leave."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alaas.errors import ConfigError
from alaas.strategies._base import Strategy
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies.badge import Badge
from alaas.strategies.k_means import KMeans
from alaas.strategies.margin import Margin
from alaas.types import Indices, Selection, SignalName, Signals

_SHARD = 2048
"""Most items that a strategy sees at a time: a batch from each of many parts costs less than a large one."""


@dataclass(frozen=True, kw_only=True)
class Refine(Strategy):
    """Pick from what several strategies leave of the pool, round by round, so that the batch covers it.

    Needs embeddings, shape (n, D), besides what the strategies need. In each round the pool is divided at
    random into parts of at most 2,048 items; every strategy picks its share of each part, and what none of
    them picks is dropped. Rounds shrink the pool by equal factors, to about ``keep``·B items: fewer where
    strategies agree, but never below B. From what is left k_means picks the batch; scores are its own, the
    sizes of the clusters. So no strategy has to be chosen beforehand, and what each one values is there in
    the end. A pool of at most ``keep``·B items is not narrowed.

    The paper's nine strategies pick 100 batches of B items in each of 5 rounds, each from a random subset of
    5,000 items and later 40 % of the pool, and the batch is left to a coverage weighted by uncertainty. Here
    the subsets are disjoint, their batches shrink with the pool, and the coverage is k_means, unweighted.

    Args:
        strategies: the ensemble.
        rounds: how many times the pool is narrowed.
        keep: how many items for each pick are left at the end, at least 1.

    Cost: each strategy's on parts of 2,048 items, at most once a round, and k_means on keep·B items.
    When: you do not know which strategy fits your data.

    Reference: Huseljic, Herde, Rauch, Hahn & Sick, 2025, https://arxiv.org/abs/2511.22344
    """

    family = "combination"

    strategies: tuple[Strategy, ...] = (Margin(), Badge(), KMeans())
    rounds: int = 5
    keep: float = 10.0

    def __post_init__(self) -> None:
        """Refuse an empty ensemble, and parameters that leave too few."""
        if not self.strategies:
            raise ConfigError("refine needs at least one strategy, got none")
        check_count("rounds", self.rounds)
        check_number("keep", self.keep, least=1.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What any of them needs, and embeddings."""
        return KMeans.needs.union(*(part.needs for part in self.strategies))

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What any of them uses."""
        return frozenset().union(*(part.accepts for part in self.strategies)) - self.needs

    @property
    def exhaustive(self) -> bool:
        """If one of them is."""
        return any(part.exhaustive for part in self.strategies)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Narrow the pool, then cover it."""
        left = np.arange(len(signals))
        most = max(budget, math.floor(self.keep * budget))
        for rounds in range(self.rounds, 0, -1):
            if len(left) <= most:
                break
            share = (most / len(left)) ** (1.0 / rounds) / len(self.strategies)
            left = self._narrow(signals, left, max(share, budget / len(left)), rng)
        found = KMeans().choose(signals.take(left), min(budget, len(left)), rng)
        return Selection(indices=left[found.indices], scores=found.scores)

    def _narrow(self, signals: Signals, left: Indices, share: float, rng: np.random.Generator) -> Indices:
        """What any strategy picks when each takes this share of every part."""
        kept = np.zeros(len(signals), dtype=bool)
        for part in np.array_split(rng.permutation(left), math.ceil(len(left) / _SHARD)):
            items = np.sort(part)
            signals_there = signals.take(items)
            for strategy in self.strategies:
                wanted = min(len(items), math.ceil(share * len(items)))
                kept[items[strategy.choose(signals_there, wanted, rng).indices]] = True
        return np.flatnonzero(kept)
