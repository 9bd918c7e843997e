"""The best of many scores, kept while they stream by."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from alaas.types import Indices

_FEWEST = 1 << 14
"""Candidates below which it is not worth raising the bar."""


class Best:
    """Keeps every row that may be among the ``count`` highest; offered blocks by several threads.

    All that tie with the last of them stay, so that a tie can be broken fairly at the end. O(count) memory,
    more only where more are tied.

    Args:
        count: how many are wanted.
        slack: how much too low or high a score may be, both ways together; 0 for exact scores.
    """

    def __init__(self, count: int, slack: float = 0.0) -> None:
        self._count, self._slack = count, slack
        self.bar = -np.inf
        """A score below it is not among the best any more; it only rises."""
        self._rows: list[Indices] = []
        self._scores: list[NDArray[np.float64]] = []
        self._held, self._limit = 0, max(_FEWEST, 4 * count)
        self._lock = threading.Lock()

    def offer(self, start: int, scores: NDArray[np.float64]) -> None:
        """Take in the scores of the rows from ``start`` on."""
        kept = np.flatnonzero(scores >= self.bar)
        if not kept.size:
            return
        with self._lock:
            self._rows.append(kept + start)
            self._scores.append(scores[kept])
            self._held += kept.size
            if self._held > self._limit:
                self._raise_bar()

    def rows(self) -> tuple[Indices, NDArray[np.float64]]:
        """The candidates in the order of the pool, and their scores."""
        self._raise_bar()
        order = np.argsort(self._rows[0], kind="stable")
        return self._rows[0][order], self._scores[0][order]

    def _raise_bar(self) -> None:
        rows, scores = np.concatenate(self._rows), np.concatenate(self._scores)
        if len(scores) > self._count:
            cut = len(scores) - self._count
            self.bar = float(np.partition(scores, cut)[cut]) - self._slack
            kept = scores >= self.bar
            rows, scores = rows[kept], scores[kept]
        self._rows, self._scores = [rows], [scores]
        self._held, self._limit = len(rows), max(self._limit, 2 * len(rows))
