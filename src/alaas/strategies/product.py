"""Product: items that are good by several objectives at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ConfigError, StrategyError
from alaas.strategies._base import Strategy
from alaas.strategies._parameters import check_number
from alaas.strategies._ranking import select_top
from alaas.strategies._scores import ScoreStrategy
from alaas.strategies.k_center import KCenter
from alaas.strategies.margin import Margin
from alaas.types import Selection, SignalName, Signals


@dataclass(frozen=True, kw_only=True)
class Product(Strategy):
    """Pick, one after another, the item whose weighted product of objectives is largest.

    Written ``margin * k_center`` or ``entropy * k_center ** 0.5``. An objective is a strategy that scores
    items one by one, or ``k_center``, whose objective is the distance to the nearest labelled or picked item
    and so changes with every pick. The product of objectives, each raised to its weight, needs no common
    scale: a weight of 2 counts an objective twice, one of 0 not at all. Scores are the products. With
    ``k_center`` the picks are those of plain greedy, found with few passes over the pool; an item at distance
    0, or with another objective of 0, comes last.

    Args:
        strategies: the objectives; k_center at most once.
        weights: one exponent for each, at least 0.

    Cost: the scores', and k_center's if it is there.
    When: one batch has to weigh uncertainty, diversity and cost against each other.

    Reference: the combination of objectives by weighted products follows the selection of LightlyOne,
    https://docs.lightly.ai/docs/customize-a-selection
    """

    family = "combination"

    strategies: tuple[Strategy, ...] = (Margin(), KCenter())
    weights: tuple[float, ...] = (1.0, 1.0)

    def __post_init__(self) -> None:
        """Refuse what has no objective, and weights that do not fit."""
        if len(self.strategies) != len(self.weights) or not self.strategies:
            raise ConfigError(
                f"product got {len(self.strategies)} strategies and {len(self.weights)} weights; give one "
                "weight for each strategy"
            )
        for weight in self.weights:
            check_number("a weight", weight, least=0.0)
        for part in self.strategies:
            if not isinstance(part, (ScoreStrategy, KCenter)):
                raise ConfigError(
                    f"product cannot use {part}, which gives items no score of their own; use strategies "
                    f"such as margin, and k_center"
                )
        if sum(isinstance(part, KCenter) for part in self.strategies) > 1:
            raise ConfigError("product takes k_center once; raise it to a power instead")

    @property
    def needs(self) -> frozenset[SignalName]:
        """What any of them needs."""
        return frozenset().union(*(part.needs for part in self.strategies))

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What any of them uses."""
        return frozenset().union(*(part.accepts for part in self.strategies)) - self.needs

    @classmethod
    def of(cls, strategy: Strategy) -> Product:
        """A strategy as a product of one; a product as it is."""
        return strategy if isinstance(strategy, Product) else cls(strategies=(strategy,), weights=(1.0,))

    def times(self, other: Product) -> Product:
        """The objectives of both."""
        return Product(
            strategies=(*self.strategies, *other.strategies), weights=(*self.weights, *other.weights)
        )

    def raised(self, weight: float) -> Product:
        """Every objective to a further power."""
        return Product(strategies=self.strategies, weights=tuple(weight * own for own in self.weights))

    def infix(self) -> str:
        """``a * b ** 0.5``."""
        return " * ".join(
            f"{part}" if weight == 1.0 and len(self.strategies) > 1 else f"{part} ** {weight:g}"
            for part, weight in zip(self.strategies, self.weights, strict=True)
        )

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Multiply what stands still; leave what moves to the traversal."""
        fixed = np.ones(len(signals))
        moving: tuple[KCenter, float] | None = None
        for part, weight in zip(self.strategies, self.weights, strict=True):
            if weight == 0.0:
                continue
            if isinstance(part, KCenter):
                moving = (part, weight)
            else:
                fixed *= _objective(part, signals) ** weight
        if moving is None:
            return select_top(fixed, budget, rng)
        center, weight = moving
        # value = fixed · d^weight = (fixed^(1/weight) · d)^weight: a power changes no order.
        found = center.choose_weighted(signals, fixed ** (1.0 / weight), budget, rng)
        return Selection(indices=found.indices, scores=found.scores**weight)


def _objective(part: Strategy, signals: Signals) -> NDArray[np.float64]:
    if not isinstance(part, ScoreStrategy):
        raise StrategyError(f"{part} gives items no score of their own")
    scores = part.score(signals)
    if scores.min() < 0.0:
        raise ConfigError(f"product cannot use {part}: its scores may be negative")
    return scores
