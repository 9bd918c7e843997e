"""Gradients of a last layer as a space, without ever writing one down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._space import Space
from alaas.strategies._vectors import Vectors
from alaas.types import Floats, Indices


class Residual:
    """Turns class probabilities p into p - e, where e is one at the likeliest class and 0 elsewhere."""

    def apply(self, rows: Floats) -> NDArray[np.float32]:
        """Return the residuals of rows of shape (b, C); a new array."""
        residuals = rows.astype(np.float64 if rows.dtype == np.float64 else np.float32)
        residuals[np.arange(len(rows)), rows.argmax(axis=1)] -= 1.0
        return residuals.astype(np.float32, copy=False)


class OuterProducts(Space):
    """The points a ⊗ b of two spaces of n vectors each.

    (a ⊗ b)·(a' ⊗ b') = (a·a')(b·b'), so that distances between vectors of C·D numbers cost C + D.
    """

    def __init__(self, left: Vectors, right: Vectors) -> None:
        """Pair the points of two spaces of the same size."""
        self.left, self.right = left, right
        self.norms = left.norms * right.norms

    def take(self, indices: Indices) -> OuterProducts:
        """Gather points of both."""
        return OuterProducts(self.left.take(indices), self.right.take(indices))

    def inner(self, part: slice, others: Space) -> NDArray[np.float32]:
        """Two matrix products and their elementwise product."""
        if not isinstance(others, OuterProducts):
            raise TypeError(f"outer products have no inner product with {type(others).__name__}")
        products = self.left.inner(part, others.left)
        products *= self.right.inner(part, others.right)
        return products
