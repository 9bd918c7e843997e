"""The labels that a batch might get, and what each would say about the members of a committee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._committee import entropies
from alaas.types import Floats, Indices

_PRODUCTS = 1 << 18
"""Multiplications in a tile: the logarithms find its results in a core's own cache, and BLAS does not divide
so few among threads, which would wait for each other longer than they work."""

_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, kw_only=True)
class Configurations:
    """Joint labels of a batch, of which only their consequences are kept.

    ``chances``, shape (M,), sums to 1. ``posterior``, shape (M, K), holds how likely each member is to be
    right after each configuration, rows summing to 1: products of probabilities vanish after some hundred
    items, their shares do not.
    """

    chances: NDArray[np.float64]
    posterior: NDArray[np.float64]

    @classmethod
    def of_nothing(cls, members: int) -> Configurations:
        """The one configuration of an empty batch: all members are equally likely."""
        return cls(chances=np.ones(1), posterior=np.full((1, members), 1.0 / members))

    def gains(self, members: Floats) -> NDArray[np.float64]:
        """Return what each item adds to the batch's information about the members, in nats, shape (m,).

        It is the item's mutual information with the members under each posterior, averaged. O(m·M·K·C) time.

        Args:
            members: what the members say of the items, shape (K, m, C), none negative.
        """
        says = members.astype(np.float64)
        columns = says.reshape(len(says), -1)
        doubts = np.zeros(columns.shape[1])
        height = max(1, _PRODUCTS // columns.size)
        for start in range(0, len(self.chances), height):
            predicted = self.posterior[start : start + height] @ columns
            logarithms = np.maximum(predicted, _TINY)
            np.log(logarithms, out=logarithms)
            logarithms *= predicted
            doubts -= self.chances[start : start + height] @ logarithms
        gains: NDArray[np.float64] = doubts.reshape(says.shape[1:]).sum(axis=1)
        gains -= self.chances @ self.posterior @ entropies(says)
        return np.maximum(0.0, gains)

    def joined(self, members: Floats, most: int, rng: np.random.Generator) -> Configurations:
        """Let an item join the batch: each configuration splits by the item's label.

        Args:
            members: what the members say of the item, shape (K, C), none negative.
            most: where more configurations than this come out, this many are drawn from their distribution.
            rng: for the draw.
        """
        joint = (self.chances[:, np.newaxis] * (self.posterior @ members)).ravel()
        kept = np.flatnonzero(joint > _TINY)
        chances = joint[kept]
        if len(kept) > most:
            kept, chances = kept[_stratified(chances, most, rng)], np.ones(most)
        earlier, labels = np.divmod(kept, members.shape[1])
        posterior = self.posterior[earlier] * members.T[labels]
        posterior /= posterior.sum(axis=1, keepdims=True)
        return Configurations(chances=chances / chances.sum(), posterior=posterior)


def _stratified(weights: NDArray[np.float64], count: int, rng: np.random.Generator) -> Indices:
    """Draw positions in proportion to positive weights, one from each of ``count`` slices of their sum."""
    # How often a position comes up is less than two off what it should be; independent draws stray further.
    cumulative = np.cumsum(weights)
    points = (np.arange(count) + rng.random(count)) * (cumulative[-1] / count)
    drawn: Indices = np.searchsorted(cumulative, points, side="right")
    return np.minimum(drawn, len(weights) - 1)  # rounding may put the last point on the sum itself
