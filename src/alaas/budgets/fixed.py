"""Fixed: what reaches a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.budgets._checks import check_number
from alaas.budgets._estimated import EstimatedSpending
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class Fixed(EstimatedSpending):
    """Take what is worth ``threshold`` or more, while the estimated spending is below the budget.

    It spends less than the budget where little reaches the threshold, and where much does, it takes the
    first that come. The paper's threshold for C classes and ``least_confidence`` is (1 - 1/C)·(1 - budget).

    Args:
        threshold: the least utility that is worth a label.
        window: items over which the spending is estimated.

    Reference: Žliobaitė, Bifet, Pfahringer & Holmes, 2014, https://doi.org/10.1109/TNNLS.2012.2236570
    """

    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a threshold that is no number."""
        super().__post_init__()
        check_number("threshold", self.threshold)

    def wants(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:  # noqa: ARG002
        """The threshold is reached."""
        return utility >= self.threshold
