"""Balanced quantile: a quantile of what came lately, moved by what was spent."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from alaas.budgets._base import BudgetManager
from alaas.budgets._checks import check_count
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class BalancedQuantile(BudgetManager):
    """Take what reaches the (1 - budget) quantile of the last utilities, moved by what is owed.

    The threshold is lowered by range·owed/tolerance, where the range is that of the remembered utilities:
    what is ``tolerance`` labels behind takes all, what is as far ahead takes none. Where all remembered
    utilities are equal there is no range to move by, and an item is taken when a label is owed.

    Args:
        window: utilities that are remembered, this item's included.
        tolerance: labels by which the spending may be off.

    Reference: Kottke, Krempl & Spiliopoulou, 2015, https://doi.org/10.1007/978-3-319-24465-5_9
    """

    window: int = 100
    tolerance: int = 50
    recent: list[float] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Refuse a window without items, and no tolerance at all."""
        check_count("window", self.window)
        check_count("tolerance", self.tolerance)

    def decide(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:  # noqa: ARG002
        """Compare with the moved threshold."""
        self.recent.append(utility)
        del self.recent[: -self.window]
        seen = np.asarray(self.recent)
        quantile = float(np.quantile(seen, 1.0 - ledger.budget))
        moved = quantile - float(seen.max() - seen.min()) * (ledger.owed / self.tolerance)
        return ledger.open and (utility > moved or (utility == moved and ledger.owed >= 0.0))
