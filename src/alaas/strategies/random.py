"""Uniform random choice: the baseline that every other strategy has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.types import Selection, Signals


@dataclass(frozen=True, kw_only=True)
class Random(Strategy):
    """Pick uniformly without replacement.

    Needs nothing.

    Cost: O(n) time and memory.
    When: a baseline, or the slice that measures accuracy without bias.
    """

    family = "baseline"

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Pick uniformly; there is no score."""
        indices = rng.permutation(len(signals))[:budget].astype(np.int64)
        return Selection(indices=indices, scores=np.full(budget, np.nan))
