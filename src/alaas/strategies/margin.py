"""Margin: the items between two classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._scores import TopTwoStrategy


@dataclass(frozen=True, kw_only=True)
class Margin(TopTwoStrategy):
    """Pick the items whose two most likely classes are closest in probability.

    Needs probs, shape (n, C). The score is 1 - (p1 - p2), from 0 (certain) to 1 (a tie); with one class the
    second is 0.

    Cost: O(n·C) time, O(n) memory, streamed.
    When: the model knows your classes: a solid default, hard to beat across data sets.

    Reference: Scheffer, Decomain & Wrobel, 2001, https://doi.org/10.1007/3-540-44816-0_31
    """

    family = "uncertainty"

    def of(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        """1 - (p1 - p2)."""
        return 1.0 - (first - second)

    def least(self, bar: float) -> tuple[float, float]:
        """p2 ≥ p1 - (1 - bar)."""
        return 1.0, bar - 1.0
