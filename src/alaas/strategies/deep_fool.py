"""DeepFool: the items nearest to a boundary between two classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._scores import ScoreStrategy
from alaas.types import Floats, Signals

_ROWS_BYTES = 4 << 20
"""Enough rows for one matrix product to be worth two threads, few enough for the logits of many classes."""


@dataclass(frozen=True, kw_only=True)
class DeepFool(ScoreStrategy):
    """Pick the items that the smallest step in the space of embeddings carries into another class.

    Needs embeddings, shape (n, D), and weights, shape (C, D + 1), the linear head's rows with the bias last;
    probabilities are not needed. Under a linear head the smallest such step, which DeepFool finds by
    iteration through a whole network, is a closed form: min (z_y - z_c) / ‖w_y - w_c‖ over the classes c
    other than the predicted y, with logits z. Unlike a margin of probabilities it measures how far an item
    is from the boundary, not how steeply the classes part there. The score is 1 / (1 + distance), from 1 (on
    a boundary) down to 0. Two classes that share their weights are parted by no boundary: their distance is
    infinite, or 0 where the logits are equal too. With one class every item scores 0.

    Cost: O(n·C·D + C²·D) time in matrix products, O(n + C²) memory, streamed.
    When: margin, but with the boundary measured where the embeddings live.

    Reference: Ducoffe & Precioso, 2018, https://arxiv.org/abs/1802.09841; Moosavi-Dezfooli, Fawzi &
    Frossard, 2016, https://arxiv.org/abs/1511.04599
    """

    family = "learner"
    needs = frozenset({"embeddings", "weights"})
    alone = True

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """1 / (1 + distance to the nearest boundary)."""
        embeddings, weights = given(signals.embeddings), given(signals.weights).astype(np.float64)
        apart = _lengths_of_differences(weights[:, :-1])
        distances = np.empty(len(embeddings), dtype=np.float64)
        for start, rows in blocks(embeddings, _ROWS_BYTES):
            # In float32 an item's distance to a boundary close by would be rounding.
            logits = rows.astype(np.float64) @ weights[:, :-1].T + weights[:, -1]
            distances[start : start + len(rows)] = _nearest_boundary(logits, apart)
        return 1.0 / (1.0 + distances)


def _nearest_boundary(logits: NDArray[np.float64], apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances to the predicted class's nearest boundary, shape (rows,); ``apart`` has shape (C, C)."""
    every, likeliest = np.arange(len(logits)), logits.argmax(axis=1)
    gaps = logits[every, likeliest][:, np.newaxis] - logits
    with np.errstate(divide="ignore", invalid="ignore"):
        distances = gaps / apart[likeliest]
    distances[gaps == 0.0] = 0.0
    distances[every, likeliest] = np.inf
    return np.asarray(distances.min(axis=1), dtype=np.float64)


def _lengths_of_differences(rows: Floats) -> NDArray[np.float64]:
    """‖w_a - w_b‖ of all pairs, shape (C, C). By differences, so that equal rows are exactly 0 apart."""
    return np.array([np.linalg.norm(rows - row, axis=1) for row in rows], dtype=np.float64)
