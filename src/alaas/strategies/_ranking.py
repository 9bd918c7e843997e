"""The B best of n scores, with ties broken at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.types import Indices, Selection


def top(scores: NDArray[np.floating[Any]], count: int, rng: np.random.Generator) -> Indices:
    """Return the positions of the ``count`` highest scores, highest first.

    Equal scores are ordered at random, at the cut as well as inside. O(n + count·log count).

    Args:
        scores: shape (n,), no NaN.
        count: 1 ≤ count ≤ n.
        rng: drawn from for ties only.
    """
    chosen = top_set(scores, count, rng)
    # Sorting a shuffled array stably puts equal scores into a random order.
    chosen = rng.permutation(chosen)
    return chosen[np.argsort(-scores[chosen], kind="stable")]


def top_set(scores: NDArray[np.floating[Any]], count: int, rng: np.random.Generator) -> Indices:
    """Return the ``count`` highest scores' positions in no order; ties at the cut are drawn at random."""
    n = len(scores)
    if count >= n:
        return np.arange(n, dtype=np.int64)
    cut = np.partition(scores, n - count)[n - count]
    above = np.flatnonzero(scores > cut)
    level = np.flatnonzero(scores == cut)
    missing = count - len(above)
    if missing < len(level):
        level = rng.choice(level, missing, replace=False, shuffle=False)
    return np.concatenate([above, level]).astype(np.int64, copy=False)


def select_top(scores: NDArray[np.floating[Any]], budget: int, rng: np.random.Generator) -> Selection:
    """The ``budget`` highest scores as a selection."""
    indices = top(scores, budget, rng)
    return Selection(indices=indices, scores=scores[indices].astype(np.float64))


def the_rest(chosen: Indices, n: int, count: int, rng: np.random.Generator) -> Indices:
    """Return ``count`` positions of 0 … n - 1 that are not in ``chosen``, drawn uniformly."""
    free = np.ones(n, dtype=bool)
    free[chosen] = False
    return rng.choice(np.flatnonzero(free), count, replace=False).astype(np.int64, copy=False)
