"""What each item is worth by itself, for who has no pool to compare it with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.errors import StrategyError, UsageError
from alaas.strategies._base import Strategy
from alaas.strategies._build import registry
from alaas.strategies._checks import check_signals
from alaas.strategies._scores import ScoreStrategy
from alaas.types import Signals


def utilities(strategy: Strategy, signals: Signals) -> NDArray[np.float64]:
    """Score each item by itself, shape (n,); larger is more worth a label.

    Raises:
        UsageError: the strategy compares the items of a pool; the message names those that do not.
        SignalError: a needed signal is missing, misshapen, empty, or holds NaN or infinity.
    """
    scores = check_alone(strategy)
    count = check_signals(strategy.name, strategy.needs, strategy.accepts, signals)
    found = scores.score(signals)
    if found.shape != (count,) or not np.isfinite(found).all():
        raise StrategyError(
            f"strategy {strategy.name!r} gave scores of shape {found.shape}, {count} finite numbers were "
            "expected"
        )
    return found


def check_alone(strategy: Strategy) -> ScoreStrategy:
    """Return the strategy if it scores an item without a pool.

    Raises:
        UsageError: it does not; the message names those that do.
    """
    if isinstance(strategy, ScoreStrategy) and strategy.alone:
        return strategy
    known = [name for name in registry.builtin_names() if _scores_alone(registry.get(name))]
    raise UsageError(
        f"strategy {str(strategy)!r} compares the items of a pool and cannot judge one that comes alone; "
        f"these can: {', '.join(known)}"
    )


def _scores_alone(cls: type[Strategy]) -> bool:
    return issubclass(cls, ScoreStrategy) and cls.alone
