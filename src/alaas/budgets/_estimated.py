"""Managers that estimate what was spent lately and decide only while that is below the budget."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field

import numpy as np

from alaas.budgets._base import BudgetManager
from alaas.budgets._checks import check_count, check_number
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class EstimatedSpending(BudgetManager):
    """Forgets by a share of 1/window an item, so that no item has to be remembered.

    The spending û becomes û·(w - 1)/w, and 1 more for an item that is taken; while û/w is below the budget,
    ``wants`` decides.

    Reference: Žliobaitė, Bifet, Pfahringer & Holmes, 2014, https://doi.org/10.1109/TNNLS.2012.2236570
    """

    window: int = 100
    spent: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Refuse a window without items."""
        check_count("window", self.window)

    @abstractmethod
    def wants(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:
        """Whether the item is worth a label, given that there is room for one."""

    def decide(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:
        """Ask ``wants`` while there is room."""
        room = ledger.open and self.spent / self.window < ledger.budget
        taken = room and self.wants(utility, ledger, rng)
        self.spent = self.spent * (self.window - 1) / self.window + taken
        return taken


@dataclass(kw_only=True)
class VariableThreshold(EstimatedSpending):
    """Compares confidence, which is 1 - utility, with a threshold that follows the stream.

    The threshold falls by a share of ``step`` with every item that is taken and rises by as much with every
    other one.
    """

    threshold: float = 1.0
    step: float = 0.01
    reached: float = field(default=0.0, init=False)
    """The threshold now."""

    def __post_init__(self) -> None:
        """Refuse thresholds and steps that lead nowhere."""
        super().__post_init__()
        check_number("threshold", self.threshold, above=0.0)
        check_number("step", self.step, above=0.0, below=1.0)
        self.reached = float(self.threshold)

    def follow(self, taken: bool) -> bool:
        """Move the threshold after a decision, and return the decision."""
        self.reached *= 1.0 - self.step if taken else 1.0 + self.step
        # Where nothing is ever taken it would grow without end; no confidence is above what it can reach.
        self.reached = min(self.reached, _MOST)
        return taken


_MOST = 1e12
