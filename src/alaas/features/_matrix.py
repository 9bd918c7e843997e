"""A matrix on disk that grows by rows written in any order."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 8 << 20
_VECTORS = 1024
"""Buffers that Linux and the BSDs take in one call."""


class RowFile:
    """Rows of one length and type, written by system calls so that no page counts as resident."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._path, self._dtype = path, dtype
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._width: int | None = None

    def write(self, rows: Sequence[int], values: Sequence[NDArray[Any]]) -> None:
        """Write some rows, each of shape (D,); ``rows`` ascends. Neighbours go out in one system call.

        Raises:
            ValueError: a row's length differs from the first row's.
            OSError: the disk is full or the like.
        """
        if not rows:
            return
        if self._width is None:
            self._width = values[0].shape[0]
        size = self._width * self._dtype.itemsize
        first = 0
        for place in range(1, len(rows) + 1):
            if place < len(rows) and rows[place] == rows[place - 1] + 1 and place - first < _VECTORS:
                continue
            data = [self._checked(row, values[at]).data for at, row in enumerate(rows[first:place], first)]
            if os.pwritev(self._handle, data, rows[first] * size) != len(data) * size:
                raise OSError(errno.ENOSPC, "the disk is full", str(self._path))  # a short write says so
            first = place

    def _checked(self, row: int, values: NDArray[Any]) -> NDArray[Any]:
        if values.shape != (self._width,):
            raise ValueError(f"row {row} has shape {values.shape}, the rows before it ({self._width},)")
        return np.ascontiguousarray(values, dtype=self._dtype)

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

    def map(self, count: int) -> NDArray[Any] | None:
        """The first ``count`` rows as they are on disk, shape (count, D); None if nothing was written yet.

        Rows never written are zero. What is written later shows in the map.
        """
        if self._width is None or not count:
            return None
        size = count * self._width * self._dtype.itemsize
        if os.fstat(self._handle).st_size < size:
            os.ftruncate(self._handle, size)
        return np.memmap(self._path, dtype=self._dtype, mode="r", shape=(count, self._width))

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
