"""Contrastive: the items that the model judges unlike their labelled neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._nearest import nearest
from alaas.strategies._parameters import check_count
from alaas.strategies._scores import ScoreStrategy
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Floats, Signals

_LEAST = 1e-7
"""Below this a probability is rounding; it bounds the divergence, which is infinite where one is 0."""

_ROWS_BYTES = 1 << 18
"""The labelled neighbours of a block take ``neighbours`` times its room."""


@dataclass(frozen=True, kw_only=True)
class Contrastive(ScoreStrategy):
    """Pick the items whose class probabilities differ most from those of their nearest labelled items.

    Needs probs, shape (n, C), embeddings, shape (n, D), labelled_embeddings, shape (m, D), and
    labelled_probs, shape (m, C). The score is the mean of KL(p' ‖ p) in nats over the nearest labelled items,
    where p are the item's probabilities and p' those of the labelled one, which need not agree with its
    label. Both are raised to at least 1e-7 and each row divided by its sum, so that a score is finite, at
    most 16.2. With fewer labelled items than ``neighbours`` all of them count; with none every score is 0,
    and the choice random. Distances are Euclidean; the paper scales embeddings to length 1 first.

    Args:
        neighbours: how many labelled items an item is compared with.

    Cost: O(n·m·D) time in matrix products, O((n + m)·D) memory.
    When: a trained model should not judge neighbours differently; small batches, or power(contrastive).

    Reference: Margatina, Vernikos, Barrault & Aletras, 2021, https://arxiv.org/abs/2109.03764
    """

    family = "hybrid"
    needs = frozenset({"probs", "embeddings", "labelled_embeddings", "labelled_probs"})

    neighbours: int = 10

    def __post_init__(self) -> None:
        """Refuse a number of neighbours that is none."""
        check_count("neighbours", self.neighbours)

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """Mean divergence of the nearest labelled items' predictions from the item's own."""
        probs, embeddings = given(signals.probs), given(signals.embeddings)
        labelled, count = given(signals.labelled_embeddings), len(given(signals.labelled_probs))
        scores = np.zeros(len(probs))
        if count == 0:
            return scores
        frame = frame_around(embeddings, labelled)
        found = nearest(Vectors(embeddings, frame), Vectors(labelled, frame), min(self.neighbours, count))
        known = _positive(given(signals.labelled_probs))
        negative_entropy = (known * np.log(known)).sum(axis=1)
        for start, rows in blocks(probs, _ROWS_BYTES):
            part = slice(start, start + len(rows))
            near = found.indices[part]
            # The mean of Σ p'·(ln p' - ln p): only the mean of the p' meets ln p.
            crossed = (known[near].mean(axis=1) * np.log(_positive(rows))).sum(axis=1)
            scores[part] = negative_entropy[near].mean(axis=1) - crossed
        return np.maximum(scores, 0.0)  # rounding where all agree


def _positive(rows: Floats) -> NDArray[np.float64]:
    """Probabilities above 0 whose rows sum to 1."""
    raised = np.maximum(rows.astype(np.float64), _LEAST)
    raised /= raised.sum(axis=1, keepdims=True)
    return raised
