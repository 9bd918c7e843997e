"""Variable uncertainty: what is less sure than a threshold that follows the stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.budgets._estimated import VariableThreshold
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class VariableUncertainty(VariableThreshold):
    """Take what is less confident than a threshold that falls with every label and rises without one.

    Utilities from 0 to 1 are expected, such as those of ``least_confidence`` and ``margin``; an item's
    confidence is 1 - utility. A utility above 1 is always wanted, and then the budget alone decides.

    Args:
        threshold: the confidence that the first item has to be below.
        step: the share by which the threshold moves.
        window: items over which the spending is estimated.

    Reference: Žliobaitė, Bifet, Pfahringer & Holmes, 2014, https://doi.org/10.1109/TNNLS.2012.2236570
    """

    def wants(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:  # noqa: ARG002
        """The confidence is below the threshold."""
        return self.follow(1.0 - utility < self.reached)
