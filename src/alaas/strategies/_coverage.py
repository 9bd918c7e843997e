"""Greedy coverage: picks that leave something similar near every item, with few passes over the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._gains import Block, Gains
from alaas.strategies._kernels import Kernel, raise_to, reach
from alaas.strategies._ranking import top_set
from alaas.strategies._vectors import Vectors
from alaas.types import Indices

_WIDTH = 128
"""Candidates of a round: more of them give more picks between two updates, and cost a larger block."""

_EARLY = 64
"""Sampled items for each pick that decide well enough while there are few picks."""

_LEVEL = 1.0 - 1e-6
"""Gains above this share of the largest are as large, within rounding."""


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Chosen positions in order, and by how much each raised the pool's mean coverage, shapes (b,)."""

    indices: Indices
    gains: NDArray[np.float64]


def cover(
    points: Vectors,
    labelled: Vectors | None,
    kernel: Kernel,
    count: int,
    sample: int,
    rng: np.random.Generator,
    weights: NDArray[np.float32] | None = None,
) -> Cover:
    """Pick up to ``count`` points, each the one that raises Σ w(x)·max k(x, c) most; ties break at random.

    The sum runs over the pool, the maximum over everything labelled or picked. Fewer picks come back when no
    other point gains anything.

    Plain greedy computes every gain anew for each pick. But a gain only ever falls, so that an old one is an
    upper bound: among the candidates with the largest bounds greedy goes on as long as its best is at least
    the largest bound outside, and only then are bounds updated, by the items that are better covered since.
    About 5·n·s·D multiplications in matrix products for a sum of s terms, O(n·D) memory.

    Args:
        points: the pool, n points.
        labelled: what covers points already.
        kernel: k.
        count: at least 1.
        sample: the most points that the sum runs over. In a larger pool a candidate's own term is exact, and
            those of all others are estimated from this many, drawn at random (the first few picks look at a
            quarter of them); every point remains a candidate.
        rng: drawn from for the sample and for ties.
        weights: w, shape (n,), at least 0; all 1 if None.

    Reference: Minoux, 1978, https://doi.org/10.1007/BFb0006528
    """
    n = len(points)
    covered = np.zeros(n, dtype=np.float32)
    if labelled is not None:
        raise_to(covered, reach(kernel, points, labelled))
    weights = np.ones(n, dtype=np.float32) if weights is None else weights
    indices = np.empty(0, dtype=np.int64)
    found: list[float] = []
    for size, until in _stages(n, sample, count):
        crowd = np.arange(n) if size == n else np.sort(rng.choice(n, size, replace=False))
        gains = Gains(points, crowd, kernel, weights, covered)
        gains.rule_out(indices)
        more, their = _search(gains, until - len(indices), rng)
        indices = np.concatenate([indices, more])
        found += their
    return Cover(indices=indices, gains=np.array(found) / n)


def _stages(n: int, sample: int, count: int) -> list[tuple[int, int]]:
    """How many points the sum runs over, until how many are picked."""
    if n <= sample:
        return [(n, count)]
    few = max(1, sample // 4)
    early = few // _EARLY
    if count <= early:
        return [(few, count)]
    return [(few, early), (sample, count)] if early else [(sample, count)]


def _search(gains: Gains, count: int, rng: np.random.Generator) -> tuple[Indices, list[float]]:
    """Pick up to ``count`` candidates, each the best."""
    indices: list[int] = []
    found: list[float] = []
    exact = True
    while True:
        bounds = gains.bounds()
        candidates = top_set(bounds, _WIDTH, rng)
        bar = _largest_outside(bounds, len(candidates))
        order, their, best = _greedy(Block(gains, candidates), count - len(indices), bar, exact, rng)
        indices += candidates[order].tolist()
        found += their
        gains.pick(candidates[order])
        if len(indices) == count or (exact and not order):
            return np.array(indices, dtype=np.int64), found
        exact = not order
        gains.update(max(best, 0.0), exactly=exact)


def _largest_outside(bounds: NDArray[np.float64], inside: int) -> float:
    """The largest bound below the ``inside`` largest ones."""
    cut = len(bounds) - inside - 1
    return float(np.partition(bounds, cut)[cut]) if cut >= 0 else -np.inf


def _greedy(
    block: Block, count: int, bar: float, exact: bool, rng: np.random.Generator
) -> tuple[list[int], list[float], float]:
    """Plain greedy among a few candidates while the best gain is at least ``bar`` and not 0.

    If all bounds are ``exact``, the first best is the best of all, whatever rounding says. Returns places in
    the block, their gains, and the best gain that is left.
    """
    order: list[int] = []
    found: list[float] = []
    while True:
        now = block.gains()
        best = float(now.max())
        beaten = best < bar * _LEVEL and (order or not exact)
        if len(order) == count or best <= 0.0 or beaten:
            return order, found, best
        pick = int(rng.choice(np.flatnonzero(now >= best * _LEVEL)))
        block.pick(pick)
        order.append(pick)
        found.append(best)
