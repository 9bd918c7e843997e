"""Query by committee: the items on which a committee is divided, by votes or by probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._committee import CommitteeStrategy, Measure, consensus_entropy, information, votes
from alaas.strategies._parameters import check_choice
from alaas.strategies.entropy import Entropy


def _vote_entropy(members: NDArray[np.float64]) -> NDArray[np.float64]:
    # In sorted order the same votes for other classes add up to the same number, so that ties remain ties.
    return Entropy().uncertainty(np.sort(votes(members), axis=1) / len(members))


_MEASURES: Mapping[str, Measure] = {
    "vote_entropy": _vote_entropy,
    "consensus_entropy": consensus_entropy,
    "kl": information,
}


@dataclass(frozen=True, kw_only=True)
class QueryByCommittee(CommitteeStrategy):
    """Pick the items on which the members of a committee are most divided.

    Needs mc_probs, shape (K, n, C). The score is in nats and depends on the measure. vote_entropy is the
    entropy of the K members' votes, each for its likeliest class (the lowest number among equals); it takes
    few values, so many items tie, and ties break at random. It is not divided by ln min(K, C), which would
    leave the order as it is. consensus_entropy is the entropy of the members' mean prediction, high also
    where all are unsure alike. kl is the mean Kullback-Leibler divergence of the members from their mean
    prediction, which equals the score of bald.

    Args:
        measure: vote_entropy, consensus_entropy or kl.

    Cost: O(K·n·C) time, O(n) memory, streamed; vote_entropy O(n·C·log C) more.
    When: several models of different kinds, whose votes compare better than their probabilities.

    Reference: Seung, Opper & Sompolinsky, 1992, https://doi.org/10.1145/130385.130417; Dagan & Engelson,
    1995, https://cris.biu.ac.il/en/publications/committee-based-sampling-for-training-probabilistic-classifiers-2;
    McCallum & Nigam, 1998, https://mlanthology.org/icml/1998/mccallum1998icml-employing/
    """

    family = "disagreement"

    measure: Literal["vote_entropy", "consensus_entropy", "kl"] = "vote_entropy"

    def __post_init__(self) -> None:
        """Refuse a measure that is none."""
        check_choice("measure", self.measure, _MEASURES)

    def disagreement(self, members: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apply the measure."""
        return _MEASURES[self.measure](members)
