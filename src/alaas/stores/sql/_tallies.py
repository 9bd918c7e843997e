"""How many items of a project are in which state, kept up to date so that nobody has to count them."""

from __future__ import annotations

import json
import typing
from dataclasses import dataclass
from fractions import Fraction

from alaas.stores._words import ItemRole, ItemState

STATES: tuple[ItemState, ...] = typing.get_args(ItemState)
SPENT: frozenset[ItemState] = frozenset({"labelled", "partial", "conflict"})
"""What counts against the budget without being held."""


@dataclass(kw_only=True, slots=True)
class Tallies:
    """The states of the pool's items, the number of validation items, and what labelled items cost.

    Costs are added up as fractions: a sum of floats that grows and shrinks for years would drift.
    """

    states: dict[ItemState, int]
    validation: int = 0
    cost: Fraction = Fraction(0)

    @classmethod
    def none(cls) -> Tallies:
        """Those of an empty project."""
        return cls(states=dict.fromkeys(STATES, 0))

    @classmethod
    def read(cls, text: str) -> Tallies:
        """What ``written`` gave."""
        states, validation, cost = json.loads(text)
        return cls(states=dict(zip(STATES, states, strict=True)), validation=validation, cost=Fraction(cost))

    def written(self) -> str:
        """As JSON: the numbers in the order of ``STATES``, the validation items, the cost."""
        return json.dumps([[self.states[state] for state in STATES], self.validation, str(self.cost)])

    @property
    def spent(self) -> int:
        """Items that count against the budget without being held."""
        return sum(self.states[state] for state in SPENT)

    def arrive(self, role: ItemRole) -> None:
        """Count a new item."""
        if role == "validation":
            self.validation += 1
        else:
            self.states["new"] += 1

    def move(self, role: ItemRole, before: ItemState, after: ItemState, cost: float) -> None:
        """Count an item that changed its state."""
        if role == "validation" or before == after:
            return
        self.states[before] -= 1
        self.states[after] += 1
        if "labelled" in (before, after):
            self.cost += Fraction(cost) if after == "labelled" else -Fraction(cost)
