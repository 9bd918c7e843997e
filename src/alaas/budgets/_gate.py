"""A budget manager with its account: what a stream goes through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from alaas.budgets._base import BudgetManager
from alaas.budgets._ledger import Ledger, Terms
from alaas.errors import SignalError, StoreError
from alaas.seeding import generator
from alaas.types import JSON

_COUNTERS = ("arrived", "taken", "began", "taken_in_period")


class Gate:
    """Lets items of a stream through, one by one.

    Whatever the manager says, no more than ``budget`` of what has arrived and ``burst`` besides are taken at
    any moment, and no more than the terms' numbers in all and in a period. The same manager, terms, seed and
    utilities give the same decisions, in one call or in many, in one process or one after another.

    Args:
        manager: decides within the terms; not to be used by anyone else.
        terms: what may be spent.
        seed: where randomness comes from.
    """

    def __init__(self, manager: BudgetManager, terms: Terms, *, seed: int = 0) -> None:
        self.manager, self.terms, self._seed = manager, terms, seed
        self.arrived = 0
        """Items so far."""
        self.taken = 0
        """Those of them that were taken."""
        self._began = 0.0
        self._taken_in_period = 0

    def offer(self, utility: float, *, now: float = 0.0) -> bool:
        """Decide of the next item.

        Args:
            utility: how much it is worth; larger is more.
            now: seconds by any clock that does not go back; matters with a period only.

        Raises:
            SignalError: the utility is not finite.
        """
        if not math.isfinite(utility):
            raise SignalError(f"a utility must be a finite number, got {utility!r}; mend or drop this item")
        self._turn(now)
        self.arrived += 1
        ledger = Ledger(budget=self.terms.budget, arrived=self.arrived, taken=self.taken, open=self._open())
        rng = generator(self._seed, round_number=self.arrived, purpose="stream")
        taken = self.manager.decide(float(utility), ledger, rng) and ledger.open
        self.taken += taken
        self._taken_in_period += taken
        return bool(taken)

    def state(self) -> dict[str, JSON]:
        """All that later decisions depend on, as a JSON document."""
        return {
            "arrived": self.arrived,
            "taken": self.taken,
            "began": self._began,
            "taken_in_period": self._taken_in_period,
            "manager": self.manager.name,
            "memory": self.manager.state(),
        }

    def restore(self, state: Mapping[str, Any], *, memory: bool = True) -> None:
        """Go on from a state; another manager than the one that wrote it begins anew within the account.

        Without ``memory`` so does the same one: for utilities that cannot be compared with those before.

        Raises:
            StoreError: it cannot be read.
        """
        try:
            arrived, taken, began, in_period = (state[name] for name in _COUNTERS)
            name, remembered = state["manager"], state["memory"]
        except KeyError as error:
            raise StoreError(f"the state of a stream lacks {error}; is it damaged?") from error
        self.arrived, self.taken = int(arrived), int(taken)
        self._began, self._taken_in_period = float(began), int(in_period)
        if memory and name == self.manager.name:
            self.manager.restore(remembered)

    def _open(self) -> bool:
        terms = self.terms
        if terms.most is not None and self.taken >= terms.most:
            return False
        if terms.most_per_period is not None and self._taken_in_period >= terms.most_per_period:
            return False
        return self.taken + 1 <= terms.budget * self.arrived + terms.burst

    def _turn(self, now: float) -> None:
        """Begin a new period where the last one is over."""
        period = self.terms.period
        if period is not None and (now >= self._began + period or not self.arrived):
            self._began = now - (now - self._began) % period if self.arrived else now
            self._taken_in_period = 0
