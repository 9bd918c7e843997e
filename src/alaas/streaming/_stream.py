"""``alaas.Stream``: arrays in, decisions out, without a pool."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alaas.budgets import BudgetManager, Gate, Terms
from alaas.budgets import build as build_manager
from alaas.errors import SignalError, StoreError
from alaas.registry import fold
from alaas.strategies import Strategy, array_of, build, check_alone, utilities
from alaas.streaming._novelty import Novelty
from alaas.streaming._worth import Drawn, Given, Worth
from alaas.types import JSON, Floats, Signals

_SCORED = ("novelty", "random")
"""Utilities that are no strategies."""


class Stream:
    """Takes or leaves the items of a stream as they come, under a budget.

    Not to be used by several threads at once.

    Args:
        strategy: what an item is worth: a strategy that scores items by themselves (``margin``, ``entropy``,
            ``least_confidence``, ``bald`` …), ``novelty``, the distance to the nearest of those taken, which
            needs embeddings, or ``random``.
        budget: the share of what arrives that may be taken, above 0 and at most 1.
        manager: the budget manager's name, or one that was made with parameters of its own.
        parameters: the manager's parameters, when it is given by name.
        seed: the same seed and arrays give the same decisions.
        burst: labels by which the taken may be ahead of the share at any moment.
        most: labels in all; by default without end.
        period, most_per_period: seconds, and labels within them.

    Raises:
        UnknownNameError: no strategy or manager has that name.
        UsageError: the strategy needs a pool.
        ConfigError: the budget, or a parameter, is out of its range.

    Example:
        >>> import numpy as np, alaas
        >>> stream = alaas.Stream("margin", budget=0.5, seed=0)
        >>> stream.offer(probs=np.array([[0.9, 0.1], [0.55, 0.45]]))
        array([False,  True])
    """

    def __init__(
        self,
        strategy: str | Strategy = "margin",
        *,
        budget: float = 0.05,
        manager: str | BudgetManager = "quantile",
        parameters: Mapping[str, JSON] | None = None,
        seed: int = 0,
        burst: int = 10,
        most: int | None = None,
        period: float | None = None,
        most_per_period: int | None = None,
    ) -> None:
        terms = Terms(budget=budget, burst=burst, most=most, period=period, most_per_period=most_per_period)
        deciding = build_manager(manager, parameters) if isinstance(manager, str) else manager
        self._gate = Gate(deciding, terms, seed=seed)
        self._seed = seed
        self._worth: str | Strategy = _scored_by(strategy)
        self._points: list[NDArray[np.float64]] = []

    @property
    def arrived(self) -> int:
        """Items that were offered so far."""
        return self._gate.arrived

    @property
    def taken(self) -> int:
        """Those of them that were taken."""
        return self._gate.taken

    def offer(
        self,
        *,
        probs: ArrayLike | None = None,
        mc_probs: ArrayLike | None = None,
        embeddings: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        count: int | None = None,
        now: float = 0.0,
    ) -> NDArray[np.bool_]:
        """Decide of the next items, in their order; one after another or in lots comes out the same.

        Args:
            probs: class probabilities by the learner of now, shape (n, C).
            mc_probs: probabilities by K members or passes, shape (K, n, C).
            embeddings: shape (n, D).
            weights: the learner's linear layer with the bias as last column, shape (C, D + 1).
            count: how many items, for ``random``, which needs no array.
            now: seconds by any clock that does not go back; matters with a period only.

        Returns:
            Which to label, shape (n,).

        Raises:
            SignalError: a needed array is missing, misshapen or not finite; nothing was decided.
        """
        signals = Signals(
            probs=array_of("probs", probs),
            mc_probs=array_of("mc_probs", mc_probs),
            embeddings=array_of("embeddings", embeddings),
            weights=array_of("weights", weights),
            count=count,
        )
        worth = self._judged(signals)
        decisions = np.zeros(len(signals), dtype=bool)
        for place in range(len(signals)):
            decisions[place] = self._gate.offer(worth.of(place), now=now)
            if decisions[place]:
                worth.took(place)
        if self._worth == "novelty" and signals.embeddings is not None:
            self._points.extend(np.asarray(signals.embeddings[decisions], dtype=np.float64))
        return decisions

    def save(self) -> str:
        """All that later decisions depend on, as a JSON document."""
        return json.dumps({"gate": self._gate.state(), "points": [point.tolist() for point in self._points]})

    def restore(self, saved: str) -> None:
        """Go on from what ``save`` gave.

        Raises:
            StoreError: it cannot be read.
        """
        try:
            said = json.loads(saved)
            gate, points = said["gate"], [np.array(point, dtype=np.float64) for point in said["points"]]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"the saved stream cannot be read ({error}); expected what save gave") from error
        self._gate.restore(gate)
        self._points = points

    def _judged(self, signals: Signals) -> Worth:
        if isinstance(self._worth, Strategy):
            return Given(utilities(self._worth, signals))
        if self._worth == "random":
            return Drawn(self._seed, self._gate)
        if signals.embeddings is None:
            raise SignalError("novelty needs embeddings, shape (n, D), and got none; pass embeddings=")
        return Novelty(_checked(signals.embeddings), self._known(signals.embeddings.shape[-1]))

    def _known(self, width: int) -> Floats:
        if self._points and len(self._points[0]) != width:
            raise SignalError(
                f"got embeddings with D = {width} after some with D = {len(self._points[0])}; all must come "
                "from the same encoder"
            )
        return np.array(self._points, dtype=np.float64).reshape(len(self._points), width)


def _scored_by(strategy: str | Strategy) -> str | Strategy:
    if isinstance(strategy, str) and fold(strategy) in _SCORED:
        return fold(strategy)
    return check_alone(build(strategy) if isinstance(strategy, str) else strategy)


def _checked(embeddings: Floats) -> Floats:
    if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        raise SignalError(
            f"novelty expects finite embeddings of shape (n, D), got shape {embeddings.shape}"
            + ("" if embeddings.ndim != 2 else " with NaN or infinity")
        )
    return embeddings
