"""How alike items are: kernels of their distances, by matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import tile_width
from alaas.strategies._vectors import Vectors
from alaas.types import Indices

_ROUNDING = 8 * float(np.finfo(np.float32).eps)
"""The share of its squared norms that may be rounding in a squared distance. It is taken off, so that items
that coincide are at distance 0 exactly."""

_LEAST_EXPONENT = -80.0
"""exp of less is too small for a normal number in float32, and arithmetic with such numbers crawls."""

_AT_ONCE = 1024
"""Items that meet a tile of others in one matrix product."""

_MARGIN = np.float32(1e-6)
"""What a similarity must be larger by to be larger, so that an item equal to a pick adds exactly nothing."""


class Kernel(Protocol):
    """A similarity that falls with the distance, from 1 for items that coincide to 0."""

    def of(self, squared: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn squared distances, which may be a little below 0, into similarities, in place."""


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """exp(-d²/r²) for the radius r."""

    radius: float

    def of(self, squared: NDArray[np.float32]) -> NDArray[np.float32]:
        """Exponentials."""
        squared *= np.float32(-1.0 / self.radius**2)
        np.clip(squared, _LEAST_EXPONENT, 0.0, out=squared)
        return np.exp(squared, out=squared)


@dataclass(frozen=True, kw_only=True)
class Ball:
    """1 up to the radius, 0 beyond it."""

    radius: float

    def of(self, squared: NDArray[np.float32]) -> NDArray[np.float32]:
        """Comparisons."""
        return np.less_equal(squared, np.float32(self.radius**2), out=squared)


def similarities(kernel: Kernel, left: Vectors, right: Vectors) -> NDArray[np.float32]:
    """Similarities of each point on the left to each on the right, shape (l, r); for a tile of them."""
    return kernel.of(squared_distances(left, right))


def squared_distances(left: Vectors, right: Vectors) -> NDArray[np.float32]:
    """Squared distances, shape (l, r), by one matrix product; 0 or less for points that coincide."""
    shrink = np.float32(1.0 - _ROUNDING)
    squared = left.rows(slice(None)) @ right.rows(slice(None)).T
    squared *= -2.0
    squared += left.norms[:, np.newaxis] * shrink
    squared += right.norms * shrink
    return squared


def cut(indices: Indices, others: int) -> Iterator[Indices]:
    """Cut points into parts whose similarities to this many others stay in cache."""
    width = tile_width(others)
    for start in range(0, len(indices), width):
        yield indices[start : start + width]


def reach(kernel: Kernel, points: Vectors, centres: Vectors) -> NDArray[np.float32]:
    """Return each point's similarity to the centre most like it, shape (n,); 0 without centres."""
    found = np.zeros(len(points), dtype=np.float32)
    for start in range(0, len(centres), _AT_ONCE):
        few = centres.take(np.arange(start, min(start + _AT_ONCE, len(centres))))
        for part in cut(np.arange(len(points)), len(few)):
            best = similarities(kernel, points.take(part), few).max(axis=1)
            found[part] = np.maximum(found[part], best)
    return found


def raise_to(covered: NDArray[np.float32], similarity: NDArray[np.float32]) -> None:
    """Raise a cover, in place, to what a pick gives; a similarity of 0 raises nothing."""
    np.maximum(covered, similarity + _MARGIN * (similarity > 0.0), out=covered)
