"""Far out: a query strategy for ALaaS that lives in a package of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies import ScoreStrategy
from alaas.types import Signals


@dataclass(frozen=True, kw_only=True)
class FarOut(ScoreStrategy):
    """Pick the items farthest from the middle of the pool.

    Needs embeddings, shape (n, D). The score is the distance to the pool's mean, to the power of ``power``.

    Args:
        power: how much the farthest count when another strategy works with the scores.

    Cost: O(n·D) time, O(n) memory.
    When: you look for what is unusual, and for what a strategy of your own looks like.
    """

    family = "diversity"
    needs = frozenset({"embeddings"})

    power: float = 1.0

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Measure the distance to the mean."""
        embeddings = np.asarray(signals.embeddings, dtype=np.float64)
        return np.linalg.norm(embeddings - embeddings.mean(axis=0), axis=1) ** self.power
