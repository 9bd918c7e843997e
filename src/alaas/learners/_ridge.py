"""Several logistic regressions with a ridge on the same rows, which count differently in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alaas.learners._coordinates import Coordinates, Rows
from alaas.learners._descent import Problems, minimise

_EXACTLY: Final = 3e-4
"""Tolerance of the layer that predicts: its loss is a ten-millionth of a nat a label above the least."""

_ROUGHLY: Final = 1e-2
"""The same where chance decides more than that: layers that calibrate, and those of an ensemble."""

_TOGETHER: Final = 512
"""Columns of logits that are fitted together: enough for fast products, few enough for memory."""


@dataclass(frozen=True, kw_only=True)
class Ridge:
    """What is to be fitted.

    Attributes: rows: the features. targets: what the probabilities should be, shape (C, m). apart: whether
        each class stands for itself (sigmoids) or they compete (softmax). regularisation: the ridge λ.
    """

    rows: Rows
    targets: NDArray[np.float32]
    apart: bool
    regularisation: float
    max_iterations: int

    def solve(
        self, before: NDArray[np.float64] | None, folds: NDArray[np.float32], members: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Weights of ``rows.points`` for 1 + F + K layers, shape (1 + F + K, C, r).

        The first counts all rows alike and starts at ``before``, shape (C, r). ``folds`` (F, m) and
        ``members`` (K, m) say how much each row counts in the others. Members start where the first ends;
        folds start at nothing, or they would have heard of the rows that they are to be asked about.
        """
        coordinates = Coordinates.of(self.rows, self.regularisation)
        nothing = np.zeros((1, len(self.targets), coordinates.points.shape[1]), np.float32)
        start = nothing if before is None else coordinates.places(before)[None]
        first = self._descend(coordinates, np.ones_like(self.targets[:1]), start, _EXACTLY)
        others = np.concatenate([np.repeat(nothing, len(folds), 0), np.repeat(first, len(members), 0)])
        counts = np.concatenate([folds, members])
        return coordinates.weights(
            np.concatenate([first, self._descend(coordinates, counts, others, _ROUGHLY)])
        )

    def held_out(self, folds: NDArray[np.float32]) -> NDArray[np.float64]:
        """The same for ``folds`` alone, shape (F, C, r)."""
        coordinates = Coordinates.of(self.rows, self.regularisation)
        nothing = np.zeros((len(folds), len(self.targets), coordinates.points.shape[1]), np.float32)
        return coordinates.weights(self._descend(coordinates, folds, nothing, _ROUGHLY))

    def _descend(
        self,
        coordinates: Coordinates,
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
                points=coordinates.points,
                targets=np.tile(self.targets, (len(part), 1))[:, None] if self.apart else self.targets[None],
                counts=np.repeat(part, copies, axis=0),
            )
            places = start[begin : begin + size].reshape(-1, competing, start.shape[2])
            solved = minimise(problems, places, tolerance=tolerance, max_iterations=self.max_iterations)
            found[begin : begin + size] = solved.reshape(len(part), classes, -1)
        return found
