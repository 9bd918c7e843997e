"""Principal directions: embeddings in fewer dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._blocks import blocks
from alaas.strategies._vectors import Frame, frame_around
from alaas.types import Floats


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Turns rows into their coordinates along k directions, centred; in units of the frame."""

    frame: Frame
    axes: NDArray[np.float32]
    """Orthonormal columns, the direction of most variance first, shape (D, k)."""
    variance: float
    """Mean squared length of the coordinates, over the array that the directions come from."""

    def apply(self, rows: Floats) -> NDArray[np.float32]:
        """Return coordinates, shape (b, k); a new array."""
        return self.frame.apply(rows) @ self.axes


def principal(array: Floats, count: int, *others: Floats | None) -> Principal:
    """Find the ``count`` directions in which the rows vary most, all D if there are no more.

    O(n·D² + D³) time, O(D²) memory, streamed.

    Args:
        array: shape (n, D).
        count: at least 0.
        others: further arrays of shape (m, D) that will be projected too.
    """
    frame = frame_around(array, *others)
    products = np.zeros((array.shape[1], array.shape[1]), dtype=np.float64)
    for _, block in blocks(array):
        moved = frame.apply(block)
        products += moved.T @ moved
    values, vectors = np.linalg.eigh(products)
    kept = slice(None, -count - 1, -1)  # eigh sorts upwards
    return Principal(
        frame=frame,
        axes=vectors[:, kept].astype(np.float32),
        variance=float(np.maximum(values[kept], 0.0).sum() / len(array)),
    )
