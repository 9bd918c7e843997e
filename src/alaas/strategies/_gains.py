"""What each candidate would add to the coverage of a pool: upper bounds, updated only where it matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alaas.strategies._kernels import Kernel, cut, raise_to, reach, similarities
from alaas.strategies._vectors import Vectors
from alaas.types import Indices

_SLACK = 0.25
"""What bounds may stay too large by, as a share of the best gain."""

_AWAKE = 0.8
"""Candidates whose bound is below this share of the best gain sleep through an update."""


class Gains:
    """The gains Σ w(x)·max(k(x, c) - covered(x), 0) of all candidates c.

    The sum runs over a crowd that stands for the pool, but a candidate's own term counts as it is: if an item
    of the crowd stood for many in its own gain as well, it would beat every item outside.
    """

    def __init__(
        self,
        points: Vectors,
        crowd: Indices,
        kernel: Kernel,
        weights: NDArray[np.float32],
        covered: NDArray[np.float32],
    ) -> None:
        """Compute them all.

        Args:
            points: the pool, n points.
            crowd: which of them the sum runs over, in ascending order.
            kernel: k.
            weights: w, shape (n,).
            covered: how well each point is covered already, shape (n,); every pick raises it.
        """
        n = len(points)
        self.points, self.kernel, self.weights, self.covered = points, kernel, weights, covered
        self.crowd, self.crowd_points = crowd, points.take(crowd)
        self.place = np.full(n, -1, dtype=np.int64)
        self.place[crowd] = np.arange(len(crowd))
        self.scale = (n - 1) / np.maximum(1, len(crowd) - (self.place >= 0))
        # One cover of the crowd for each update, and the update at which a candidate was awake last.
        self._levels = [covered[crowd]]
        self._seen = np.zeros(n, dtype=np.int64)
        self._others = self._added(np.arange(n), np.arange(len(crowd)), covered[crowd], np.float32(np.inf))

    def bounds(self) -> NDArray[np.float64]:
        """An upper bound on each gain, shape (n,); -inf for what is picked."""
        own: NDArray[np.float64] = self.weights * np.maximum(1.0 - self.covered, 0.0)
        return self._others + own

    def rule_out(self, picks: Indices) -> None:
        """Let these be candidates no longer."""
        self._others[picks] = -np.inf

    def pick(self, picks: Indices) -> None:
        """Cover the pool by these as well."""
        self.rule_out(picks)
        raise_to(self.covered, reach(self.kernel, self.points, self.points.take(picks)))

    def update(self, best: float, *, exactly: bool) -> None:
        """Lower the bounds of candidates that may soon be the best.

        Args:
            best: the best gain now. Items whose cover rose by little beside it are left for later.
            exactly: leave none.
        """
        now, level = self.covered[self.crowd], self._levels[-1].copy()
        slack = self.weights[self.crowd] * (now - level) * self.scale.max()
        ascending = np.argsort(slack)
        left = np.searchsorted(np.cumsum(slack[ascending]), 0.0 if exactly else _SLACK * best, side="right")
        level[ascending[left:]] = now[ascending[left:]]
        awake = np.flatnonzero(self.bounds() >= _AWAKE * best)
        for seen in np.unique(self._seen[awake]):
            before = self._levels[seen]
            rows = np.flatnonzero(before < level)
            members = awake[self._seen[awake] == seen]
            self._others[members] -= self._added(members, rows, before[rows], level[rows])
        self._seen[awake] = len(self._levels)
        self._levels.append(level)

    def _added(
        self,
        members: Indices,
        rows: Indices,
        low: NDArray[np.float32],
        high: NDArray[np.float32] | np.float32,
    ) -> NDArray[np.float64]:
        """What candidates add between two covers of these rows of the crowd, not counting themselves."""
        added = np.zeros(len(members), dtype=np.float64)
        some, weights = self.crowd_points.take(rows), self.weights[self.crowd[rows]]
        row_of = np.full(len(self.crowd) + 1, -1, dtype=np.int64)  # the last one is for place -1
        row_of[rows] = np.arange(len(rows))
        for part in cut(np.arange(len(members)), len(rows)):
            values = similarities(self.kernel, self.points.take(members[part]), some)
            values -= low
            clip(values)
            np.minimum(values, high - low, out=values)
            leave_out(values, row_of[self.place[members[part]]])
            added[part] = values @ weights
        added *= self.scale[members]
        return added


class Block:
    """A few candidates whose gains are exact, while picks among them are made."""

    def __init__(self, gains: Gains, candidates: Indices) -> None:
        """Compute how these candidates cover the crowd and each other."""
        some = gains.points.take(candidates)
        self._values = similarities(gains.kernel, some, gains.crowd_points)
        self._between = similarities(gains.kernel, some, some)
        self._crowd, self._own = gains.covered[gains.crowd], gains.covered[candidates]
        self._crowd_weights, self._weights = gains.weights[gains.crowd], gains.weights[candidates]
        self._place, self._scale = gains.place[candidates], gains.scale[candidates]
        self._better = np.empty_like(self._values)
        self._free = np.zeros(len(candidates))

    def gains(self) -> NDArray[np.float64]:
        """The gain of each candidate; -inf for what is picked."""
        np.subtract(self._values, self._crowd, out=self._better)
        clip(self._better)
        leave_out(self._better, self._place)
        now: NDArray[np.float64] = self._scale * (self._better @ self._crowd_weights)
        now += self._weights * np.maximum(1.0 - self._own, 0.0) + self._free
        return now

    def pick(self, place: int) -> None:
        """Cover the crowd and the candidates by one of them as well."""
        self._free[place] = -np.inf
        raise_to(self._crowd, self._values[place])
        raise_to(self._own, self._between[place])


def clip(values: NDArray[np.float32]) -> None:
    """Set what is below 0 to 0, in place; similarities are at most 1."""
    np.clip(values, 0.0, 1.0, out=values)  # np.maximum with one number takes three times as long


def leave_out(values: NDArray[np.float32], columns: Indices) -> None:
    """Set the given column of each row to 0, in place; -1 stands for none."""
    rows = np.flatnonzero(columns >= 0)
    values[rows, columns[rows]] = 0.0
