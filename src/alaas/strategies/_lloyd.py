"""k-means by matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._seeding import choose_seeds, draw, seed_by_distance
from alaas.strategies._vectors import Vectors
from alaas.types import Indices

_OVERSAMPLING = 3
"""Seeds that are drawn for each one that is kept."""

_CONVERGED = 1e-3
"""Stop when an iteration improves the mean squared distance by less than this share."""


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Each point's cluster, shape (n,), and its squared distance to the cluster's centre, shape (n,)."""

    labels: NDArray[np.intp]
    distances: NDArray[np.float32]


def cluster(
    points: Vectors,
    count: int,
    iterations: int,
    sample: int,
    rng: np.random.Generator,
    weights: NDArray[np.float32] | None = None,
) -> Clusters:
    """Cluster n points into at most ``count`` clusters.

    Centres are found on ``sample`` points drawn at random (all, if there are no more), by greedy k-means++
    seeding and Lloyd's iterations; then every point joins its nearest. O((n + sample·iterations)·count·D)
    time.

    Args:
        points: in one frame.
        count: how many clusters, at least 1; fewer come out where fewer points are distinct.
        iterations: most iterations; it stops earlier when little improves.
        sample: points that the centres are fitted on.
        rng: for the sample and the seeds.
        weights: how often each point counts in means and seeds, shape (n,), at least 0.

    Reference: Lloyd, 1982, https://doi.org/10.1109/TIT.1982.1056489
    """
    training = points
    if sample < len(points):
        drawn = np.sort(rng.choice(len(points), sample, replace=False))
        training, weights = points.take(drawn), None if weights is None else weights[drawn]
    centres, before = _seeds(training, count, weights, rng), np.inf
    for _ in range(iterations):
        found = assign(training, centres)
        spread = float(np.average(found.distances.astype(np.float64), weights=weights))
        if spread >= before * (1.0 - _CONVERGED):
            break
        before = spread
        centres = _means(training, found, centres, weights)
    return assign(points, centres)


def _seeds(
    points: Vectors, count: int, weights: NDArray[np.float32] | None, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Where Lloyd's iterations start: ``count`` points, fewer where fewer are distinct, shape (k, D).

    Drawing by squared distance alone now and then leaves out a whole heap of points, and no iteration mends
    that. So more seeds are drawn than are wanted, each stands for the points nearest to it, and among these
    few the greedy choice is cheap: of several draws the one that helps most, again and again.

    Reference: Bahmani, Moseley, Vattani, Kumar & Vassilvitskii, 2012, https://arxiv.org/abs/1203.6402
    """
    first = int(rng.integers(len(points))) if weights is None else draw(weights, rng)
    many = seed_by_distance(points, min(_OVERSAMPLING * count, len(points)), first, rng, weights)
    few = points.take(many.indices)
    if len(few) <= count:
        return few.rows(slice(None))
    near = assign(points, few.rows(slice(None))).labels
    masses = np.bincount(near, weights=weights, minlength=len(few)).astype(np.float32)
    return few.rows(choose_seeds(few, count, masses, rng))


def assign(points: Vectors, centres: NDArray[np.float32]) -> Clusters:
    """Find each point's nearest centre; centres have shape (k, D) in the points' frame."""
    labels = np.empty(len(points), dtype=np.intp)
    distances = np.empty(len(points), dtype=np.float32)
    half_norms = 0.5 * np.einsum("ij,ij->i", centres, centres)
    for part in points.tiles(len(centres)):
        closeness = points.rows(part) @ centres.T
        closeness -= half_norms
        best = closeness.argmax(axis=1)
        labels[part] = best
        distances[part] = points.norms[part] - 2.0 * closeness[np.arange(len(best)), best]
    return Clusters(labels=labels, distances=np.maximum(distances, 0.0))


def _means(
    points: Vectors, found: Clusters, centres: NDArray[np.float32], weights: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Move each centre to its points' mean, and one that lost all its points to the worst served point."""
    order = np.argsort(found.labels, kind="stable")
    sizes = np.bincount(found.labels, minlength=len(centres))
    masses = np.bincount(found.labels, weights=weights, minlength=len(centres))
    used = np.flatnonzero(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes[used])[:-1]])
    rows = points.rows(order)
    if weights is not None:
        rows = rows * weights[order, np.newaxis]
    moved = centres.copy()
    sums = np.add.reduceat(rows, starts, axis=0)
    heavy = masses[used] > 0.0  # a cluster without weight stays where it is
    moved[used[heavy]] = sums[heavy] / masses[used[heavy], np.newaxis]
    empty = np.flatnonzero(sizes == 0)
    if empty.size:
        farthest = np.argsort(-found.distances, kind="stable")[: len(empty)]
        moved[empty] = points.rows(farthest)
    return moved


def representatives(found: Clusters, rng: np.random.Generator) -> tuple[Indices, NDArray[Any]]:
    """Return the point nearest to each used centre and the size of its cluster; ties break at random."""
    sizes = np.bincount(found.labels)
    least = np.full(len(sizes), np.inf, dtype=np.float32)
    np.minimum.at(least, found.labels, found.distances)
    tied = rng.permutation(np.flatnonzero(found.distances == least[found.labels]))
    labels, where = np.unique(found.labels[tied], return_index=True)
    return tied[where].astype(np.int64), sizes[labels]
