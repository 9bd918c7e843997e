"""TypiClust: the most typical item of each region without labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._joined import Joined
from alaas.strategies._lloyd import cluster
from alaas.strategies._nearest import nearest
from alaas.strategies._parameters import check_count
from alaas.strategies._ranking import top
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Indices, Selection, Signals

_ITERATIONS, _TRAINING = 10, 64
"""Lloyd's iterations, and items for each cluster that the centres are fitted on."""

_LEAST_DISTANCE = 1e-6
"""The smallest mean distance, in the frame of the embeddings: what is below is rounding."""


@dataclass(frozen=True, kw_only=True)
class Typiclust(Strategy):
    """Pick the most typical item of each cluster, from clusters with the fewest labels on.

    Needs embeddings, shape (n, D). The pool and what is labelled already (labelled_embeddings, shape (m, D))
    are clustered together by k-means, into m + B clusters, but no more than ``clusters``. Each pick comes
    from the cluster with the fewest labelled or picked items, of several the largest; clusters of fewer than
    ``smallest`` items have to wait until the others are used up. There it is the item with the highest
    typicality, which is also the score: 1 / the mean Euclidean distance to its nearest neighbours in the
    cluster, labelled ones included. An item alone in its cluster has typicality 0, and a distance below a
    millionth of the pool's extent counts as that. In clusters above ``sample`` items, neighbours are sought
    among that many, drawn at random.

    Args:
        neighbours: how many neighbours count, or all others in a smaller cluster.
        clusters: the most clusters.
        smallest: items from which on a cluster is taken for a group.
        sample: the most items of a cluster among which neighbours are sought.

    Cost: O((n + s·i)·min(m + B, clusters)·D) for i iterations on s items, O(n·D·cluster size) for neighbours.
    When: the first labels, when there are a few for each class or none at all.

    Reference: Hacohen, Dekel & Weinshall, 2022, https://arxiv.org/abs/2202.02794
    """

    family = "density"
    needs = frozenset({"embeddings"})
    accepts = frozenset({"labelled_embeddings"})

    neighbours: int = 20
    clusters: int = 500
    smallest: int = 5
    sample: int = 10_000

    def __post_init__(self) -> None:
        """Refuse counts that are none."""
        for name in ("neighbours", "clusters", "smallest", "sample"):
            check_count(name, getattr(self, name))

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Cluster, then visit the clusters."""
        pool, labelled = given(signals.embeddings), signals.labelled_embeddings
        frame = frame_around(pool, labelled)
        points, known = Vectors(pool, frame), 0
        if labelled is not None and len(labelled):
            points, known = Joined(points, Vectors(labelled, frame)), len(labelled)
        count = min(known + budget, self.clusters)
        groups = cluster(points, count, _ITERATIONS, count * _TRAINING, rng).labels
        visits = _visits(groups[: len(pool)], groups[len(pool) :], self.smallest, budget, rng)
        picks = np.empty(budget, dtype=np.int64)
        scores = np.empty(budget)
        for group in np.unique(visits):
            turns = np.flatnonzero(visits == group)
            members = np.flatnonzero(groups == group)
            typicality = _typicality(points.take(members), self.neighbours, self.sample, rng) * frame.factor
            ours = members < len(pool)
            best = top(typicality[ours], len(turns), rng)
            picks[turns], scores[turns] = members[ours][best], typicality[ours][best]
        return Selection(indices=picks, scores=scores)


def _visits(
    pool: Indices, labelled: Indices, smallest: int, budget: int, rng: np.random.Generator
) -> Indices:
    """The cluster of each pick, in order, given those of the pool's items and of what is labelled.

    A cluster's k-th visit comes when it holds k more labelled or picked items than at first; all visits that
    its items allow, sorted by this number, are the order in which greedy would make them.
    """
    available = np.bincount(pool)
    have = np.bincount(labelled, minlength=len(available))[: len(available)]
    sizes = available + have
    visited = np.repeat(np.arange(len(available)), np.minimum(available, budget))
    turn = np.arange(len(visited)) - np.searchsorted(visited, visited)
    shuffled = rng.permutation(len(visited))  # equal clusters are visited in random order
    visited, turn = visited[shuffled], turn[shuffled]
    order = np.lexsort((-sizes[visited], have[visited] + turn, sizes[visited] < smallest))
    return visited[order[:budget]]


def _typicality(
    points: Vectors, neighbours: int, sample: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Each point's typicality among these, shape (n,)."""
    n = len(points)
    if n == 1:
        return np.zeros(1)
    drawn = np.arange(n) if n <= sample else np.sort(rng.choice(n, sample, replace=False))
    count = min(neighbours, len(drawn) - 1)
    found = np.sqrt(nearest(points, points.take(drawn), count + 1).distances.astype(np.float64))
    itself = np.zeros(n, dtype=bool)
    itself[drawn] = True
    means = np.where(itself, found[:, 1:].mean(axis=1), found[:, :-1].mean(axis=1))
    typicality: NDArray[np.float64] = 1.0 / np.maximum(means, _LEAST_DISTANCE)
    return typicality
