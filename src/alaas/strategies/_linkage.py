"""Average linkage of groups of items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def average_linkage(
    distances: NDArray[np.float64], sizes: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Join the two clusters whose items are closest on average, again and again, until ``count`` are left.

    Returns each group's cluster, 0 … ``count`` - 1. Groups begin as clusters of their own. Follows chains of
    nearest neighbours, whose ends may be joined at once, in any order: O(k²) time and memory for k groups.

    Args:
        distances: mean distance between the items of two groups, shape (k, k), symmetric; its diagonal is
            not looked at. Used as working space.
        sizes: how many items each group has, shape (k,).
        count: 1 ≤ count ≤ k.

    Reference: Müllner, 2011, https://arxiv.org/abs/1109.2378
    """
    clusters = np.arange(len(sizes))
    joins = _joins(distances, sizes.astype(np.float64))
    joins.sort(key=lambda join: join[0])
    for _, left, right in joins[: len(sizes) - count]:
        clusters[clusters == clusters[left]] = clusters[right]
    return np.unique(clusters, return_inverse=True)[1].astype(np.int64)


def _joins(distances: NDArray[np.float64], sizes: NDArray[np.float64]) -> list[tuple[float, int, int]]:
    """All joins down to one cluster: their distance and a group on either side, children before parents."""
    np.fill_diagonal(distances, np.inf)
    left = set(range(len(sizes)))
    joins: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(left) > 1:
        if not chain:
            chain.append(next(iter(left)))
        row = distances[chain[-1]]
        nearest = int(row.argmin())
        # Of equally near ones the chain's previous link comes first, or the chain might run in a circle.
        if len(chain) == 1 or row[chain[-2]] > row[nearest]:
            chain.append(nearest)
            continue
        gone, kept = chain.pop(), chain.pop()
        joins.append((float(row[kept]), gone, kept))
        left.remove(gone)
        joined = sizes[gone] * row + sizes[kept] * distances[kept]
        sizes[kept] += sizes[gone]
        joined /= sizes[kept]
        joined[kept] = np.inf
        distances[kept] = distances[:, kept] = joined
        distances[gone] = distances[:, gone] = np.inf
    return joins
