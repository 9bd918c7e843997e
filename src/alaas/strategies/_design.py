"""Optimal design: points that together tell most, greedily forward and backward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.types import Indices

_TILE = 4096
"""Points that an update visits at a time, so that what follows their products finds them in cache."""

_NEAR = 1e-3
"""Changes are kept in float32; those within this share of the best are computed anew in float64."""

_MOST = 4096
"""As many as that at most, drawn at random, so that a pool of equal points costs no more than any other."""

_TINY = np.float32(1e-20)
"""Divisors are positive, but for rounding: that of a point alone in its direction, which never goes."""

_ROUNDING = 1e-9
"""Changes in float64 that differ by less than this share are equal but for rounding."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Chosen points in order, and what each took off the objective when it came in, shapes (b,)."""

    indices: Indices
    gains: NDArray[np.float64]


def choose_design(
    points: NDArray[np.float32],
    prior: NDArray[np.float64],
    target: NDArray[np.float64],
    count: int,
    surplus: int,
    rng: np.random.Generator,
) -> Chosen:
    """Choose up to ``count`` points y that make tr(M⁻¹·T) small, where M = prior + Σ y·yᵀ.

    First ``count`` + ``surplus`` points come in, each the one that takes most off the objective; then those
    go whose absence adds least. Ties break at random. Fewer come back when the other points are all 0.
    O(n·d·(count + surplus)) time, O(n) memory.

    Args:
        points: one a column, shape (d, n), so that every product with them runs along memory.
        prior: positive definite, shape (d, d).
        target: T, positive semidefinite, shape (d, d).
        count: at least 1.
        surplus: at least 0, ``count`` + ``surplus`` at most n.
        rng: drawn from for ties only.
    """
    pool, order, gains = _Design(points, prior, target, 1), [], []
    for _ in range(count + surplus):
        index, gain = pool.best(rng)
        if gain <= 0.0:
            break
        pool.move(index)
        order.append(index)
        gains.append(gain)
    few = np.ascontiguousarray(points[:, order])
    wide = few.astype(np.float64)
    batch = _Design(few, prior + wide @ wide.T, target, -1)
    for _ in range(len(order) - count):
        batch.move(batch.best(rng)[0])
    return Chosen(indices=np.array(order, dtype=np.int64)[batch.open], gains=np.array(gains)[batch.open])


class _Design:
    """Points that come in (sign 1) or go (sign -1), and what each of them would do to the objective.

    By Sherman and Morrison, with a = yᵀM⁻¹y and b = yᵀM⁻¹TM⁻¹y, coming in takes b / (1 + a) off tr(M⁻¹·T),
    and going adds b / (1 - a). A change of rank one moves every b and every divisor by two inner products.
    Once these have moved far, what is left of them may be rounding, and they are computed anew.
    """

    open: NDArray[np.bool_]
    """The points that have not moved, shape (n,)."""

    def __init__(
        self,
        points: NDArray[np.float32],
        information: NDArray[np.float64],
        target: NDArray[np.float64],
        sign: int,
    ) -> None:
        self._points, self._information, self._target = points, information.copy(), target
        self._sign = sign
        self._inverse = np.linalg.inv(information)
        self._b, self._divisors = np.ones((2, points.shape[1]), dtype=np.float32)
        self._level = np.nan
        self.open = np.ones(points.shape[1], dtype=bool)

    def best(self, rng: np.random.Generator) -> tuple[int, float]:
        """The point that takes most off by coming in, or adds least by going, and how much."""
        values = self._estimates()
        if not 0.5 * self._level <= abs(values.max()) <= 2.0 * self._level:
            self._compute()
            values = self._estimates()
            self._level = abs(float(values.max()))
        most = values.max()
        near = np.flatnonzero(values >= most - _NEAR * abs(most))
        if len(near) > _MOST:
            near = rng.choice(near, _MOST, replace=False)
        b, divisors = self._measure(self._points[:, near])
        exact = self._sign * b / divisors
        tied = near[exact >= exact.max() - _ROUNDING * abs(exact.max())]
        return int(rng.choice(tied)), abs(float(exact.max()))

    def move(self, index: int) -> None:
        """Let a point come in or go."""
        point = self._points[:, index].astype(np.float64)
        bent = self._inverse @ point
        along = bent / np.sqrt(1.0 + self._sign * (point @ bent))  # the inverse changes by ∓ along·alongᵀ
        turned = self._target @ along
        across = 2.0 * self._sign * (self._inverse @ turned)
        self.open[index] = False
        self._information += self._sign * np.outer(point, point)
        self._inverse -= self._sign * np.outer(along, along)
        energy, rows = np.float32(along @ turned), np.stack([along, across]).astype(np.float32)
        for part in self._tiles():
            tile = self._points[:, part]
            first, second = rows[0] @ tile, rows[1] @ tile
            self._b[part] += first * (energy * first - second)
            first *= first
            self._divisors[part] -= first

    def _estimates(self) -> NDArray[np.float32]:
        """Falls of the objective, or rises below 0; -∞ for points that have moved."""
        values = self._sign * self._b / np.maximum(self._divisors, _TINY)
        return np.where(self.open, values, np.float32(-np.inf))

    def _compute(self) -> None:
        self._inverse = np.linalg.inv(self._information)
        for part in self._tiles():
            self._b[part], self._divisors[part] = self._measure(self._points[:, part])

    def _measure(self, tile: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        bent = self._inverse @ tile
        a = np.einsum("ij,ij->j", tile, bent)
        return np.einsum("ij,ij->j", bent, self._target @ bent), 1.0 + self._sign * a

    def _tiles(self) -> list[slice]:
        return [slice(start, start + _TILE) for start in range(0, self._points.shape[1], _TILE)]
