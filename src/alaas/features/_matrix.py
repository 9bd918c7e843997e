"""A matrix on disk that grows by rows written in any order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 8 << 20


class RowFile:
    """Rows of one length and type, written with ``pwrite`` so that no page counts as resident."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._path, self._dtype = path, dtype
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._width: int | None = None

    def write(self, row: int, values: NDArray[Any]) -> None:
        """Write one row, shape (D,).

        Raises:
            ValueError: its length differs from the first row's.
        """
        if self._width is None:
            self._width = values.shape[0]
        if values.shape != (self._width,):
            raise ValueError(f"row {row} has shape {values.shape}, the rows before it ({self._width},)")
        data = np.ascontiguousarray(values, dtype=self._dtype)
        os.pwrite(self._handle, data.data, row * data.nbytes)

    def read(self, count: int, width: int) -> NDArray[Any]:
        """The first ``count`` rows in memory; rows never written are zero, and no rows if none ever was."""
        if self._width is None:
            return np.empty((0, width), dtype=self._dtype)
        os.ftruncate(self._handle, count * width * self._dtype.itemsize)
        return np.fromfile(self._path, dtype=self._dtype).reshape(count, width)

    def compact(self, rows: NDArray[np.int64]) -> NDArray[Any] | None:
        """Move ``rows`` (ascending) to the front and map them, shape (len(rows), D).

        None if nothing was written.
        """
        if self._width is None or not len(rows):
            return None
        size = self._width * self._dtype.itemsize
        if rows[-1] != len(rows) - 1:
            self._move(rows, size)
        os.ftruncate(self._handle, len(rows) * size)
        return np.memmap(self._path, dtype=self._dtype, mode="r", shape=(len(rows), self._width))

    def close(self) -> None:
        """Close the file; a map of it stays valid."""
        os.close(self._handle)

    def _move(self, rows: NDArray[np.int64], size: int) -> None:
        # Rows only ever move towards the front, so a block never overwrites one that is still to be read.
        step = max(1, _BLOCK // size)
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            first, last = int(block[0]), int(block[-1])
            data = np.frombuffer(
                os.pread(self._handle, (last - first + 1) * size, first * size), dtype=np.uint8
            )
            kept = data.reshape(-1, size)[block - first]
            os.pwrite(self._handle, np.ascontiguousarray(kept).data, start * size)
