"""Split: a part of the stream at random, the rest by uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.budgets._checks import check_number
from alaas.budgets._estimated import VariableThreshold
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class Split(VariableThreshold):
    """Decide of a share of the items at random, and of the others by ``variable_uncertainty``.

    The random part sees changes anywhere; an item of it is taken with the budget's probability and does not
    move the threshold.

    Args:
        share: how much of the stream is decided at random, from 0 to 1.
        threshold: the confidence that the first of the others has to be below.
        step: the share by which the threshold moves.
        window: items over which the spending is estimated.

    Reference: Žliobaitė, Bifet, Pfahringer & Holmes, 2014, https://doi.org/10.1109/TNNLS.2012.2236570
    """

    share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        super().__post_init__()
        check_number("share", self.share, least=0.0, below=np.nextafter(1.0, 2.0))

    def wants(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:
        """Draw which part the item belongs to."""
        if rng.random() < self.share:
            return bool(rng.random() < ledger.budget)
        return self.follow(1.0 - utility < self.reached)
