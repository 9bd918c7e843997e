"""Cluster-Margin: small margins, taken in turns from the clusters of the pool."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._linkage import average_linkage
from alaas.strategies._lloyd import assign, cluster
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._ranking import top_set
from alaas.strategies._vectors import Vectors, frame_around
from alaas.strategies.margin import Margin
from alaas.types import Indices, Selection, Signals

_MOST_CLUSTERS = 1024
"""By default, so that average linkage always has something to join."""

_GROUPS, _SAMPLE, _ITERATIONS = 2048, 16, 3
"""Groups that are joined to clusters, pool items drawn for each group to find it, and Lloyd's iterations."""


@dataclass(frozen=True, kw_only=True)
class ClusterMargin(Strategy):
    """Pick from the items with the smallest margins, one from each cluster of the pool in turn.

    Needs probs, shape (n, C), and embeddings, shape (n, D). The pool is clustered by average linkage of
    squared Euclidean distances. The ``factor``·B items with the smallest margins are the candidates; picking
    goes round the clusters that have any, from the one with the fewest candidates to the one with the most,
    takes one at random from each, and leaves out clusters that are used up. So rare kinds of items come
    first, and a crowded one fills the batch only when the others are exhausted. The score is that of margin,
    1 - (p1 - p2). The paper stops joining clusters at a distance; here their number is given.

    Average linkage takes the square of the items in memory. Pools of up to 2,048 items, or ``clusters`` if
    that is more, are joined item by item. For larger ones k-means first finds this many groups on a sample of
    16 items for each, and average linkage joins these by the mean distance between their items; a candidate
    belongs to the group with the nearest centre.

    Args:
        clusters: how many; as many as picks, but at most 1,024, if left out.
        factor: how many candidates for each pick, at least 1; the paper uses 1.25 and 10.

    Cost: O(n·C + (G² + f·B·G)·D) time for G = 2,048 and f = factor, O((G + f·B)·D + G²) memory.
    When: very large batches and pools: the embeddings of a sample and of the candidates are all it reads.

    Reference: Citovsky, DeSalvo, Gentile, Karydas, Rajagopalan, Rostamizadeh & Kumar, 2021,
    https://arxiv.org/abs/2107.14263
    """

    family = "hybrid"
    needs = frozenset({"probs", "embeddings"})

    clusters: int | None = None
    factor: float = 10.0

    def __post_init__(self) -> None:
        """Refuse no clusters, and a factor that leaves too few."""
        if self.clusters is not None:
            check_count("clusters", self.clusters)
        check_number("factor", self.factor, least=1.0)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Find the candidates and their clusters, and take turns."""
        scores = Margin().score(signals)
        kept = min(len(scores), math.ceil(self.factor * budget))
        few = np.sort(top_set(scores, kept, rng))
        count = min(budget, _MOST_CLUSTERS) if self.clusters is None else self.clusters
        indices = few[_in_turns(_clusters(given(signals.embeddings), few, count, rng), budget, rng)]
        return Selection(indices=indices, scores=scores[indices])


def _clusters(
    pool: NDArray[np.floating], items: Indices, count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The clusters of some items of the pool, when this is divided into ``count``."""
    groups = max(_GROUPS, count)
    drawn = np.sort(rng.choice(len(pool), min(len(pool), groups * _SAMPLE), replace=False))
    training, wanted = pool[drawn], pool[items]
    frame = frame_around(training, wanted)
    points = Vectors(training, frame)
    found = cluster(points, groups, _ITERATIONS, len(points), rng)
    centres, sizes, spreads = _moments(points, found.labels)
    joined = np.arange(len(sizes))
    if len(sizes) > count:
        # The mean squared distance between the items of two groups, exactly.
        inner = centres @ centres.T
        norms = inner.diagonal() + spreads
        between = norms[:, np.newaxis] + norms - 2.0 * inner
        joined = average_linkage(between, sizes, count)
    nearest = assign(Vectors(wanted, frame), centres.astype(np.float32)).labels
    return joined[nearest]


def _moments(
    points: Vectors, labels: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Each group's mean, its size, and the mean squared distance of its points to the mean."""
    _, numbers, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.argsort(numbers, kind="stable")
    starts = np.cumsum(sizes) - sizes
    means = np.add.reduceat(points.rows(order).astype(np.float64), starts, axis=0) / sizes[:, np.newaxis]
    squares = np.add.reduceat(points.norms[order].astype(np.float64), starts) / sizes
    return means, sizes, np.maximum(squares - np.square(means).sum(axis=1), 0.0)


def _in_turns(clusters: NDArray[np.int64], count: int, rng: np.random.Generator) -> Indices:
    """Places of ``count`` items: one of each cluster at a time, the smallest cluster first."""
    shuffled = rng.permutation(len(clusters))
    numbers = np.unique(clusters[shuffled], return_inverse=True)[1]
    sizes = np.bincount(numbers)
    order = rng.permutation(len(sizes))
    place = np.empty(len(sizes), dtype=np.int64)
    place[order[np.argsort(sizes[order], kind="stable")]] = np.arange(len(sizes))
    turn = np.empty(len(clusters), dtype=np.int64)
    turn[np.argsort(numbers, kind="stable")] = np.arange(len(clusters)) - np.repeat(
        np.cumsum(sizes) - sizes, sizes
    )
    return shuffled[np.lexsort((place[numbers], turn))[:count]]
