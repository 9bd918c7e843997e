"""Least confidence: the items whose best class is least likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._scores import TopTwoStrategy, largest
from alaas.types import Floats


@dataclass(frozen=True, kw_only=True)
class LeastConfidence(TopTwoStrategy):
    """Pick the items whose most likely class has the lowest probability.

    Needs probs, shape (n, C). The score is 1 - max p, from 0 (certain) to 1 - 1/C.

    Cost: O(n·C) time, O(n) memory, streamed.
    When: the model knows your classes, and its best guess is what counts.

    Reference: Lewis & Gale, 1994, https://arxiv.org/abs/cmp-lg/9407020
    """

    family = "uncertainty"

    def of(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ARG002
        """1 - max p."""
        return 1.0 - first

    def least(self, bar: float) -> tuple[float, float]:  # noqa: ARG002
        """The second never matters: it is not above 1."""
        return 0.0, 2.0

    def uncertainty(self, probs: Floats) -> NDArray[np.float64]:
        """Without looking for the second."""
        return 1.0 - largest(probs)
