"""Randomised variable uncertainty: now and then also what the learner is sure of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alaas.budgets._checks import check_number
from alaas.budgets._estimated import VariableThreshold
from alaas.budgets._ledger import Ledger


@dataclass(kw_only=True)
class RandomisedVariableUncertainty(VariableThreshold):
    """``variable_uncertainty`` with the threshold multiplied by a draw from a normal distribution around 1.

    What the learner is sure of is taken now and then, too, so that a change that it does not know of is
    found.

    Args:
        threshold: the confidence that the first item has to be below, before the draw.
        step: the share by which the threshold moves.
        spread: the standard deviation of the draw.
        window: items over which the spending is estimated.

    Reference: Žliobaitė, Bifet, Pfahringer & Holmes, 2014, https://doi.org/10.1109/TNNLS.2012.2236570
    """

    spread: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a spread that is none."""
        super().__post_init__()
        check_number("spread", self.spread, least=0.0)

    def wants(self, utility: float, ledger: Ledger, rng: np.random.Generator) -> bool:  # noqa: ARG002
        """The confidence is below the threshold times the draw."""
        return self.follow(bool(1.0 - utility < self.reached * rng.normal(1.0, self.spread)))
