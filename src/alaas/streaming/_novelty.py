"""How far an item is from everything that was taken before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.types import Floats

_BLOCK = 4096
"""Points that meet the lot in one matrix product."""


class Novelty:
    """The Euclidean distance to the nearest point that was taken; farther is more novel.

    It needs no labels and no learner. What is taken joins the points at once, so that of two alike items in
    one lot the second is not new any more. Before the first point, the distance from the origin does. This
    is the greedy step of k-center, taken on line.

    Args:
        embeddings: the lot's, shape (n, D).
        points: what was taken before, shape (m, D).

    Reference: Gonzalez, 1985, https://doi.org/10.1016/0304-3975(85)90224-5; Sener & Savarese, 2018,
    https://arxiv.org/abs/1708.00489
    """

    def __init__(self, embeddings: Floats, points: Floats) -> None:
        self._rows = np.asarray(embeddings, dtype=np.float64)
        self._any = len(points) > 0
        lengths = np.linalg.norm(self._rows, axis=1)
        self._distances: NDArray[np.float64] = _nearest(self._rows, points) if self._any else lengths

    def of(self, place: int) -> float:
        """The distance now."""
        return float(self._distances[place])

    def took(self, place: int) -> None:
        """The item is a point from now on."""
        fresh = _distances(self._rows, self._rows[place])
        self._distances = np.minimum(self._distances, fresh) if self._any else fresh
        self._any = True


def _nearest(rows: NDArray[np.float64], points: Floats) -> NDArray[np.float64]:
    """Each row's distance to its nearest point, shape (n,); by differences, so that equals are 0 apart."""
    nearest = np.empty(len(rows))
    for place, row in enumerate(rows):
        nearest[place] = min(
            float(_distances(np.asarray(points[start : start + _BLOCK], dtype=np.float64), row).min())
            for start in range(0, len(points), _BLOCK)
        )
    return nearest


def _distances(rows: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = rows - point
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", apart, apart)))
