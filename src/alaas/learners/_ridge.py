"""Several logistic regressions with a ridge on the same rows, which count differently in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alaas.learners._descent import Problems, minimise
from alaas.learners._rows import Rows

_EXACTLY: Final = 1e-3
"""Tolerance of the layer that predicts: measured, its loss is then within some hundred-thousandths of a nat a
label of the least.
"""

_ROUGHLY: Final = 1e-2
"""The same where chance decides more: within some ten-thousandths. Ten times less changes the temperature by
one part in a hundred, and neither the log loss on other items nor what an ensemble finds.
"""

_TOGETHER: Final = 512
"""Columns of logits that are fitted together: enough for fast products, few enough for memory."""


@dataclass(frozen=True, kw_only=True)
class Ridge:
    """What is to be fitted.

    Attributes: rows: the features. targets: what the probabilities should be, shape (C, m). apart: whether
        each class stands for itself (sigmoids) or they compete (softmax).
    """

    rows: Rows
    targets: NDArray[np.float32]
    apart: bool
    max_iterations: int

    def solve(
        self, before: NDArray[np.float64] | None, folds: NDArray[np.float32], members: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """1 + F + K layers for raw features, shape (1 + F + K, C, D + 1).

        The first counts all rows alike and starts at the layer ``before``, (C, D + 1). ``folds`` (F, m) and
        ``members`` (K, m) say how much each row counts in the others. Members start where the first ends;
        folds start at nothing, or they would have heard of the rows that they are to be asked about.
        """
        nothing = self._nothing(1)
        start = nothing if before is None else self.rows.places(before)[None]
        first = self._descend(np.ones_like(self.targets[:1]), start, _EXACTLY)
        others = np.concatenate([self._nothing(len(folds)), np.repeat(first, len(members), axis=0)])
        found = self._descend(np.concatenate([folds, members]), others, _ROUGHLY)
        return self.rows.layers(np.concatenate([first, found]))

    def solve_folds(self, folds: NDArray[np.float32]) -> NDArray[np.float64]:
        """The layers of ``folds`` alone, shape (F, C, D + 1)."""
        return self.rows.layers(self._descend(folds, self._nothing(len(folds)), _ROUGHLY))

    def _nothing(self, count: int) -> NDArray[np.float32]:
        return np.zeros((count, len(self.targets), self.rows.points.shape[1]), np.float32)

    def _descend(
        self,
        counts: NDArray[np.float32],
        start: NDArray[np.float32],
        tolerance: float,
    ) -> NDArray[np.float32]:
        """Solve in groups of a bounded size. Classes that stand for themselves are problems of their own."""
        classes = len(self.targets)
        copies, competing = (classes, 1) if self.apart else (1, classes)
        size = max(1, _TOGETHER // classes)
        found = start.copy()
        for begin in range(0, len(counts), size):
            part = counts[begin : begin + size]
            problems = Problems(
                points=self.rows.points,
                ridge=self.rows.ridge,
                targets=np.tile(self.targets, (len(part), 1))[:, None] if self.apart else self.targets[None],
                counts=np.repeat(part, copies, axis=0),
            )
            places = start[begin : begin + size].reshape(-1, competing, start.shape[2])
            solved = minimise(problems, places, tolerance=tolerance, max_iterations=self.max_iterations)
            found[begin : begin + size] = solved.reshape(len(part), classes, -1)
        return found
