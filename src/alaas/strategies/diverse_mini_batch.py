"""Diverse mini-batches: one item from each cluster of the uncertain ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._combining import scored, scoring
from alaas.strategies._lloyd import cluster, representatives
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._ranking import top, top_set
from alaas.strategies._vectors import Vectors, frame_around
from alaas.strategies.margin import Margin
from alaas.types import Indices, Selection, SignalName, Signals

_EMBEDDINGS: frozenset[SignalName] = frozenset({"embeddings"})


@dataclass(frozen=True, kw_only=True)
class DiverseMiniBatch(Strategy):
    """Pick the item nearest to each centre of a k-means that counts items by their uncertainty.

    Needs embeddings, shape (n, D), besides what the inner strategy needs. Of the ``factor``·B items with the
    highest inner scores it makes B clusters in which an item weighs as much as its score, and picks the item
    nearest to each centre. The score is the sum of the inner scores in the item's cluster; higher ones come
    first. Where fewer different items have a score above 0 than the budget asks for, the candidates with the
    highest inner scores follow, with score 0; where no candidate has a score above 0, each weighs 1.

    Args:
        strategy: gives the scores, which must not be negative.
        factor: how many items for each pick are clustered, at least 1.
        iterations: most iterations of Lloyd's algorithm; it stops earlier when little improves.

    Cost: the inner score, and O(i·f·B²·D) time and O(f·B·D) memory for i iterations and f = factor.
    When: large batches by an uncertainty, spread over the places where the model is unsure.

    Reference: Zhdanov, 2019, https://arxiv.org/abs/1901.05954
    """

    family = "hybrid"

    strategy: Strategy = Margin()
    factor: float = 10.0
    iterations: int = 10

    def __post_init__(self) -> None:
        """Refuse what gives no scores, and parameters that leave nothing to cluster."""
        scoring(self.name, self.strategy)
        check_number("factor", self.factor, least=1.0)
        check_count("iterations", self.iterations, least=0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the inner strategy needs, and embeddings."""
        return self.strategy.needs | _EMBEDDINGS

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses."""
        return self.strategy.accepts - self.needs

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Narrow, cluster, and take each cluster's representative."""
        scores = scored(self.name, self.strategy, signals)
        kept = min(len(scores), math.ceil(self.factor * budget))
        few = np.sort(top_set(scores, kept, rng))
        weights = scores[few] if scores[few].any() else np.ones(kept)
        if budget == kept:  # every candidate is a cluster of its own
            order = top(weights, kept, rng)
            return Selection(indices=few[order], scores=weights[order])
        picks, sums = self._cluster(given(signals.embeddings)[few], weights, budget, rng)
        rest = _best_left(weights, picks, budget - len(picks), rng)
        return Selection(
            indices=few[np.concatenate([picks, rest])], scores=np.concatenate([sums, np.zeros(len(rest))])
        )

    def _cluster(
        self,
        embeddings: NDArray[np.floating],
        weights: NDArray[np.float64],
        count: int,
        rng: np.random.Generator,
    ) -> tuple[Indices, NDArray[np.float64]]:
        """The representative of each cluster and the sum of its weights, largest first."""
        points = Vectors(embeddings, frame_around(embeddings))
        relative = (weights / weights.max()).astype(np.float32)
        found = cluster(points, count, self.iterations, len(points), rng, relative)
        picks, _ = representatives(found, rng)
        sums = np.bincount(found.labels, weights=weights)[found.labels[picks]].astype(np.float64)
        order = top(sums, len(sums), rng)
        return picks[order], sums[order]


def _best_left(weights: NDArray[np.float64], picks: Indices, count: int, rng: np.random.Generator) -> Indices:
    """The ``count`` heaviest that are not picked yet."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    left = weights.copy()
    left[picks] = -1.0
    return top(left, count, rng)
