"""Prefilter: one strategy narrows the pool, another chooses from what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alaas.strategies._base import Strategy
from alaas.strategies._parameters import check_number
from alaas.strategies.k_center import KCenter
from alaas.strategies.margin import Margin
from alaas.types import Selection, SignalName, Signals


@dataclass(frozen=True, kw_only=True)
class Prefilter(Strategy):
    """Keep the items that one strategy puts first, and let another choose among them.

    Written ``margin >> k_center``. The first strategy picks ``factor`` items for each that is wanted, the
    second chooses from these with the same signals; scores are the second's. A cheap first makes a dear
    second possible on pools that it could not face: with a first that scores items one by one, the pool is
    read once and memory is that of the second on factor·B items.

    Args:
        first: narrows the pool.
        then: chooses.
        factor: how many items the first keeps for each pick, at least 1.

    Cost: first on n items, then on factor·B.
    When: uncertain items in a batch without near-duplicates; a dear strategy on a large pool.
    """

    family = "combination"

    first: Strategy = Margin()
    then: Strategy = KCenter()
    factor: float = 10.0

    def __post_init__(self) -> None:
        """Refuse a factor that leaves too few."""
        check_number("factor", self.factor, least=1.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What either needs."""
        return self.first.needs | self.then.needs

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What either uses."""
        return (self.first.accepts | self.then.accepts) - self.needs

    @property
    def exhaustive(self) -> bool:
        """Only if both are."""
        return self.first.exhaustive and self.then.exhaustive

    def infix(self) -> str | None:
        """``first >> then``, if the factor is the usual one."""
        if self.factor != type(self).factor:
            return None
        right = f"({self.then})" if isinstance(self.then, Prefilter) else str(self.then)
        return f"{self.first} >> {right}"

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Narrow, then choose."""
        kept = min(len(signals), math.ceil(self.factor * budget))
        if kept == len(signals):
            return self.then.choose(signals, budget, rng)
        few = np.sort(self.first.choose(signals, kept, rng).indices)
        found = self.then.choose(signals.take(few), min(budget, len(few)), rng)
        return Selection(indices=few[found.indices], scores=found.scores)
