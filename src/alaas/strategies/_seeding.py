"""k-means++ seeding, exact in law, with few passes over the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._space import Space
from alaas.types import Indices

_FEWEST, _MOST = 16, 512
"""Proposals between two passes over the pool: few while centres change the law a lot, many later."""


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """Chosen positions in order, and each one's squared distance to the earlier ones, shapes (b,)."""

    indices: Indices
    distances: NDArray[np.float64]


def seed_by_distance(
    space: Space,
    count: int,
    first: int,
    rng: np.random.Generator,
    scale: NDArray[np.float32] | None = None,
) -> Seeds:
    """Draw up to ``count`` points, each in proportion to its squared distance to those before.

    Fewer come back when every other point coincides with a chosen one. The distance of ``first`` is infinite.
    With ``scale``, shape (n,), at least 0, a point's squared distance counts that many times.

    Plain seeding brings every new centre to the whole pool at once, by a matrix-vector product. Here several
    points are proposed from distances that are stale, hence too large, and each is accepted with probability
    now / stale; an accepted point has the same law, and the accepted ones reach the pool in one matrix
    product. O(n·B·D) time, O(n) memory.

    Reference: Arthur & Vassilvitskii, 2007, https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf
    """
    nearest = np.full(len(space), np.inf, dtype=np.float32)
    indices, distances = [first], [np.inf]
    accepted = np.array([first], dtype=np.int64)
    width = _FEWEST
    while len(indices) < count:
        space.lower(nearest, space.take(accepted), scale)
        nearest[accepted] = 0.0  # their distance to themselves may come out as rounding
        proposals = _propose(nearest, width, rng)
        if not proposals.size:
            break
        between = space.take(proposals).among()
        if scale is not None:
            between *= scale[proposals]
        kept, reach = _accept(between, nearest, proposals, count - len(indices), rng)
        accepted = proposals[kept]
        indices.extend(int(index) for index in accepted)
        distances.extend(reach)
        share = len(kept) / width
        width = min(2 * width, _MOST) if share > 0.75 else max(width // 2, _FEWEST) if share < 0.4 else width
    return Seeds(indices=np.array(indices, dtype=np.int64), distances=np.array(distances))


def choose_seeds(space: Space, count: int, masses: NDArray[np.float32], rng: np.random.Generator) -> Indices:
    """Choose ``count`` of a few weighted points greedily: of several draws by squared distance the best.

    The best is the one that lowers the sum of masses times squared distances most. O(n·count·draws) time
    after one product of all points with each other, in tiles; count < n.

    Reference: Arthur & Vassilvitskii, 2007, https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf
    """
    draws = 2 + int(np.log(count))
    first = draw(masses, rng)
    chosen = [first]
    nearest = masses * space.apart(np.array([first]))[0]
    while len(chosen) < count:
        proposals = _propose(nearest, draws, rng)
        if not proposals.size:
            break
        lowered = np.minimum(nearest, masses * space.apart(proposals))
        best = int(lowered.sum(axis=1, dtype=np.float64).argmin())
        chosen.append(int(proposals[best]))
        nearest = lowered[best]
        nearest[chosen[-1]] = 0.0
    return np.array(chosen, dtype=np.int64)


def draw(weights: NDArray[np.float32], rng: np.random.Generator) -> int:
    """Draw one position with probability proportional to the weights; uniformly when all are 0."""
    proposals = _propose(weights, 1, rng)
    return int(proposals[0]) if proposals.size else int(rng.integers(len(weights)))


def _propose(weights: NDArray[np.float32], width: int, rng: np.random.Generator) -> Indices:
    """Draw positions with probability proportional to the weights; none when all are 0."""
    cumulative = np.cumsum(weights, dtype=np.float64)
    if cumulative[-1] <= 0.0:
        return np.empty(0, dtype=np.int64)
    drawn: Indices = np.searchsorted(cumulative, rng.random(width) * cumulative[-1], side="right")
    last = np.searchsorted(cumulative, cumulative[-1], side="left")  # rounding must not reach a weight of 0
    drawn[drawn > last] = last
    return drawn


def _accept(
    between: NDArray[np.float32],
    stale: NDArray[np.float32],
    proposals: Indices,
    count: int,
    rng: np.random.Generator,
) -> tuple[list[int], list[float]]:
    """Go through the proposals and keep at most ``count``: positions among them, and distances when kept.

    ``between[i, j]`` is what j's distance becomes when i is kept.
    """
    between[proposals[:, np.newaxis] == proposals] = 0.0
    now = stale[proposals]
    bars = rng.random(len(proposals)) * now
    kept: list[int] = []
    reach: list[float] = []
    for place in range(len(proposals)):
        if len(kept) == count:
            break
        if bars[place] < now[place]:
            kept.append(place)
            reach.append(float(now[place]))
            np.minimum(now, between[place], out=now)
    return kept, reach
