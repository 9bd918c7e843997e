"""Stratified random choice: a baseline in which every part of the pool has its share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._lloyd import cluster
from alaas.strategies._parameters import check_choice, check_count
from alaas.strategies._ranking import top_set
from alaas.strategies._scores import predicted
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Indices, Selection, SignalName, Signals

_CHOICES = ("auto", "class", "cluster", "order")
_SIGNALS: dict[str, frozenset[SignalName]] = {
    "class": frozenset({"probs"}),
    "cluster": frozenset({"embeddings"}),
}
_ITERATIONS, _SAMPLE = 10, 256
"""Of k-means, and its items per cluster."""


@dataclass(frozen=True, kw_only=True)
class StratifiedRandom(Strategy):
    """Pick uniformly from each part of the pool, in proportion to its size.

    The parts (strata) are the predicted classes, which need probs, shape (n, C), or clusters found by
    k-means, which need embeddings, shape (n, D), or equal consecutive parts of the pool's order, which need
    nothing and spread the picks over a pool sorted by time or source. A part with s of the n items gives
    B·s/n picks, rounded down; what is then missing goes to the largest remainders, ties at random. Up to this
    rounding every item has the same chance to be picked, so that the picks measure what random ones do, with
    less variance; but a part worth less than one pick may get none, whatever the seed. Picks come in random
    order, without scores.

    Args:
        by: class, cluster, order, or auto: by class if there are probs, else by cluster if there are
            embeddings, else by order. A selection from a source computes neither for auto.
        strata: how many clusters or consecutive parts.

    Cost: O(n·C) time by class, O(n·strata·D) by cluster, O(n) by order; O(n) memory, by cluster O(n·D).
    When: a baseline, or a sample to measure accuracy on, that mirrors the pool.

    Reference: Neyman, 1934, https://doi.org/10.2307/2342192
    """

    family = "baseline"

    by: Literal["auto", "class", "cluster", "order"] = "auto"
    strata: int = 20

    def __post_init__(self) -> None:
        """Refuse strata that are none."""
        check_choice("by", self.by, _CHOICES)
        check_count("strata", self.strata)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the strata are made from."""
        return _SIGNALS.get(self.by, frozenset())

    @property
    def accepts(self) -> frozenset[SignalName]:
        """With auto, whatever strata can be made from."""
        return frozenset().union(*_SIGNALS.values()) if self.by == "auto" else frozenset()

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Divide the budget, then draw within each stratum."""
        n = len(signals)
        strata = self._strata(signals, rng)
        sizes = np.bincount(strata)
        quotas = _quotas(sizes, budget, rng)
        # A shuffled pool, sorted stably, has the items of each stratum together and in random order.
        order = rng.permutation(n)
        order = order[np.argsort(strata[order], kind="stable")]
        ranks = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        chosen = order[ranks < np.repeat(quotas, sizes)]
        return Selection(indices=rng.permutation(chosen), scores=np.full(budget, np.nan))

    def _strata(self, signals: Signals, rng: np.random.Generator) -> NDArray[np.intp]:
        """Each item's stratum, shape (n,)."""
        probs, embeddings, n = signals.probs, signals.embeddings, len(signals)
        parts = min(self.strata, n)
        if self.by == "class" or (self.by == "auto" and probs is not None):
            return predicted(given(probs))
        if self.by == "cluster" or (self.by == "auto" and embeddings is not None):
            embeddings = given(embeddings)
            points = Vectors(embeddings, frame_around(embeddings))
            return cluster(points, parts, _ITERATIONS, parts * _SAMPLE, rng).labels
        return np.arange(n) * parts // n


def _quotas(sizes: NDArray[np.intp], budget: int, rng: np.random.Generator) -> Indices:
    """Divide ``budget`` in proportion to the sizes by largest remainders; ties break at random."""
    quotas, remainders = np.divmod(budget * sizes, sizes.sum())
    missing = budget - int(quotas.sum())
    if missing:
        quotas[top_set(remainders.astype(np.float64), missing, rng)] += 1
    return quotas
