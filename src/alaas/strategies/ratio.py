"""Ratio: the items whose second class is nearly as likely as the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._scores import TopTwoStrategy


@dataclass(frozen=True, kw_only=True)
class Ratio(TopTwoStrategy):
    """Pick the items whose second class is nearly as likely as the first.

    Needs probs, shape (n, C). The score is p2 / p1, from 0 (certain) to 1 (a tie); with one class the second
    is 0. Unlike margin it counts a close second among many unlikely classes.

    Cost: O(n·C) time, O(n) memory, streamed.
    When: a close race between two classes counts however unlikely both are.

    Reference: Settles, 2009, https://minds.wisconsin.edu/handle/1793/60660
    """

    family = "uncertainty"

    def of(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        """p2 / p1."""
        return np.maximum(0.0, second) / first  # p1 ≥ 1/C > 0, because rows sum to 1

    def least(self, bar: float) -> tuple[float, float]:
        """p2 ≥ bar · p1."""
        return bar, 0.0
