"""BAIT: a batch whose Fisher information stands for that of the whole pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._base import Strategy
from alaas.strategies._blocks import blocks
from alaas.strategies._checks import given
from alaas.strategies._design import choose_design
from alaas.strategies._parameters import check_count, check_number
from alaas.strategies._principal import Principal, principal
from alaas.strategies._ranking import the_rest
from alaas.types import Floats, Selection, Signals

_COLUMNS = 1 << 14
"""Points that are widened to float64 at a time."""


@dataclass(frozen=True, kw_only=True)
class Bait(Strategy):
    """Pick the batch after which a last layer should err least on the whole pool, by Fisher information.

    Needs probs, shape (n, C), and embeddings, shape (n, D), which should be the last layer's input. An item
    with embedding h tells a layer F = (diag p - p·pᵀ) ⊗ h·hᵀ. The batch keeps tr(M⁻¹·T) small, where T is the
    pool's mean F, and M sums the F of the batch, of what is labelled, and a ridge: more items than wanted
    come in one by one, each the one that takes most off the trace, and then those go whose absence adds
    least. Two things keep matrices of C·D rows away. The factor of the classes becomes its trace, 1 - Σp², so
    that F becomes (1 - Σp²)·h·hᵀ; with two classes that loses nothing. And h is centred, reduced to its
    principal components, scaled to a mean squared length of 1, and given a constant 1 for the bias. What is
    labelled counts by labelled_embeddings, shape (m, D), with the p of labelled_probs, shape (m, C), or
    without them as an average item of the pool. Picks come in the order in which they came in; the score is
    what the pick took off the trace then. Items that tell nothing (certain predictions) come last, at random,
    with score 0.

    Args:
        dimensions: length of the reduced h, its constant included; with D + 1 or more nothing is left out.
        regularisation: the ridge in units of T's mean eigenvalue, at least 0.001.
        oversampling: how many items come in for each that stays; 1 lets none go.

    Cost: O(n·(D² + B·d)) time, O(n·d) memory, for d = dimensions.
    When: large batches by a trained model, by what they teach its last layer together.

    Reference: Ash, Goel, Krishnamurthy & Kakade, 2021, https://arxiv.org/abs/2106.09675
    """

    family = "learner"
    needs = frozenset({"probs", "embeddings"})
    accepts = frozenset({"labelled_embeddings", "labelled_probs"})

    dimensions: int = 64
    regularisation: float = 1.0
    oversampling: float = 2.0

    def __post_init__(self) -> None:
        """Refuse parameters without a meaning; with hardly a ridge the first gains would be rounding."""
        check_count("dimensions", self.dimensions)
        check_number("regularisation", self.regularisation, least=1e-3)
        check_number("oversampling", self.oversampling, least=1.0)

    def choose(self, signals: Signals, budget: int, rng: np.random.Generator) -> Selection:
        """Reduce, then design."""
        probs, embeddings = given(signals.probs), given(signals.embeddings)
        labelled, labelled_probs = signals.labelled_embeddings, signals.labelled_probs
        n = len(probs)
        reduced = principal(embeddings, self.dimensions - 1, labelled)
        importance = _importance(probs)
        points = _points(reduced, embeddings, importance)
        target = _summed(points) / n
        prior = np.eye(len(target)) * (self.regularisation * np.trace(target) / len(target) or 1.0)
        if labelled is not None and len(labelled):
            average = np.full(len(labelled), importance.mean())
            known = average if labelled_probs is None else _importance(labelled_probs)
            prior += _summed(_points(reduced, labelled, known))
        surplus = min(n, int(self.oversampling * budget)) - budget
        found = choose_design(points, prior, target, budget, surplus, rng)
        rest = the_rest(found.indices, n, budget - len(found.indices), rng)
        return Selection(
            indices=np.concatenate([found.indices, rest]),
            scores=np.concatenate([found.gains, np.zeros(len(rest))]),
        )


def _importance(probs: Floats) -> NDArray[np.float64]:
    """1 - Σp², the trace of diag p - p·pᵀ, shape (n,)."""
    squares = np.empty(len(probs), dtype=np.float64)
    for start, rows in blocks(probs, 1 << 20):
        wide = rows.astype(np.float64)
        np.einsum("ij,ij->i", wide, wide, out=squares[start : start + len(rows)])
    return np.maximum(0.0, 1.0 - squares)


def _points(reduced: Principal, embeddings: Floats, importance: NDArray[np.float64]) -> NDArray[np.float32]:
    """√importance · (reduced h, 1), one a column, shape (d, n)."""
    points = np.ones((reduced.axes.shape[1] + 1, len(embeddings)), dtype=np.float32)
    for start, rows in blocks(embeddings):
        points[:-1, start : start + len(rows)] = reduced.apply(rows).T
    points[:-1] /= np.float32(np.sqrt(reduced.variance) or 1.0)
    points *= np.sqrt(importance).astype(np.float32)
    return points


def _summed(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Σ y·yᵀ over the columns y, shape (d, d)."""
    total = np.zeros((len(points), len(points)))
    for start in range(0, points.shape[1], _COLUMNS):
        wide = points[:, start : start + _COLUMNS].astype(np.float64)
        total += wide @ wide.T
    return total
