"""Cost-aware: what is learnt for what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.errors import SignalError
from alaas.strategies._base import Strategy
from alaas.strategies._checks import given
from alaas.strategies._combining import scored, scoring
from alaas.strategies._parameters import check_number
from alaas.strategies._ranking import top
from alaas.strategies.margin import Margin
from alaas.types import Indices, Selection, SignalName, Signals


@dataclass(frozen=True, kw_only=True)
class CostAware(Strategy):
    """Pick the items with the highest score for their cost, within a limit on the sum of costs if there is
    one.

    Written ``cost_aware(margin)``. Needs costs, shape (n,), above 0, besides what the inner strategy needs.
    Without ``limit`` it takes the B highest score / cost. With one, it goes through the items by score / cost
    and again by score alone, each time taking whatever still fits, and keeps the batch with the higher sum of
    scores: the first alone may miss one dear item that is worth all the cheap ones. Then it may give fewer
    than B items, and is within half of the best batch that any B items under the limit make, if B does not
    bind. The cheapest item is given even where it does not fit. Scores are score / cost.

    Args:
        strategy: gives the scores, which must not be negative.
        limit: the most that the batch may cost; none if left out.

    Cost: the inner score, and O(n·log n).
    When: some items take longer or cost more to label than others.

    Reference: Wolsey, 1982, https://doi.org/10.1287/moor.7.3.410; Settles, Craven & Friedland, 2008,
    https://burrsettles.com/pub/settles.nips08ws.pdf
    """

    family = "combination"

    strategy: Strategy = Margin()
    limit: float | None = None

    def __post_init__(self) -> None:
        """Refuse what gives no scores, and a limit below 0."""
        scoring(self.name, self.strategy)
        if self.limit is not None:
            check_number("limit", self.limit, least=0.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the inner strategy needs, and costs."""
        return self.strategy.needs | {"costs"}

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses."""
        return self.strategy.accepts - self.needs

    @property
    def exhaustive(self) -> bool:
        """Not under a limit."""
        return self.limit is None

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """By ratio, or the better of two greedy batches."""
        costs = given(signals.costs).astype(np.float64)
        if costs.min() <= 0.0:
            worst = int(costs.argmin())
            raise SignalError(
                f"strategy 'cost_aware' needs costs above 0, got {costs[worst]:g} for item {worst}"
            )
        scores = scored(self.name, self.strategy, signals)
        ratios = scores / costs
        if self.limit is None:
            indices = top(ratios, budget, rng)
            return Selection(indices=indices, scores=ratios[indices])
        batches = [_fitting(order, costs, budget, self.limit, rng) for order in (ratios, scores)]
        best = max(batches, key=lambda batch: float(scores[batch].sum()))
        if not len(best):
            best = top(-costs, 1, rng)
        return Selection(indices=best, scores=ratios[best])


def _fitting(
    wanted: NDArray[np.float64],
    costs: NDArray[np.float64],
    budget: int,
    limit: float,
    rng: np.random.Generator,
) -> Indices:
    """Go through the items, most wanted first, and take what still fits."""
    taken: list[int] = []
    left = limit * (1.0 + 4 * np.finfo(np.float64).eps)  # a batch that costs the limit exactly fits
    for index in top(wanted, len(wanted), rng):
        if len(taken) == budget:
            break
        if costs[index] <= left:
            taken.append(int(index))
            left -= costs[index]
    return np.array(taken, dtype=np.int64)
