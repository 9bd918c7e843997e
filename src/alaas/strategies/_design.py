"""Optimal design: points that together tell most, greedily forward and backward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.types import Indices

_TILE = 4096
"""Points that an update visits at a time, so that what follows their products finds them in cache."""

_ROUNDING = 1e-9
"""Gains that differ by less than this share are equal but for rounding."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Chosen points in order, and what each took off the objective when it came in, shapes (b,)."""

    indices: Indices
    gains: NDArray[np.float64]


def choose_design(
    points: NDArray[np.float64],
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
        points: one a column, shape (d, n): so every product below runs along memory. In float64, because each
            update subtracts nearly equal numbers.
        prior: positive definite, shape (d, d).
        target: T, positive semidefinite, shape (d, d).
        count: at least 1.
        surplus: at least 0, ``count`` + ``surplus`` at most n.
        rng: drawn from for ties only.
    """
    pool = _Design(points, prior, target)
    order, gains = _forward(pool, count + surplus, rng)
    few = np.ascontiguousarray(points[:, order])
    staying = _backward(_Design(few, prior + few @ few.T, target), len(order) - count, rng)
    return Chosen(indices=order[staying], gains=gains[staying])


class _Design:
    """Points, and what the objective would become with one more of them, or one less.

    By Sherman and Morrison, adding y takes b / (1 + a) off tr(M⁻¹·T), and removing it adds b / (1 - a), with
    a = yᵀM⁻¹y and b = yᵀM⁻¹TM⁻¹y. A change of rank one moves every a and b by two inner products. While M
    knows only some directions, these values are as large as the prior is weak, and what is left of them once
    it knows all is rounding; so they are computed anew after every d changes.
    """

    def __init__(
        self, points: NDArray[np.float64], information: NDArray[np.float64], target: NDArray[np.float64]
    ) -> None:
        self.points, self._information, self._target = points, information.copy(), target
        self._a, self._b = np.empty(points.shape[1]), np.empty(points.shape[1])
        self._moves = 0
        self._compute()

    def changes(self, sign: int) -> NDArray[np.float64]:
        """How much the objective falls by adding each point (1), or rises by removing it (-1)."""
        return self._b / (1.0 + sign * self._a)

    def move(self, index: int, sign: int) -> None:
        """Add a point (1) or remove it (-1)."""
        point = self.points[:, index]
        self._information += sign * np.outer(point, point)
        self._moves += 1
        if self._moves % len(point) == 0:
            self._compute()
        else:
            self._update(point, sign)

    def _compute(self) -> None:
        self._inverse = np.linalg.inv(self._information)
        for part in self._tiles():
            tile = self.points[:, part]
            bent = self._inverse @ tile
            np.einsum("ij,ij->j", tile, bent, out=self._a[part])
            np.einsum("ij,ij->j", bent, self._target @ bent, out=self._b[part])

    def _update(self, point: NDArray[np.float64], sign: int) -> None:
        bent = self._inverse @ point
        along = bent / np.sqrt(1.0 + sign * (point @ bent))  # the inverse changes by ∓ along·alongᵀ
        turned = self._target @ along
        energy, across = along @ turned, self._inverse @ turned
        self._inverse -= sign * np.outer(along, along)
        for part in self._tiles():
            tile = self.points[:, part]
            first, second = along @ tile, across @ tile
            self._b[part] += first * (energy * first - 2.0 * sign * second)
            first *= first
            self._a[part] -= sign * first

    def _tiles(self) -> list[slice]:
        return [slice(start, start + _TILE) for start in range(0, self.points.shape[1], _TILE)]


def _forward(design: _Design, count: int, rng: np.random.Generator) -> tuple[Indices, NDArray[np.float64]]:
    order: list[int] = []
    gains: list[float] = []
    while len(order) < count:
        falls = design.changes(1)
        falls[order] = -1.0
        best = float(falls.max())
        if best <= 0.0:
            break
        order.append(int(rng.choice(np.flatnonzero(falls >= best * (1.0 - _ROUNDING)))))
        gains.append(best)
        design.move(order[-1], 1)
    return np.array(order, dtype=np.int64), np.array(gains)


def _backward(design: _Design, surplus: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    staying = np.ones(design.points.shape[1], dtype=bool)
    for _ in range(surplus):
        rises = np.where(staying, design.changes(-1), np.inf)
        least = float(rises.min())
        leaving = int(rng.choice(np.flatnonzero(rises <= least * (1.0 + _ROUNDING))))
        design.move(leaving, -1)
        staying[leaving] = False
    return staying
