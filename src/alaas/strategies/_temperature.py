"""Temperatures: class probabilities made sharper or softer until they fit what annotators answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.types import Floats

_ROWS_BYTES = 1 << 20
"""A block and its temporaries stay in a core's own cache."""

_COARSE = np.array([0.1, 0.2, 0.5, 0.8, 1.0, 2.0, 3.0, 5.0, 8.0])
"""Temperatures tried first; then four steps to either side of the best of them."""

_LEAST = 1e-30
"""The smallest probability that has a logarithm."""


def tempered(probs: Floats, temperature: float) -> NDArray[np.float64]:
    """Return p^(1/temperature) in proportion, rows summing to 1; a p below 1e-30 counts as 1e-30."""
    logits = np.log(np.maximum(probs, _LEAST, dtype=np.float64))
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits / temperature)
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def fitting_temperature(probs: Floats, answers: NDArray[np.int64]) -> float:
    """Return the temperature, from 0.1 to below 8, under which the answers are likeliest.

    Each item counts once, however many answers it has. The temperatures tried are those of cleanlab 2.9.
    O(m·(C + A)) time, O(m·A) memory, streamed.

    Args:
        probs: shape (m, C).
        answers: class numbers, -1 for none, shape (m, A); each row has at least one.
    """
    best = int(_losses(probs, answers, _COARSE).argmin())
    fine = np.empty(0)
    if best > 0:
        fine = np.linspace(_COARSE[best - 1], _COARSE[best], 4, endpoint=False)
    if best + 1 < len(_COARSE):
        fine = np.append(fine, np.linspace(_COARSE[best], _COARSE[best + 1], 5))
    return float(fine[_losses(probs, answers, fine).argmin()])


def _losses(
    probs: Floats, answers: NDArray[np.int64], temperatures: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The sum over items of the mean cross-entropy of their answers, at each temperature."""
    totals = np.zeros(len(temperatures))
    for start, rows in blocks(probs, _ROWS_BYTES):
        said = answers[start : start + len(rows)]
        shares = (said >= 0) / (said >= 0).sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            logits = np.log(np.maximum(rows, 0.0, dtype=np.float64))
        logits -= logits.max(axis=1, keepdims=True)
        own = np.take_along_axis(logits, np.maximum(said, 0), axis=1)
        for place, temperature in enumerate(temperatures):
            totals[place] -= _likelihood(own / temperature, logits / temperature, shares)
    return totals


def _likelihood(own: NDArray[Any], logits: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    sums = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return float((shares * np.maximum(own - sums, np.log(_LEAST))).sum())
