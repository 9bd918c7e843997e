"""Embeddings as a space: centred, scaled, in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alaas.errors import SignalError
from alaas.strategies._blocks import blocks
from alaas.strategies._space import Space
from alaas.types import Floats, Indices

_RESIDENT_BYTES = 512 << 20
"""A memory-mapped array larger than this in float32 is not copied, but converted tile by tile, each time."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the origin lies and how long a unit is: a vector becomes (x - origin) · factor.

    Distances do not depend on the origin, but their rounding does: ‖x‖² + ‖y‖² - 2x·y cancels badly far from
    the origin. The factor is a power of two, which rounds nothing and keeps squares away from float32's ends.
    """

    origin: Floats
    factor: float

    def apply(self, rows: Floats) -> NDArray[np.float32]:
        """Move rows into the frame; a new array."""
        moved = np.subtract(rows, self.origin, dtype=self.origin.dtype)
        moved *= self.origin.dtype.type(self.factor)
        return moved.astype(np.float32, copy=False)


def frame_around(array: Floats, *others: Floats | None, centre: bool = True) -> Frame:
    """Find the frame of an array, shape (n, D), wide enough for the others too.

    Args:
        array: whose mean becomes the origin.
        others: further arrays of shape (m, D) that will be moved into the same frame.
        centre: False leaves the origin where it is, for kernels in which it has a meaning.

    Raises:
        SignalError: values are so far apart that their differences overflow.
    """
    kind = np.result_type(np.float32, *(part.dtype for part in (array, *others) if part is not None))
    anchor = array[0].astype(kind) if centre else np.zeros(array.shape[1], dtype=kind)
    total, spread = np.zeros(array.shape[1], dtype=np.float64), 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for part in (array, *others):
            for _, rows in blocks(part, 1 << 20) if part is not None and len(part) else ():
                # Means of differences from a first row are exactly 0 where all rows are equal.
                moved = np.subtract(rows, anchor, dtype=kind)
                spread = max(spread, float(moved.max()), -float(moved.min()))
                if centre and part is array:
                    total += np.ones(len(moved), dtype=kind) @ moved
    if not np.isfinite(spread) or not np.isfinite(total).all():
        raise SignalError(f"embeddings are too far apart for {kind}; scale them down")
    origin = (anchor + total / len(array)).astype(kind) if centre else anchor
    exponent = np.clip(np.frexp(spread)[1], -120, 120) if kind == np.float32 else np.frexp(spread)[1]
    return Frame(origin=origin, factor=float(np.ldexp(1.0, -int(exponent))))


class Mapping(Protocol):
    """Turns rows into vectors, each row by itself."""

    def apply(self, rows: Floats) -> NDArray[np.float32]:
        """Return the vectors of some rows, shape (b, D); a new array."""


class Vectors(Space):
    """The rows of an array of shape (n, D), each mapped to a vector, as into a frame."""

    def __init__(self, array: Floats, mapping: Mapping) -> None:
        """Take the array in; it is copied, unless it is mapped to memory and large."""
        copied = not _too_large(array)
        rows = np.empty(array.shape, dtype=np.float32) if copied else array
        self.norms = np.empty(len(array), dtype=np.float32)
        for start, block in blocks(array, 1 << 20):
            moved = mapping.apply(block)
            if copied:
                rows[start : start + len(moved)] = moved
            np.einsum("ij,ij->i", moved, moved, out=self.norms[start : start + len(moved)])
        self._array = rows
        self._mapping = None if copied else mapping

    def rows(self, part: slice | Indices) -> NDArray[np.float32]:
        """Some of the rows, shape (b, D), mapped."""
        rows = self._array[part]
        return rows if self._mapping is None else self._mapping.apply(rows)

    def take(self, indices: Indices) -> Vectors:
        """Gather rows."""
        taken = Vectors.__new__(Vectors)
        taken._array, taken._mapping, taken.norms = self.rows(indices), None, self.norms[indices]
        return taken

    def inner(self, part: slice, others: Space) -> NDArray[np.float32]:
        """One matrix product."""
        return _rows_of(others) @ self.rows(part).T


def _rows_of(space: Space) -> NDArray[np.float32]:
    if not isinstance(space, Vectors):
        raise TypeError(f"vectors have no inner product with {type(space).__name__}")
    return space.rows(slice(None))


def _too_large(array: NDArray[Any]) -> bool:
    return isinstance(array, np.memmap) and array.size * 4 > _RESIDENT_BYTES
