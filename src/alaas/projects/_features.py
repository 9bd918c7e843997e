"""The features of a project's items: one row an item, by its number, in a scratch file.

What is here can be computed again at any time, and mostly comes from the feature cache: the store knows each
item's digest, so a process that opens a project fetches and encodes nothing that is in the cache.
"""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.encoders import Encoder
from alaas.features._matrix import RowFile
from alaas.scratch import ScratchFolder
from alaas.types import Indices

_GATHER_BYTES = 512 << 20
"""Rows that are gathered in memory; more of them go to a file of their own."""
_BLOCK = 16384


class FeatureTable:
    """Embeddings by item number. One thread writes at a time, many read.

    Args:
        encoder: whose embeddings they are.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.ready = False
        """Whether items that have features can be handed out, because the store knows that they are sound."""
        scratch = ScratchFolder()
        self._folder = scratch.path
        self._rows = RowFile(self._folder / "embeddings", np.dtype(np.float32))
        self._present = np.zeros(0, dtype=bool)
        self._seen = 0
        self._lock = threading.Lock()
        # A reader may still hold a table that was replaced; it goes when the last one lets go of it.
        self._discard = weakref.finalize(self, _discard, self._rows, scratch)

    def __len__(self) -> int:
        """How many items have features."""
        return int(self._present.sum())

    @property
    def seen(self) -> int:
        """The first item number that has not been looked at."""
        return self._seen

    def keep(self, numbers: Sequence[int], embeddings: Sequence[NDArray[np.float32]]) -> None:
        """Write rows, each of shape (D,), for items in any order."""
        order = np.argsort(np.asarray(numbers, dtype=np.int64), kind="stable")
        ordered = [numbers[place] for place in order]
        with self._lock:
            self._rows.write(ordered, [embeddings[place] for place in order])
            self._grow(max(numbers, default=-1) + 1)
            self._present[ordered] = True

    def look_up_to(self, count: int) -> None:
        """Say that every item below ``count`` has been looked at."""
        with self._lock:
            self._grow(count)
            self._seen = max(self._seen, count)

    def has(self, numbers: Indices) -> NDArray[np.bool_]:
        """Which of these items have features, shape (n,)."""
        present = self._present
        known = numbers < len(present)
        found = np.zeros(len(numbers), dtype=bool)
        found[known] = present[numbers[known]]
        return found

    def take(self, numbers: Indices) -> NDArray[np.float32]:
        """The embeddings of items that have them, shape (n, D); memory-mapped where they are many."""
        with self._lock:
            table = self._rows.map(len(self._present))
        if table is None or not len(numbers):
            return np.zeros((0, 0 if table is None else table.shape[1]), dtype=np.float32)
        if len(numbers) == len(table) and numbers[0] == 0 and numbers[-1] == len(table) - 1:
            return table
        if len(numbers) * table.shape[1] * 4 <= _GATHER_BYTES:
            return np.asarray(table[numbers])
        return self._gathered(table, numbers)

    def blocks(self, numbers: Indices) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """The embeddings block by block, for who looks at each once."""
        for start in range(0, len(numbers), _BLOCK):
            part = slice(start, min(start + _BLOCK, len(numbers)))
            yield part, self.take(numbers[part])

    def close(self) -> None:
        """Delete the files; maps of them stay valid."""
        self._discard()

    def _grow(self, count: int) -> None:
        if count > len(self._present):
            grown = np.zeros(count, dtype=bool)
            grown[: len(self._present)] = self._present
            self._present = grown

    def _gathered(self, table: NDArray[Any], numbers: Indices) -> NDArray[np.float32]:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="gathered-") as file:
            shape = (len(numbers), table.shape[1])
            gathered = np.memmap(file.name, dtype=np.float32, mode="w+", shape=shape)
        for start in range(0, len(numbers), _BLOCK):
            gathered[start : start + _BLOCK] = table[numbers[start : start + _BLOCK]]
        return gathered


def _discard(rows: RowFile, scratch: ScratchFolder) -> None:
    rows.close()
    scratch.close()
