"""Farthest-first traversal, exact, with few passes over the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._ranking import top_set
from alaas.strategies._space import Space
from alaas.types import Indices

_FEWEST, _MOST = 128, 2048
"""Candidates of a round. More of them give more picks between two passes over the pool, and cost a matrix of
their distances to each other."""

CHOSEN = np.float32(-1.0)
"""The squared distance that marks a point as chosen: below every real one, and no centre lowers it."""


@dataclass(frozen=True, kw_only=True)
class Traversal:
    """Chosen positions in order, and each one's squared distance to the earlier ones, shapes (b,)."""

    indices: Indices
    distances: NDArray[np.float64]


def farthest_first(
    space: Space,
    nearest: NDArray[np.float32],
    count: int,
    rng: np.random.Generator,
    scale: NDArray[np.float32] | None = None,
) -> Traversal:
    """Pick up to ``count`` points, each the farthest from all centres so far; ties break at random.

    Fewer come back when every other point coincides with a centre. The picks are those of the plain greedy
    algorithm, which brings each new centre to the whole pool by a matrix-vector product. Here a distance may
    be stale, that is, too large: among the points with the largest ones greedy goes on as long as its best
    is at least the largest distance outside, and only then do the new centres reach the pool, in one matrix
    product. O(n·B·D) time, O(n) memory.

    Args:
        space: the pool.
        nearest: squared distance of each point to its nearest centre, shape (n,), ``CHOSEN`` for a point that
            may not be picked. Used as working space.
        count: at least 1.
        rng: drawn from for ties only.
        scale: what each point's squared distances count, shape (n,), at least 0; ``nearest`` is scaled
            already.

    Reference: Gonzalez, 1985, https://doi.org/10.1016/0304-3975(85)90224-5
    """
    indices: list[int] = []
    distances: list[float] = []
    width = max(_FEWEST, min(2 * count, len(space) // 8, _MOST))
    while len(indices) < count:
        candidates, bar = _candidates(nearest, width, rng)
        near = space.take(candidates)
        between = near.among()
        if scale is not None:
            between *= scale[candidates]
        order, reach = _greedy(between, nearest[candidates], bar, count - len(indices), rng)
        if not order:
            break
        indices.extend(int(index) for index in candidates[order])
        distances.extend(reach)
        if len(indices) < count:
            space.lower(nearest, near.take(np.array(order)), scale)
            nearest[candidates[order]] = CHOSEN
        if len(order) < width // 16:
            width = max(_FEWEST, width // 2)
    return Traversal(indices=np.array(indices, dtype=np.int64), distances=np.array(distances))


def _candidates(nearest: NDArray[np.float32], width: int, rng: np.random.Generator) -> tuple[Indices, float]:
    """Return the points with the largest distances and the largest distance among the others."""
    # Which of several points at the cut become candidates is drawn at random, so a later tie among
    # candidates is a fair draw among all points that are tied.
    inside = top_set(nearest, width, rng)
    if len(inside) == len(nearest):
        return inside, 0.0
    cut = len(nearest) - len(inside) - 1
    return inside, float(np.partition(nearest, cut)[cut])


def _greedy(
    between: NDArray[np.float32],
    nearest: NDArray[np.float32],
    bar: float,
    count: int,
    rng: np.random.Generator,
) -> tuple[list[int], list[float]]:
    """Plain greedy among a few points while the best is at least ``bar`` and not 0.

    ``between[i, j]`` is what j's distance becomes when i is picked.
    """
    order: list[int] = []
    reach: list[float] = []
    while len(order) < count:
        best = nearest.max()
        if best < bar or best <= 0.0:
            break
        tied = np.flatnonzero(nearest == best)
        pick = int(tied[0] if len(tied) == 1 else rng.choice(tied))
        order.append(pick)
        reach.append(float(best))
        np.minimum(nearest, between[pick], out=nearest)
        nearest[pick] = CHOSEN
    return order, reach
