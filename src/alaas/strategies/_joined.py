"""Two sets of vectors as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._vectors import Vectors
from alaas.types import Indices


class Joined(Vectors):
    """The points of one set and then those of another in the same frame; neither is copied."""

    def __init__(self, first: Vectors, second: Vectors) -> None:
        """Put the second behind the first."""
        self._first, self._second = first, second
        self.norms = np.concatenate([first.norms, second.norms])

    def rows(self, part: slice | Indices) -> NDArray[np.float32]:
        """Some of the rows, shape (b, D)."""
        indices = np.arange(len(self))[part] if isinstance(part, slice) else part
        behind = indices >= len(self._first)
        if not behind.any():
            return self._first.rows(part)
        before = self._first.rows(indices[~behind])
        rows = np.empty((len(indices), before.shape[1]), dtype=np.float32)
        rows[~behind] = before
        rows[behind] = self._second.rows(indices[behind] - len(self._first))
        return rows
