"""Expected gradient length: the items whose label would move the learner's last layer most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._scores import ScoreStrategy
from alaas.types import Floats, Signals

_ROWS_BYTES = 1 << 20
"""A block and its copy in float64 stay in a core's own cache."""


@dataclass(frozen=True, kw_only=True)
class ExpectedGradientLength(ScoreStrategy):
    """Pick the items from whose label the learner's last layer may expect the longest gradient.

    Needs probs, shape (n, C), and embeddings, shape (n, D), which should be the last layer's input. Label c
    would send the gradient (p - e) ⊗ [h, 1] into a linear layer with bias under softmax and cross-entropy,
    where e is 1 at c and 0 elsewhere. The score is the mean of the gradients' lengths under p,
    ‖[h, 1]‖ · Σ p_c·‖p - e‖ over the classes c: 0 where the prediction is certain, larger where it is unsure
    and where the embedding is long. With embeddings of equal length it is a measure of uncertainty alone.

    Cost: O(n·(C + D)) time, O(n) memory, streamed.
    When: an item's weight in training counts as much as its uncertainty.

    Reference: Settles & Craven, 2008, https://aclanthology.org/D08-1112/
    """

    family = "learner"
    needs = frozenset({"probs", "embeddings"})
    alone = True

    def score(self, signals: Signals) -> NDArray[np.float64]:
        """The product of two lengths: a gradient is an outer product."""
        probs, embeddings = given(signals.probs), given(signals.embeddings)
        scores = np.empty(len(probs), dtype=np.float64)
        for start, rows in blocks(probs, _ROWS_BYTES):
            scores[start : start + len(rows)] = _expected_residual(rows)
        for start, rows in blocks(embeddings, _ROWS_BYTES):
            wide = rows.astype(np.float64)
            scores[start : start + len(rows)] *= np.sqrt(1.0 + np.einsum("ij,ij->i", wide, wide))
        return scores


def _expected_residual(probs: Floats) -> NDArray[np.float64]:
    """Σ p_c·‖p - e_c‖ over the classes c, shape (rows,)."""
    others = np.maximum(probs, 0.0, dtype=np.float64)
    every = np.arange(len(others)), others.argmax(axis=1)
    likeliest = others[every]
    # ‖p - e_c‖² = Σp² - 2p_c + 1 loses all digits where p_c is near 1, which only the likeliest class can be:
    # it is (1 - p_c)² + the other classes' squares.
    others[every] = 0.0
    rest = np.einsum("ij,ij->i", others, others)
    shared = 1.0 + likeliest**2 + rest
    lengths = np.sqrt(shared[:, np.newaxis] - 2.0 * others)
    mean: NDArray[np.float64] = np.einsum("ij,ij->i", others, lengths)
    mean += likeliest * np.sqrt((1.0 - likeliest) ** 2 + rest)
    return mean
