"""Information density: uncertain items, unless they are outliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._combining import scored, scoring
from alaas.strategies._distances import Unit
from alaas.strategies._parameters import check_number
from alaas.strategies._scores import ScoreStrategy
from alaas.strategies.entropy import Entropy
from alaas.types import Floats, SignalName, Signals

_EMBEDDINGS: frozenset[SignalName] = frozenset({"embeddings"})


@dataclass(frozen=True, kw_only=True)
class InformationDensity(ScoreStrategy):
    """Pick the items that are uncertain and similar to the rest of the pool.

    Needs embeddings, shape (n, D), and what the inner strategy needs: probs, shape (n, C), by default. The
    score is the inner one times the item's mean cosine similarity to all items, itself included, to the power
    of beta. A mean below 0 counts 0, and so does the similarity of an embedding of zeros; with beta 0 the
    score is the inner one alone. The mean is exact: it is the cosine's product with the mean of all
    directions.

    Args:
        strategy: gives the scores, which must not be negative.
        beta: how much density counts; 0 not at all.

    Cost: the inner score, and O(n·D) time in two passes, O(n) memory, streamed.
    When: uncertainty alone keeps finding outliers.

    Reference: Settles & Craven, 2008, https://aclanthology.org/D08-1112/
    """

    family = "hybrid"

    strategy: Strategy = Entropy()
    beta: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what gives no scores, and a beta below 0."""
        scoring(self.name, self.strategy)
        check_number("beta", self.beta, least=0.0)

    @property
    def needs(self) -> frozenset[SignalName]:
        """Embeddings, and what the inner strategy needs."""
        return self.strategy.needs.union(_EMBEDDINGS)

    @property
    def accepts(self) -> frozenset[SignalName]:
        """What the inner strategy uses."""
        return self.strategy.accepts - self.needs

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Uncertainty times density."""
        density = mean_cosines(given(signals.embeddings))
        return scored(self.name, self.strategy, signals) * np.maximum(density, 0.0) ** self.beta


def mean_cosines(embeddings: Floats) -> NDArray[np.float64]:
    """Each item's mean cosine similarity to all items, shape (n,)."""
    unit = Unit()
    total = np.zeros(embeddings.shape[1])
    for _, rows in blocks(embeddings):
        total += unit.apply(rows).sum(axis=0, dtype=np.float64)
    mean = total / len(embeddings)
    cosines = np.empty(len(embeddings))
    for start, rows in blocks(embeddings):
        # A product rounds by where in the block a row is; rounded to float32, equal rows are equal again.
        exact = unit.apply(rows).astype(np.float64) @ mean
        cosines[start : start + len(rows)] = exact.astype(np.float32)
    return cosines
