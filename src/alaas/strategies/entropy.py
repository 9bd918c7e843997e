"""Entropy: the items whose class is least known over all classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies import _compiled
from alaas.strategies._checks import SUM_TOLERANCE
from alaas.strategies._scores import Quick, UncertaintyStrategy
from alaas.types import Floats

_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, kw_only=True)
class Entropy(UncertaintyStrategy):
    """Pick the items whose class distribution has the highest entropy.

    Needs probs, shape (n, C). The score is -Σ p·ln p in nats, from 0 (certain) to ln C; p = 0 counts 0.

    Cost: O(n·C) time, O(n) memory, streamed.
    When: several classes remain likely at once; with many classes prefer margin.

    Reference: Shannon, 1948, https://doi.org/10.1002/j.1538-7305.1948.tb01338.x; Settles, 2009,
    https://minds.wisconsin.edu/handle/1793/60660
    """

    family = "uncertainty"

    def uncertainty(self, probs: Floats) -> NDArray[np.float64]:
        """-Σ p·ln p, in float64: float32 would reorder items that differ by less than 1e-7."""
        probabilities = np.maximum(probs, 0.0, dtype=np.float64)
        # ln of the smallest positive number is finite, so that p = 0 gives 0 · finite = 0 without a mask.
        logarithms = np.maximum(probabilities, _TINY)
        np.log(logarithms, out=logarithms)
        total: NDArray[np.float64] = np.einsum("ij,ij->i", probabilities, logarithms)
        return np.maximum(0.0, -total)

    def quick(self, probs: Floats) -> Quick | None:
        """A short polynomial in place of the logarithm finds the few rows whose exact entropy matters."""
        return Quick(score=_quick, error=_compiled.ENTROPY_ERROR) if _compiled.worth(probs) else None


def _quick(rows: Floats, _bar: float) -> NDArray[np.float64] | None:
    found = _compiled.entropy(rows, SUM_TOLERANCE)
    return found.values if found.sound else None
