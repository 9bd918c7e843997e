"""Bisection on a line: between neighbours of different kinds, then outwards from where the kinds meet."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alaas.types import Indices


class _Way(NamedTuple):
    """An unmarked place from which both kinds can be reached, by way of two consecutive marks."""

    distance: float
    """From the place to the farther of the two; half their distance if it is in the middle between them."""
    lot: float
    """Decides between equal distances."""
    left: int
    right: int
    place: int


class Line:
    """Places 0 … n - 1 in a row, some of them marked as one kind or the other.

    As a graph, each place is linked to those up to ``reach`` away, but never a mark to one of the other kind;
    so a path from one kind to the other runs over unmarked places. ``next`` follows a shortest path, and lets
    ``reach`` grow from 1 on while there is none. A path of two links goes over a place within reach of both
    kinds; if there is no such place, a shortest path lies in a shortest gap, between two consecutive marks of
    different kinds. The places nearest to both kinds are in the middle of such a gap, or the first unmarked
    ones on either side of such a pair. So these three for each pair are all that has to be kept.

    Reference: Dasarathy, Nowak & Zhu, 2015, https://proceedings.mlr.press/v40/Dasarathy15.html
    """

    def __init__(
        self, length: int, marks: Indices, kinds: NDArray[np.bool_], rng: np.random.Generator
    ) -> None:
        """Take ``marks``, distinct places in any order, each with its kind; both kinds must be there."""
        self._length, self._reach, self._rng = length, 1.0, rng
        order = np.argsort(marks)
        self._marks: list[int] = marks[order].tolist()
        self._kinds: dict[int, bool] = dict(zip(self._marks, kinds[order].tolist(), strict=True))
        self._gaps: list[_Way] = []
        self._edges: list[_Way] = []
        for left, right in zip(self._marks, self._marks[1:], strict=False):
            self._pair(left, right)

    def next(self) -> int:
        """The next place to mark: of those within reach of both kinds the nearest to both, or if there are
        none the middle of a shortest gap. Some place must be unmarked.
        """
        gap, edge = self._nearest_gap(), self._nearest_edge()
        if gap is None or (
            edge is not None and edge.distance <= self._reach and edge.distance < gap.distance
        ):
            if edge is None:
                raise ValueError("every place is marked, or all marks are of one kind")
            self._reach = max(self._reach, edge.distance)
            return edge.place
        return gap.place

    def mark(self, place: int, kind: bool) -> None:
        """Mark an unmarked place."""
        after = bisect_left(self._marks, place)
        self._marks.insert(after, place)
        self._kinds[place] = kind
        if after > 0:
            self._pair(self._marks[after - 1], place)
        if after + 1 < len(self._marks):
            self._pair(place, self._marks[after + 1])

    def _pair(self, left: int, right: int) -> None:
        """Keep the ways of two consecutive marks, if their kinds differ."""
        if self._kinds[left] == self._kinds[right]:
            return
        if right - left > 1:
            way = _Way((right - left) / 2, self._rng.random(), left, right, (left + right) // 2)
            heapq.heappush(self._gaps, way)
        self._push_edge(left, right, left)
        self._push_edge(left, right, right)

    def _push_edge(self, left: int, right: int, place: int) -> None:
        """Keep the first unmarked place after ``place``, going away from the pair."""
        step, far = (1, left) if place >= right else (-1, right)
        while place in self._kinds:
            place += step
        if 0 <= place < self._length:
            heapq.heappush(self._edges, _Way(abs(place - far), self._rng.random(), left, right, place))

    def _nearest_gap(self) -> _Way | None:
        while self._gaps and not self._consecutive(self._gaps[0]):
            heapq.heappop(self._gaps)
        return self._gaps[0] if self._gaps else None

    def _nearest_edge(self) -> _Way | None:
        while self._edges:
            way = self._edges[0]
            consecutive = self._consecutive(way)
            if consecutive and way.place not in self._kinds:
                return way
            heapq.heappop(self._edges)
            if consecutive:
                self._push_edge(way.left, way.right, way.place)
        return None

    def _consecutive(self, way: _Way) -> bool:
        return self._marks[bisect_left(self._marks, way.left) + 1] == way.right
