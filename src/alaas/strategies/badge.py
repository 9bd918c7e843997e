"""BADGE: uncertain and diverse at once, by the gradients that the labels might cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._gradients import OuterProducts, Residual
from alaas.strategies._ranking import the_rest, top
from alaas.strategies._seeding import seed_by_distance
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Selection, Signals


@dataclass(frozen=True, kw_only=True)
class Badge(Strategy):
    """Pick by k-means++ seeding among the gradients that a last layer would receive.

    Needs probs, shape (n, C), and embeddings, shape (n, D), which should be the last layer's input. Each item
    stands for the gradient of the loss at its likeliest label, (p - e) ⊗ h: long where the model is unsure,
    and pointing elsewhere where items differ. The first pick has the longest gradient; each further one is
    drawn with probability proportional to its squared distance to the nearest pick. The score is that
    distance, for the first pick the gradient's length. Items without a gradient (certain predictions) come
    last, at random, with score 0.

    Cost: O(n·B·(C + D)) time in matrix products, O(n·(C + D)) memory: no gradient is ever built.
    When: large batches by a trained model, without near-duplicates.

    Reference: Ash, Zhang, Krishnamurthy, Langford & Agarwal, 2020, https://arxiv.org/abs/1906.03671
    """

    family = "hybrid"
    needs = frozenset({"probs", "embeddings"})

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Seed in gradient space."""
        probs, embeddings = given(signals.probs), given(signals.embeddings)
        # The origin has a meaning here, a gradient of 0, so embeddings are scaled but not centred.
        frame = frame_around(embeddings, centre=False)
        gradients = OuterProducts(Vectors(probs, Residual()), Vectors(embeddings, frame))
        first = int(top(gradients.norms, 1, rng)[0])
        seeds = seed_by_distance(gradients, budget, first, rng)
        rest = the_rest(seeds.indices, len(probs), budget - len(seeds.indices), rng)
        squared = np.concatenate([[gradients.norms[first]], seeds.distances[1:], np.zeros(len(rest))])
        return Selection(
            indices=np.concatenate([seeds.indices, rest]), scores=np.sqrt(squared) / frame.factor
        )
