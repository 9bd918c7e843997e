"""Variation ratio: the items on which a committee's votes are scattered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._committee import streamed, votes
from alaas.strategies._scores import ScoreStrategy
from alaas.strategies.least_confidence import LeastConfidence
from alaas.types import Signals


@dataclass(frozen=True, kw_only=True)
class VariationRatio(ScoreStrategy):
    """Pick the items on which the fewest members agree with the most common vote.

    Needs probs, shape (n, C), and uses mc_probs, shape (K, n, C), when there. Each of the K members votes for
    its likeliest class, the one with the lowest number among equals. The score is the share of members that
    did not vote for the class with most votes, 0 if all agree, at most 1 - 1/min(K, C). It takes few values,
    so many items tie, and ties break at random. Without mc_probs the score is 1 - max p, as for
    least_confidence; with them probs do not count.

    Cost: O(K·n·C) time, O(n) memory, streamed.
    When: several models or dropout passes whose decisions are worth more than their probabilities.

    Reference: Gal, Islam & Ghahramani, 2017, https://arxiv.org/abs/1703.02910
    """

    family = "disagreement"
    needs = frozenset({"probs"})
    accepts = frozenset({"mc_probs"})
    alone = True

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Ask the committee, or the model alone where there is none."""
        if signals.mc_probs is None:
            return LeastConfidence().score(signals)
        return streamed(signals.mc_probs, _scattered)


def _scattered(members: NDArray[np.float64]) -> NDArray[np.float64]:
    scattered: NDArray[np.float64] = 1.0 - votes(members).max(axis=1) / len(members)
    return scattered
