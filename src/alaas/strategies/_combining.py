"""What combinations of strategies share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ConfigError, StrategyError
from alaas.strategies._base import Strategy
from alaas.strategies._scores import ScoreStrategy
from alaas.types import Signals


def scoring(owner: str, strategy: Strategy) -> ScoreStrategy:
    """Return ``strategy`` if it scores items one by one.

    Raises:
        ConfigError: it does not.
    """
    if not isinstance(strategy, ScoreStrategy):
        raise ConfigError(
            f"{owner} needs a strategy that scores items one by one, such as margin or entropy; "
            f"got {strategy}"
        )
    return strategy


def scored(owner: str, strategy: Strategy, signals: Signals) -> NDArray[np.float64]:
    """Return the scores that a strategy gives, shape (n,), none of them negative.

    Raises:
        ConfigError: it does not score items one by one, or some scores are negative.
        StrategyError: it gave NaN, or another number of scores.
    """
    scores = scoring(owner, strategy).score(signals)
    if scores.shape != (len(signals),) or np.isnan(scores).any():
        raise StrategyError(
            f"strategy {strategy.name!r} gave scores of shape {scores.shape}, {len(signals)} numbers without "
            f"NaN were expected"
        )
    if scores.min() < 0.0:
        raise ConfigError(f"{owner} needs scores of at least 0, and those of {strategy} may be negative")
    return scores
