"""What items that are not in the project are worth, by what it has learned so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.budgets import Gate
from alaas.config import Config
from alaas.errors import UsageError
from alaas.learners import Fitted
from alaas.projects._choosing import check_strategy, least_sure
from alaas.projects._features import FeatureTable
from alaas.projects._knowledge import Known
from alaas.stores import Store
from alaas.strategies import ScoreStrategy, build, check_alone, utilities
from alaas.streaming import Drawn, Given, Novelty, Worth
from alaas.types import Floats, Signals

_MEMBERS = 10


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """Scores a lot by the stream's strategy, or without a learner by the warm-up's utility.

    Attributes: table: features of what the project holds. known: the learner, None before it has learned.
    """

    config: Config
    store: Store
    table: FeatureTable
    known: Known | None

    @property
    def name(self) -> str:
        """What the utilities are; two streams of numbers with different names cannot be compared."""
        stream = self.config.stream
        return stream.warm_up if self.known is None else str(stream_strategy(self.config))

    def worth(self, embeddings: Sequence[NDArray[np.float32]], gate: Gate) -> Worth:
        """The utilities of items with these embeddings, each of shape (D,)."""
        if not embeddings:
            return Given(np.zeros(0))
        rows = np.stack(embeddings)
        if self.known is not None:
            return Given(self._by_strategy(self.known.fitted, rows))
        if self.config.stream.warm_up == "random":
            return Drawn(self.config.seed, gate)
        return Novelty(rows, self._covered())

    def _covered(self) -> Floats:
        """Embeddings of what was taken from the stream and of what has a label, as far as they are here."""
        name = self.config.name
        numbers = {row.number for row in self.store.streams.taken(name)}
        numbers.update(one.number for one in self.store.decided(name))
        ordered = np.array(sorted(numbers), dtype=np.int64)
        return self.table.take(ordered[self.table.has(ordered)])

    def _by_strategy(self, fitted: Fitted, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        strategy = stream_strategy(self.config)
        used = strategy.needs | strategy.accepts
        # Row by row: in a matrix product of many rows the last digits depend on how many they are, and a lot
        # has to come out as its items one by one would.
        parts = [row[np.newaxis] for row in rows]
        return utilities(
            strategy,
            Signals(
                probs=self._probabilities(fitted, parts) if "probs" in used else None,
                mc_probs=_members(fitted, parts, strategy.name) if "mc_probs" in strategy.needs else None,
                embeddings=rows if "embeddings" in used else None,
                weights=fitted.weights if "weights" in used else None,
                count=len(rows),
            ),
        )

    def _probabilities(self, fitted: Fitted, parts: Sequence[NDArray[np.float32]]) -> Floats:
        whole = np.concatenate([fitted.predict_proba(part) for part in parts])
        return least_sure(whole) if self.config.task.kind == "multi-label" else whole


def stream_strategy(config: Config) -> ScoreStrategy:
    """The strategy of a project's stream.

    Raises:
        UsageError: it needs a pool, or a signal that the project does not have.
    """
    strategy = build(config.stream.strategy.name, config.stream.strategy.parameters)
    check_strategy(strategy, config.task.kind)
    return check_alone(strategy)


def _members(fitted: Fitted, parts: Sequence[NDArray[np.float32]], strategy: str) -> Floats:
    said = [fitted.mc_proba(part, _MEMBERS) for part in parts]
    known = [part for part in said if part is not None]
    if len(known) < len(said):
        raise UsageError(
            f"strategy {strategy!r} needs mc_probs, but the learner has no members to disagree; use the "
            "learner linear, or another strategy for the stream"
        )
    return np.concatenate(known, axis=1)
