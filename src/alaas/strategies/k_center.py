"""k-center: a batch that leaves no item far from what is labelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._farthest import CHOSEN, farthest_first
from alaas.strategies._ranking import the_rest
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
    that means closer than about 0.2 % of their distance from the pool's mean. It finds outliers as well as
    gaps. O(n·(m + B)·D) time, O(n·D) memory.

    Reference: Sener & Savarese, 2018, https://arxiv.org/abs/1708.00489
    """

    needs = frozenset({"embeddings"})
    accepts = frozenset({"labelled_embeddings"})

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Traverse farthest first, from the labelled items on."""
        pool, labelled = given(signals.embeddings), signals.labelled_embeddings
        frame = frame_around(pool, labelled)
        points = Vectors(pool, frame)
        nearest = np.full(len(pool), np.inf, dtype=np.float32)
        start = np.empty(0, dtype=np.int64)
        if labelled is not None and len(labelled):
            _reach(points, nearest, Vectors(labelled, frame))
        else:
            start = rng.integers(len(pool), size=1)
            points.lower(nearest, points.take(start))
            nearest[start] = CHOSEN
        found = farthest_first(points, nearest, budget - len(start), rng)
        indices = np.concatenate([start, found.indices])
        rest = the_rest(indices, len(pool), budget - len(indices), rng)
        scores = np.sqrt(found.distances) / frame.factor
        return Selection(
            indices=np.concatenate([indices, rest]),
            scores=np.concatenate([np.full(len(start), np.nan), scores, np.zeros(len(rest))]),
        )


def _reach(points: Vectors, nearest: NDArray[np.float32], labelled: Vectors) -> None:
    for first in range(0, len(labelled), _LABELLED_AT_ONCE):
        part = np.arange(first, min(first + _LABELLED_AT_ONCE, len(labelled)))
        points.lower(nearest, labelled.take(part))
