"""k-center: a batch that leaves no item far from what is labelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._farthest import CHOSEN, farthest_first
from alaas.strategies._ranking import the_rest, top
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Selection, Signals

_LABELLED_AT_ONCE = 1024
"""Labelled points that reach the pool in one matrix product."""


@dataclass(frozen=True, kw_only=True)
class KCenter(Strategy):
    """Pick, one after another, the item farthest from everything labelled or picked so far.

    Needs embeddings, shape (n, D); starts from labelled_embeddings, shape (m, D), when there are any, and
    from an item at random otherwise. The score is the distance to the nearest labelled or earlier item (none
    for a random start). Items that coincide with one of these come last, at random, with score 0; in float32
    that means closer than about 0.2 % of their distance from the pool's mean.

    Cost: O(n·(m + B)·D) time in matrix products, O(n·D) memory.
    When: no region may stay far from a label; clean the pool first, since it finds outliers.

    Reference: Sener & Savarese, 2018, https://arxiv.org/abs/1708.00489
    """

    family = "diversity"
    needs = frozenset({"embeddings"})
    accepts = frozenset({"labelled_embeddings"})

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Traverse farthest first, from the labelled items on."""
        return self.choose_weighted(signals, None, budget, rng)

    def choose_weighted(
        self, signals: Signals, weights: NDArray[np.float64] | None, budget: int, rng: np.random.Generator
    ) -> Selection:
        """Pick the item whose distance times weight is largest, again and again.

        Args: signals: as for ``choose``. weights: what each item's distance counts, shape (n,), at least 0;
            all the same if None. With nothing
                labelled, the first pick has the largest weight.
            budget: how many.
            rng: as for ``choose``.
        """
        pool, labelled = given(signals.embeddings), signals.labelled_embeddings
        frame = frame_around(pool, labelled)
        points = Vectors(pool, frame)
        most = 1.0 if weights is None else float(weights.max()) or 1.0
        scale = None if weights is None else np.square(weights / most).astype(np.float32)
        nearest = np.full(len(pool), np.inf, dtype=np.float32)
        start = np.empty(0, dtype=np.int64)
        if labelled is not None and len(labelled):
            _reach(points, nearest, Vectors(labelled, frame), scale)
        else:
            start = rng.integers(len(pool), size=1) if weights is None else top(weights, 1, rng)
            points.lower(nearest, points.take(start), scale)
            nearest[start] = CHOSEN
        found = farthest_first(points, nearest, budget - len(start), rng, scale)
        indices = np.concatenate([start, found.indices])
        rest = the_rest(indices, len(pool), budget - len(indices), rng)
        scores = np.sqrt(found.distances) * (most / frame.factor)
        return Selection(
            indices=np.concatenate([indices, rest]),
            scores=np.concatenate([np.full(len(start), np.nan), scores, np.zeros(len(rest))]),
        )


def _reach(
    points: Vectors, nearest: NDArray[np.float32], labelled: Vectors, scale: NDArray[np.float32] | None
) -> None:
    for first in range(0, len(labelled), _LABELLED_AT_ONCE):
        part = np.arange(first, min(first + _LABELLED_AT_ONCE, len(labelled)))
        points.lower(nearest, labelled.take(part), scale)
