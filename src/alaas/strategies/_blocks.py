"""Walking over arrays that may be larger than memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES = 8 << 20
"""Large enough that Python's overhead vanishes, small enough to stay near the last-level cache."""

_TILE = 1 << 20
"""Entries of a matrix between some points and others: 4 MiB of float32 stay in cache for what comes next."""

_NARROWEST, _WIDEST = 128, 1 << 15
"""Points of a tile. Against a few others a wider one would bring a good part of a file to float32 at once."""


def tile_width(others: int) -> int:
    """How many points to bring together with this many others, in one matrix product."""
    return min(_WIDEST, max(_NARROWEST, _TILE // max(1, others)))


def blocks(array: NDArray[Any], block_bytes: int = BLOCK_BYTES) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield ``(first row, rows)`` over the first axis, in order, without copying.

    Pages of a memory-mapped array are given back to the system after each block, so that a pass over a file
    of any size stays flat in resident memory.
    """
    row_bytes = max(1, array.nbytes // max(1, len(array)))
    rows = max(1, block_bytes // row_bytes)
    shared = isinstance(array, np.memmap) and array.mode != "c"  # a private mapping would lose its changes
    mapping = getattr(array, "_mmap", None) if shared else None
    for start in range(0, len(array), rows):
        yield start, array[start : start + rows]
        if isinstance(mapping, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            # Only drops pages from this process's mapping: a shared file mapping keeps the data in the file.
            mapping.madvise(mmap.MADV_DONTNEED)
