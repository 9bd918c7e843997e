"""Power: any score made stochastic, so that a batch is not a heap of near-duplicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._combining import scored, scoring
from alaas.strategies._parameters import check_number
from alaas.strategies._ranking import top
from alaas.strategies.margin import Margin
from alaas.types import Selection, SignalName, Signals

_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, kw_only=True)
class Power(Strategy):
    """Draw items without replacement, each with probability proportional to its score to the power of beta.

    Written ``power(margin)``. The best scores of a large pool sit in a few crowded places; drawing spreads
    the batch at no cost. Drawing B of n without replacement is taking the B largest of ln s + G/β with Gumbel
    noise G; these sums are the scores returned. An item with score 0 comes last, at random.

    Args:
        strategy: gives the scores, which must not be negative.
        beta: 0 draws uniformly, a large beta takes the best.

    Cost: the inner score, and O(n).
    When: large batches by an uncertainty; the cheapest way to diversity.

    Reference: Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron & Gal, 2023,
    https://arxiv.org/abs/2106.12059
    """

    family = "combination"

    strategy: Strategy = Margin()
    beta: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what gives no scores, and a beta below 0."""
        scoring(self.name, self.strategy)
        check_number("beta", self.beta, least=0.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """What the inner strategy needs."""
        return self.strategy.needs

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses."""
        return self.strategy.accepts

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Perturb and take the best."""
        perturbed = self._perturbed(scored(self.name, self.strategy, signals), rng)
        indices = top(perturbed, budget, rng)
        return Selection(indices=indices, scores=perturbed[indices])

    def _perturbed(self, scores: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        noise = rng.gumbel(size=len(scores))
        # The smallest positive number keeps items of score 0 finite, behind all others at any usual beta.
        return self.beta * np.log(np.maximum(scores, _TINY)) + noise
