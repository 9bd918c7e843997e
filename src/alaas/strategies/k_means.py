"""k-means: one typical item from each part of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._lloyd import cluster, representatives
from alaas.strategies._parameters import check_count
from alaas.strategies._ranking import the_rest, top
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Selection, Signals


@dataclass(frozen=True, kw_only=True)
class KMeans(Strategy):
    """Cluster the pool into ``budget`` clusters and pick the item nearest to each centre.

    Needs embeddings, shape (n, D), and no label, so it can make the first batch. The score is the size of the
    item's cluster; larger clusters come first. Where the pool has fewer distinct items than the budget asks
    for, the rest is drawn at random with score 0. What is labelled already is not looked at: for that use
    k_center.

    Args:
        iterations: most iterations of Lloyd's algorithm; it stops earlier when little improves.
        sample: items per cluster that the centres are fitted on; all items are then assigned to them.

    Cost: O((n + s·i)·B·D) time for s = B·sample items and i iterations, O(n·D) memory.
    When: the very first batch: no label and no trained model yet.

    Reference: Nguyen & Smeulders, 2004, https://doi.org/10.1145/1015330.1015349
    """

    family = "density"
    needs = frozenset({"embeddings"})

    iterations: int = 10
    sample: int = 64

    def __post_init__(self) -> None:
        """Refuse parameters that leave nothing to cluster."""
        check_count("iterations", self.iterations, least=0)
        check_count("sample", self.sample)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Cluster, then take each cluster's representative."""
        embeddings = given(signals.embeddings)
        n = len(embeddings)
        if budget == n:  # every item is a cluster of its own
            return Selection(indices=rng.permutation(n), scores=np.ones(n))
        points = Vectors(embeddings, frame_around(embeddings))
        found = cluster(points, budget, self.iterations, budget * self.sample, rng)
        indices, sizes = representatives(found, rng)
        order = top(sizes, len(sizes), rng)
        rest = the_rest(indices, n, budget - len(indices), rng)
        return Selection(
            indices=np.concatenate([indices[order], rest]),
            scores=np.concatenate([sizes[order], np.zeros(len(rest))]),
        )
