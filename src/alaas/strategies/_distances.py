"""Embeddings as points of one length or as they are, and how far apart they lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._kernels import cut, squared_distances
from alaas.strategies._vectors import Vectors, frame_around
from alaas.types import Floats

_AT_ONCE = 1024
"""Items that meet a tile of others in one matrix product."""

_DRAWN = 1000
"""Items whose distances to each other stand for those in the pool."""


class Unit:
    """Turns rows into vectors of length 1; a row of zeros stays where it is."""

    def apply(self, rows: Floats) -> NDArray[np.float32]:
        """Return the rows scaled, shape (b, D); a new array."""
        wide: Floats = rows.astype(np.float64 if rows.dtype == np.float64 else np.float32)
        # Dividing by the largest entry first keeps the squares within the type.
        largest = np.abs(wide).max(axis=1, keepdims=True)
        wide /= np.where(largest > 0.0, largest, 1.0)
        lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))[:, np.newaxis]
        wide /= np.where(lengths > 0.0, lengths, 1.0)
        return wide.astype(np.float32, copy=False)


def smallest_distance(points: Vectors) -> float:
    """Return the smallest distance between points that do not coincide; 0 if there are no two. O(n²·D)."""
    least = np.inf
    everything = np.arange(len(points))
    for start in range(0, len(points), _AT_ONCE):
        few = points.take(everything[start : start + _AT_ONCE])
        for part in cut(everything[start:], len(few)):  # the upper triangle: each pair once
            squared = squared_distances(points.take(part), few)
            least = min(least, float(squared.min(initial=np.inf, where=squared > 0.0)))
    return float(np.sqrt(least)) if np.isfinite(least) else 0.0


def median_distance(points: Vectors, rng: np.random.Generator) -> float:
    """Return the median distance between points that do not coincide, among at most 1,000 drawn at random; 0
    if there are no two.
    """
    drawn = rng.choice(len(points), min(len(points), _DRAWN), replace=False)
    few = points.take(np.sort(drawn))
    squared = squared_distances(few, few)[np.triu_indices(len(few), 1)]
    apart = squared[squared > 0.0]
    return float(np.median(np.sqrt(apart))) if len(apart) else 0.0


def in_space(
    array: Floats, labelled: Floats | None, normalise: bool
) -> tuple[Vectors, Vectors | None, float]:
    """Return the pool and what is labelled as points of one space, and the length of a unit in it.

    With ``normalise`` all vectors have length 1; otherwise they are centred and scaled, which is exact.
    """
    known = labelled if labelled is not None and len(labelled) else None
    if normalise:
        return Vectors(array, Unit()), None if known is None else Vectors(known, Unit()), 1.0
    frame = frame_around(array, known)
    return Vectors(array, frame), None if known is None else Vectors(known, frame), frame.factor
