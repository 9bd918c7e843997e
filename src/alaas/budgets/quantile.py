"""Quantile: what ranks in the best share of what came lately."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from alaas.budgets._base import BudgetManager
from alaas.budgets._checks import check_count
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class Quantile(BudgetManager):
    """Take an item that ranks in the best share of the last ``window`` utilities.

    Only the order of utilities counts, so that any score will do. The rank of an item among n others is
    (above + U·(equal + 1))/(n + 1), with U drawn uniformly: where utilities come in random order it is
    uniform from 0 to 1, from the first item on and with any number of ties, so that exactly the share is
    taken.

    Where they do not come in random order, the share is steered: it is the budget and what is owed by
    now / ``horizon``. Whatever comes, drift, ties or an adversary's choice, the number taken so stays
    between budget·arrived - (1 - budget)·horizon - 1 and budget·arrived + budget·horizon + 1.

    Args:
        window: utilities that are remembered.
        horizon: items over which what is owed is paid back; 0 never pays back, which is the plain
            incremental quantile filter.

    Reference: Kottke, Krempl & Spiliopoulou, 2015, https://doi.org/10.1007/978-3-319-24465-5_9 for the
    incremental quantile filter; Vovk, Gammerman & Shafer, 2005, https://doi.org/10.1007/b106715 for ranks
    with ties drawn at random.
    """

    window: int = 100
    horizon: int = 50
    recent: list[float] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Refuse a window without items."""
        check_count("window", self.window)
        check_count("horizon", self.horizon, least=0)

    def decide(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:
        """Compare the rank with the share."""
        above = sum(one > utility for one in self.recent)
        level = self.recent.count(utility)
        # 1 - random() is above 0, so that a share of 0 takes nothing.
        rank = (above + (1.0 - rng.random()) * (level + 1)) / (len(self.recent) + 1)
        self.recent.append(utility)
        del self.recent[: -self.window]
        share = ledger.budget + (ledger.owed / self.horizon if self.horizon else 0.0)
        return ledger.open and bool(rank <= share)
