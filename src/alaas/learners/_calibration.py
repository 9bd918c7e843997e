"""From logits of items that a layer has not seen to how much its logits should be stretched."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_TEMPERATURE_SPREAD: Final = 1.0
"""Standard deviation of log(slope) that is believed before anything is seen: few labels change little."""

_PLATT_SPREAD: Final = 1.0
"""The same of a slope around 1 and of an offset around 0."""

_LEAST_SLOPE: Final = 0.05
_STEPS: Final = 50
_SETTLED: Final = 1e-6


def temperature_slope(logits: NDArray[np.floating], targets: NDArray[np.int64]) -> float:
    """The slope s > 0, one over the temperature, under which softmax(s·logits) fits ``targets`` best.

    Args:
        logits: shape (m, C), of items left out when the layer was fitted. targets: class numbers, shape (m,).

    Reference: Guo, Pleiss, Sun & Weinberger, 2017, https://arxiv.org/abs/1706.04599
    """
    from scipy.optimize import minimize_scalar

    centred = logits - logits.max(axis=1, keepdims=True)
    own = np.take_along_axis(centred, targets[:, None], axis=1).sum()

    def loss(log_slope: float) -> float:
        slope = np.exp(log_slope)
        sums = np.log(np.exp(slope * centred).sum(axis=1, dtype=np.float64)).sum()
        return float(sums - slope * own + 0.5 * (log_slope / _TEMPERATURE_SPREAD) ** 2)

    return float(np.exp(minimize_scalar(loss, bounds=(-4.0, 4.0), method="bounded").x))


def platt(
    logits: NDArray[np.floating], targets: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and offset of each class, shape (C,) each, so that sigmoid(slope·logit + offset) fits best.

    Newton's method for all classes at once; targets are drawn a little towards the middle, as Platt does.

    Args:
        logits: shape (m, C), of items left out when the layer was fitted. targets: shape (m, C).

    Reference: Platt, 1999, Probabilistic outputs for support vector machines.
    """
    wanted = softened(targets)
    values = logits.astype(np.float64)
    slope, offset = np.ones(values.shape[1]), np.zeros(values.shape[1])
    precision = _PLATT_SPREAD**-2
    for _ in range(_STEPS):
        probability = 0.5 + 0.5 * np.tanh(0.5 * (values * slope + offset))
        residual, curve = probability - wanted, probability * (1 - probability)
        down = (residual * values).sum(axis=0) + precision * (slope - 1)
        aside = residual.sum(axis=0) + precision * offset
        # A slope that would fall below the least stays there, and the offset moves alone.
        free = (slope > _LEAST_SLOPE) | (down < 0)
        first = (curve * values**2).sum(axis=0) + precision
        both, second = (curve * values).sum(axis=0) * free, curve.sum(axis=0) + precision
        scale = first * second - both**2
        turn, shift = (second * down - both * aside) / scale * free, (first * aside - both * down) / scale
        slope = np.maximum(slope - np.clip(turn, -1, 1), _LEAST_SLOPE)
        offset = offset - np.clip(shift, -2, 2)
        if max(np.abs(turn).max(), np.abs(shift).max()) < _SETTLED:
            break
    return slope, offset


def softened(targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Targets as Platt's: (N₊ + 1) / (N₊ + 2) for items that have a class, 1 / (N₋ + 2) for others."""
    having = targets.sum(axis=0)
    without = len(targets) - having
    return np.asarray(np.where(targets, (having + 1) / (having + 2), 1 / (without + 2)))
