"""Mean standard deviation: the items whose probabilities differ most from member to member."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._committee import CommitteeStrategy


@dataclass(frozen=True, kw_only=True)
class MeanStd(CommitteeStrategy):
    """Pick the items whose class probabilities vary most among the members of a committee.

    Needs mc_probs, shape (K, n, C). The score is the standard deviation of a class's probability over the K
    members (divided by K, not K - 1), averaged over the classes: 0 where all members say the same or there is
    only one.

    Cost: O(K·n·C) time, O(n) memory, streamed.
    When: several models or dropout passes, and a measure without logarithms: rare classes weigh little.

    Reference: Gal, Islam & Ghahramani, 2017, https://arxiv.org/abs/1703.02910; Kendall, Badrinarayanan &
    Cipolla, 2015, https://arxiv.org/abs/1511.02680
    """

    family = "disagreement"

    def disagreement(self, members: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average the classes' standard deviations."""
        # Differences from the first member are exactly 0 where all agree, which rounding of a mean is not.
        deviations: NDArray[np.float64] = (members - members[0]).std(axis=0)
        return np.asarray(deviations.mean(axis=1))
