"""Random: a share of what arrives, whatever it is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.budgets._base import BudgetManager
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class Random(BudgetManager):
    """Take each item with the budget's probability: the baseline, and an unbiased sample of the stream."""

    def decide(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:  # noqa: ARG002
        """Draw."""
        return ledger.open and bool(rng.random() < ledger.budget)
