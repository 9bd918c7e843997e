"""BALD: the items whose labels would tell the members of a committee apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._committee import CommitteeStrategy, information


@dataclass(frozen=True, kw_only=True)
class Bald(CommitteeStrategy):
    """Pick the items whose label says most about which member of a committee is right.

    Needs mc_probs, shape (K, n, C), from an ensemble or from stochastic passes such as dropout. The score is
    the mutual information between label and member in nats: the entropy of the mean prediction less the mean
    of the members' entropies. It is high where each member is sure of another class, and 0 where all say the
    same, however unsure (below 1e-12 counts as 0). It cannot exceed ln K.

    Cost: O(K·n·C) time, O(n) memory, streamed.
    When: noise in the labels would mislead entropy: what no model can know is not asked for.

    Reference: Houlsby, Huszár, Ghahramani & Lengyel, 2011, https://arxiv.org/abs/1112.5745
    """

    family = "disagreement"

    def disagreement(self, members: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mutual information."""
        return information(members)
