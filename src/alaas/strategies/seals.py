"""SEALS: any strategy, on the neighbours of what is labelled instead of the whole pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._nearest import nearest
from alaas.strategies._parameters import check_count
from alaas.strategies._vectors import Vectors, frame_around
from alaas.strategies.margin import Margin
from alaas.types import Selection, SignalName, Signals

_PLACES: frozenset[SignalName] = frozenset({"embeddings", "labelled_embeddings"})

_ROUNDING = 4 * np.finfo(np.float32).eps
"""Squared distances of equal items differ by less than this share of their squared norms."""


@dataclass(frozen=True, kw_only=True)
class Seals(Strategy):
    """Pick by another strategy among the nearest neighbours of the labelled items.

    Needs embeddings, shape (n, D), and labelled_embeddings, shape (m, D), besides what the inner strategy
    needs. The candidates are the ``neighbours`` items of the pool nearest to each labelled one, by Euclidean
    distance, and those that are as near as the last of these. The inner strategy chooses among them with the
    same signals; scores are its own. Where there are fewer candidates than the budget asks for, it chooses
    the missing picks from the rest of the pool, unless it may stop early by itself; with nothing labelled it
    chooses from the whole pool. The paper looks the neighbours up in an index, which may miss some; here they
    are exact.

    Args:
        strategy: chooses among the candidates.
        neighbours: how many items each labelled item brings in.

    Cost: O(n·m·D) time in matrix products, O(n·D) memory, and the inner strategy's on the candidates.
    When: rare classes: what is like the few known examples; or the inner strategy is dear.

    Reference: Coleman, Chou, Katz-Samuels, Culatana, Bailis, Berg, Nowak, Sumbaly, Zaharia & Yalniz, 2022,
    https://arxiv.org/abs/2007.00077
    """

    family = "combination"

    strategy: Strategy = Margin()
    neighbours: int = 100

    def __post_init__(self) -> None:
        """Refuse a number of neighbours that is none."""
        check_count("neighbours", self.neighbours)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the inner strategy needs, and embeddings of the pool and of what is labelled."""
        return self.strategy.needs | _PLACES

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses."""
        return self.strategy.accepts - self.needs

    @property
    def exhaustive(self) -> bool:
        """If the inner strategy is."""
        return self.strategy.exhaustive

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Choose among the candidates, then among the others if need be."""
        pool, labelled = given(signals.embeddings), given(signals.labelled_embeddings)
        if not len(labelled) or self.neighbours >= len(pool):
            return self.strategy.choose(signals, budget, rng)
        frame = frame_around(pool, labelled)
        close = _close_to_any(Vectors(pool, frame), Vectors(labelled, frame), self.neighbours)
        inside, outside = np.flatnonzero(close), np.flatnonzero(~close)
        found = self.strategy.choose(signals.take(inside), min(budget, len(inside)), rng)
        indices, scores = inside[found.indices], found.scores
        missing = budget - len(inside)
        if missing > 0 and self.exhaustive:
            more = self.strategy.choose(signals.take(outside), missing, rng)
            indices = np.concatenate([indices, outside[more.indices]])
            scores = np.concatenate([scores, more.scores])
        return Selection(indices=indices, scores=scores)


def _close_to_any(points: Vectors, centres: Vectors, count: int) -> NDArray[np.bool_]:
    """Whether each point is among the ``count`` nearest to some centre, or as near as these; count < n."""
    found = nearest(centres, points, count + 1)
    close = np.zeros(len(points), dtype=bool)
    close[found.indices[:, :count]] = True
    slack = _ROUNDING * (centres.norms + points.norms.max())
    reach, beyond = found.distances[:, count - 1] + slack, found.distances[:, count]
    # A search returns any of several items at the same distance. Letting all of them in keeps their
    # position from deciding, and costs a second look for the centres that have such items at their limit.
    tied = np.flatnonzero(beyond <= reach)
    if tied.size:
        few, limits = centres.take(tied), reach[tied, np.newaxis]
        for part in points.tiles(len(tied)):
            distances = -2.0 * points.inner(part, few)
            distances += few.norms[:, np.newaxis]
            distances += points.norms[part]
            close[part] |= (distances <= limits).any(axis=0)
    return close
