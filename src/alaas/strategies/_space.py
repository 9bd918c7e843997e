"""A pool seen as points with squared distances, whatever a point is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import tile_width
from alaas.types import Indices

_ROUNDING = 32 * float(np.finfo(np.float32).eps)
"""A squared distance below this share of the point's squared norm is rounding, and counts as 0."""


class Space(ABC):
    """n points in float32, whose squared distances follow from inner products and ``norms``.

    Kernels that know nothing else of the points (farthest-first, k-means++ seeding) work on vectors and on
    gradients alike.
    """

    norms: NDArray[np.float32]
    """Squared length of each point, shape (n,)."""

    def __len__(self) -> int:
        """The number of points, n."""
        return len(self.norms)

    @abstractmethod
    def take(self, indices: Indices) -> Space:
        """Gather some points in memory, in the order of ``indices``."""

    @abstractmethod
    def inner(self, part: slice, others: Space) -> NDArray[np.float32]:
        """Inner products of ``others`` with the points in ``part``, shape (len(others), width of part)."""

    def lower(
        self, nearest: NDArray[np.float32], centres: Space, scale: NDArray[np.float32] | None = None
    ) -> None:
        """Lower ``nearest``, the squared distances to the nearest centre so far, by these centres.

        With ``scale``, shape (n,), none of it negative, ``nearest`` holds squared distances times the scale.
        """
        half_norms = 0.5 * centres.norms[:, np.newaxis]
        for part in self.tiles(len(centres)):
            # The nearest centre maximises x·c - ‖c‖²/2, which needs two passes over the products, not four.
            closeness = self.inner(part, centres)
            closeness -= half_norms
            norms = self.norms[part]
            least = norms - 2.0 * closeness.max(axis=0)
            least[least < _ROUNDING * norms] = 0.0
            if scale is not None:
                least *= scale[part]
            np.minimum(nearest[part], least, out=nearest[part])

    def among(self) -> NDArray[np.float32]:
        """Squared distances of all points to each other, shape (n, n): only for a few points."""
        return self.apart(np.arange(len(self)))

    def apart(self, indices: Indices) -> NDArray[np.float32]:
        """Squared distances of some of the points to all, shape (len(indices), n)."""
        some = self.take(indices)
        distances = self.inner(slice(0, len(self)), some)
        distances *= -2.0
        distances += some.norms[:, np.newaxis]
        distances += self.norms
        distances[distances < _ROUNDING * self.norms] = 0.0
        return distances

    def tiles(self, centres: int) -> Iterator[slice]:
        """Cut the points so that the products with this many centres stay in cache."""
        width = tile_width(centres)
        for start in range(0, len(self), width):
            yield slice(start, min(start + width, len(self)))
