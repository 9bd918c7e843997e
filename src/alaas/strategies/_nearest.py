"""Nearest neighbours by matrix products, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._vectors import Vectors
from alaas.types import Indices

_QUERIES, _POINTS = 1024, 4096
"""Queries and points that meet in one matrix product: 16 MiB of products, which the search runs over once."""


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """For each query its neighbours, nearest first, and their squared distances, shapes (queries, k)."""

    indices: Indices
    distances: NDArray[np.float32]


def nearest(queries: Vectors, points: Vectors, count: int, *, selves: bool = False) -> Neighbours:
    """Find the ``count`` points nearest to each query. O(queries·points·D) time, O(queries·count) memory.

    Args:
        queries: m vectors.
        points: n vectors in the same frame.
        count: how many, 1 ≤ count ≤ n (n - 1 with ``selves``).
        selves: whether query i is point i, which then is not its own neighbour.
    """
    indices = np.empty((len(queries), count), dtype=np.int64)
    distances = np.empty((len(queries), count), dtype=np.float32)
    for start in range(0, len(queries), _QUERIES):
        part = slice(start, min(start + _QUERIES, len(queries)))
        found, closeness = _closest(queries.rows(part), points, count, start if selves else None)
        indices[part] = found
        distances[part] = np.maximum(queries.norms[part, np.newaxis] - 2.0 * closeness, 0.0)
    return Neighbours(indices=indices, distances=distances)


def _closest(
    rows: NDArray[np.float32], points: Vectors, count: int, first: int | None
) -> tuple[Indices, NDArray[np.float32]]:
    """The points with the largest x·p - ‖p‖²/2 for each row x, best first, tile by tile."""
    best = np.full((len(rows), 0), -np.inf, dtype=np.float32)
    where = np.empty((len(rows), 0), dtype=np.int64)
    for start in range(0, len(points), _POINTS):
        part = slice(start, min(start + _POINTS, len(points)))
        closeness = rows @ points.rows(part).T
        closeness -= 0.5 * points.norms[part]
        if first is not None:
            _leave_out_selves(closeness, first - start)
        kept = _largest(closeness, count)
        best = np.concatenate([best, np.take_along_axis(closeness, kept, axis=1)], axis=1)
        where = np.concatenate([where, kept + start], axis=1)
        kept = _largest(best, count)
        best, where = np.take_along_axis(best, kept, axis=1), np.take_along_axis(where, kept, axis=1)
    order = np.argsort(-best, axis=1, kind="stable")
    return np.take_along_axis(where, order, axis=1), np.take_along_axis(best, order, axis=1)


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Columns of the ``count`` largest values of each row, in no order; all where there are no more."""
    width = values.shape[1]
    if width <= count:
        return np.broadcast_to(np.arange(width), values.shape)
    return np.argpartition(values, width - count, axis=1)[:, width - count :]


def _leave_out_selves(closeness: NDArray[np.float32], offset: int) -> None:
    """Row i stands for column i + ``offset``."""
    rows = np.arange(max(0, -offset), min(len(closeness), closeness.shape[1] - offset))
    closeness[rows, rows + offset] = -np.inf
